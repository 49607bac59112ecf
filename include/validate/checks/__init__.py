"""The row checks, in the order in which they decide.

A check is one file with a ``CHECK`` and one line here. Every check is measured on every row and stored; the reason of a
rejected row is the first one that failed.
"""

from include.validate.checks import (
    benchmark_overlap,
    benchmark_similarity,
    contract,
    contradiction,
    empty,
    engine_error,
    incomplete_chain,
    language,
    leftover_preamble,
    length_ratio,
    near_copy,
    near_duplicate,
    new_dates,
    new_names,
    new_numbers,
    new_passage,
    new_personal_data,
    new_urls,
    obeyed_orders,
    prompt_leak,
    refusal,
    repetition,
    similarity,
    support,
    truncated,
    unfinished,
    unrelated,
)
from include.validate.checks.check import Check, Comparison

CHECKS: tuple[Check, ...] = (
    engine_error.CHECK,
    truncated.CHECK,
    incomplete_chain.CHECK,
    empty.CHECK,
    refusal.CHECK,
    prompt_leak.CHECK,
    leftover_preamble.CHECK,
    contract.CHECK,
    obeyed_orders.CHECK,
    unfinished.CHECK,
    language.CHECK,
    length_ratio.CHECK,
    repetition.CHECK,
    near_copy.CHECK,
    unrelated.CHECK,
    new_passage.CHECK,
    similarity.CHECK,
    support.CHECK,
    new_personal_data.CHECK,
    new_urls.CHECK,
    new_numbers.CHECK,
    new_dates.CHECK,
    new_names.CHECK,
    contradiction.CHECK,
    benchmark_overlap.CHECK,
    benchmark_similarity.CHECK,
)

COMPARISONS: tuple[Comparison, ...] = (near_duplicate.CHECK,)
"""What is measured after them, of the rows that passed all of them, beside each other."""
