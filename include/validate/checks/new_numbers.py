"""The output states a number that its source does not contain: the surest trace of an invented fact.

Numbers are compared by value: ``1,000`` is ``1000``, ``3.50 %`` is ``3.5``, ``1990s`` is ``1990``, ``5 million`` is
``5,000,000``, and ``7`` is ``seven``. Where a form has several readings (``1.000``), one that stands in the source
is enough.
"""

import re
from decimal import Decimal

import numpy as np
import pyarrow.compute as pc

from include.validate.checks.check import NONE_AT_ALL, Check
from include.validate.rows import Rows, Values

_SMALL = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_SCALES = {"hundred": 2, "thousand": 3, "million": 6, "billion": 9, "trillion": 12}
_SCALE = rf"(?:[\s-]+({'|'.join(_SCALES)})s?\b)?"
_SEPARATOR = ".,'’ \u00a0\u2009\u202f"
# Begins with one digit, not with a repeat: only so does Python's re skip quickly to where a number may start.
_NUMBER = re.compile(rf"(\d\d*(?:[.,'’]\d+|[ \u00a0\u2009\u202f]\d{{3}}(?!\d))*){_SCALE}", re.IGNORECASE)
_WORD = re.compile(rf"\b({'|'.join(_SMALL)})\b{_SCALE}", re.IGNORECASE)
_GROUPED = re.compile(rf"(\d{{1,3}}(?:([{_SEPARATOR}])\d{{3}})(?:\2\d{{3}})*)(?:(?!\2)[.,](\d+))?")
_PLAIN = re.compile(r"\d+(?:[.,]\d+)?")
# Numbering that a list or a question carries is layout, not a statement.
_LIST_MARK = re.compile(r"(?m)^[ \t]*[*_#>]*\d{1,3}[.)][*_]*(?=\s)")


def measure(rows: Rows) -> Values:
    """How many numbers of the output are not in the source."""
    new = np.zeros(len(rows))
    with_digits = pc.match_substring_regex(rows.text, r"\p{Nd}").to_numpy(zero_copy_only=False)
    for row in np.flatnonzero(with_digits):
        new[row] = count_new(rows.text[row].as_py(), rows.source[row].as_py())
    return new


def count_new(text: str, source: str) -> int:
    """Numbers of ``text`` of which no reading stands in ``source``."""
    known: set[Decimal] = set().union(*_numbers(source))
    new = [readings for readings in _numbers(_LIST_MARK.sub("", text)) if readings.isdisjoint(known)]
    if new:
        for word, scale in _WORD.findall(source):
            known |= _scaled({Decimal(_SMALL.index(word.lower()) + 1)}, scale)
    return sum(readings.isdisjoint(known) for readings in new)


def _numbers(text: str) -> list[set[Decimal]]:
    """The numbers written with digits, each with all its readings."""
    return [_scaled(readings, scale) for token, scale in _NUMBER.findall(text) for readings in _readings(token)]


def _readings(token: str) -> list[set[Decimal]]:
    parts = [Decimal(part) for part in re.findall(r"\d+", token)]
    readings = set()
    if grouped := _GROUPED.fullmatch(token):
        readings.add(Decimal(re.sub(r"\D", "", grouped[1]) + "." + (grouped[3] or "0")))
        if grouped[2].isspace():
            readings |= set(parts)  # 5 100-metre races
    if _PLAIN.fullmatch(token):
        readings.add(Decimal(token.replace(",", ".")))
    # Without a reading as one number it is a list, a date or a version (1,2,3 or 24.12.1999): several numbers.
    return [readings] if readings else [{part} for part in parts]


def _scaled(readings: set[Decimal], scale: str) -> set[Decimal]:
    """With "million" behind it, a number may be meant alone ("5 to 6 million") or as the product."""
    return readings | {number * 10 ** _SCALES[scale.lower()] for number in readings} if scale else readings


CHECK = Check("new_numbers", measure, lambda params, recipe: NONE_AT_ALL)
