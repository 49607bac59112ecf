"""The row checks, in the order in which they decide.

A check is one file with a ``CHECK`` and one line here. Every check is measured on every row and stored; the reason of a
rejected row is the first one that failed.
"""

from include.validate.checks import (
    contract,
    empty,
    engine_error,
    incomplete_chain,
    language,
    leftover_preamble,
    length_ratio,
    near_copy,
    new_numbers,
    repetition,
    truncated,
)
from include.validate.checks.check import Check

CHECKS: tuple[Check, ...] = (
    engine_error.CHECK,
    truncated.CHECK,
    incomplete_chain.CHECK,
    empty.CHECK,
    leftover_preamble.CHECK,
    contract.CHECK,
    language.CHECK,
    length_ratio.CHECK,
    repetition.CHECK,
    near_copy.CHECK,
    new_numbers.CHECK,
)
