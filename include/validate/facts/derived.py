"""What follows from the numbers of a source: ratios, times of day, percentages, rounded figures."""

import re
from collections.abc import Set
from itertools import pairwise

from include.validate.facts.dates import dates_in_digits
from include.validate.facts.new_dates import known_dates
from include.validate.facts.numerals import Number

_HEDGE = re.compile(
    r"\b(?:about|around|roughly|nearly|almost|over|under|above|below|than|approximately|some|circa|close to|up to|well|"
    r"just)[\s~$€£]*\Z|~\s?\Z",
    re.IGNORECASE,
)
_AFTERNOON = re.compile(r"p\.?m\b|afternoon|evening|night", re.IGNORECASE)
_QUARTER_HOURS = re.compile(r"\b(?:half|quarter)\s(?:past|to)\b", re.IGNORECASE)
_OUT_OF = re.compile(r"\s+(?:in|out of|of|of the|of its|of their|in every)\s+")
LARGE = 100
"""From here on the difference of two numbers is hardly ever there by chance."""
ROUNDING = 0.05
"""How far "about 3,000" may be from the figure."""
SHARE_ROUNDING = 0.05
"""How far "33 %" may be from the share in words; a small one ("0.3 %") is near 0, and is not it."""
SMALLEST = 6
"""Smaller numbers are twice, half or the difference of others by chance."""


def ratios(source: str, given: list[Number]) -> set[float]:
    """ "three in ten" as 0.3"""
    found = set()
    ordered = sorted(given, key=lambda number: number.start)
    for first, second in pairwise(ordered):
        if _OUT_OF.fullmatch(source, first.end, second.start) and max(second.values) > 0:
            found.add(round(max(first.values) / max(second.values), 6))
    return found


def reckoned(given: list[Number], known: Set[float]) -> set[float]:
    """What follows from two numbers: "twice the 200 grams", the age of who was born in 1921 and died in 1994."""
    factors = {2.0, 0.5, 3.0} & known | {part for number in given if number.kind == "part" for part in number.values}
    large = [value for value in known if value >= LARGE]
    found = {round(value * factor, 6) for value in known for factor in factors if value * factor > SMALLEST}
    return found | {first - second for first in large for second in large if first - second > SMALLEST}


def dates_of(text: str, source: str) -> set[int]:
    """Where digits of dates stand that the source has in another form."""
    found: set[int] = set()
    with_year = [dated for dated in dates_in_digits(text) if dated[1]]
    days = known_dates(source).days if with_year else set()
    for possible, _, start, end in with_year:
        if possible & days:
            found.update(range(start, end))
    return found


def is_clock(number: Number, text: str, source: str, known: Set[float]) -> bool:
    """18:30 for "half past six in the evening", 9:00 for "9 a.m."."""
    value = max(number.values)
    if text[max(0, number.start - 1) : number.start] in (":", "."):
        return value == 0 or (value in (15, 30, 45) and _QUARTER_HOURS.search(source) is not None)
    is_hour = re.match(r"[:.]\d\d|\s?(?:h\b|hours|o.clock|[ap]\.?m\b|noon)", text[number.end : number.end + 8])
    if 13 <= value <= 24 and is_hour:
        return value - 12 in known and _AFTERNOON.search(source) is not None
    return 1 <= value <= 12 and bool(is_hour or _AFTERNOON.search(text)) and value + 12 in known


def is_derived(number: Number, text: str, known: Set[float]) -> bool:
    """Half as 50 %, the 1800s for the 19th century, '98, about 3,000 for 2,987."""
    values, behind = number.values, text[number.end : number.end + 12].lower()
    if re.match(r"\s?(?:%|per\s?cent)", behind) and any(
        abs(value / 100 - other) < min(0.006, SHARE_ROUNDING * other) or (other > 1 and value == 100 - other)
        for value in values
        for other in known
    ):
        return True  # half as 50 %, the other 40 %
    if number.kind == "part" and any(abs(value * 100 - other) < 0.5 for value in values for other in known):
        return True
    if re.match(r"(?:st|nd|rd|th)?[\s-]century", behind):
        return any((value - 1) * 100 <= other < value * 100 for value in values for other in known)
    if behind.startswith("s") and any(value % 100 == 0 and value / 100 + 1 in known for value in values):
        return True  # the 1800s for "the 19th century"
    if text[max(0, number.start - 1) : number.start] in ("'", "’") and any(value + 1900 in known for value in values):
        return True  # '98
    if 0 in values and re.match(r"[-–:]\d\b", behind):
        return True  # 0-2 after the first two goals
    if 0 < max(values) <= 10 and re.search(r"[÷/]\s?\Z", text[max(0, number.start - 2) : number.start]):
        return any(round(1 / value, 6) in known for value in values)  # 240 ÷ 4 for a quarter
    hedged = _HEDGE.search(text[max(0, number.start - 16) : number.start]) is not None
    return hedged and any(
        value % 5 == 0 and abs(value - other) <= ROUNDING * other for value in values for other in known if other >= 10
    )
