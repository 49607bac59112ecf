"""Numbers in digits, with everything that each may mean."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

SCALES = {"dozen": 12, "hundred": 100, "thousand": 10**3, "lakh": 10**5, "million": 10**6, "crore": 10**7}
SCALES |= {"billion": 10**9, "trillion": 10**12}
_SHORT_SCALES = {"k": 10**3, "m": 10**6, "mn": 10**6, "bn": 10**9, "tn": 10**12}
_SPACES = " \u00a0\u2009\u202f"
# Begins with one digit, not with a repeat: only so does Python's re skip quickly to where a number may start.
_DIGITS = re.compile(
    rf"(\d(?:\d{{0,2}}(?:[{_SPACES}]\d{{3}}(?!\d))+(?:[.,]\d+)?|\d*(?:[.,'’]\d+)*))"
    rf"(?:[{_SPACES}-]?({'|'.join(SCALES)})s?\b|[{_SPACES}]?({'|'.join(_SHORT_SCALES)})\b)?",
    re.IGNORECASE,
)
_GROUPED = re.compile(rf"(\d{{1,3}}(?:([.,'’{_SPACES}])\d{{3}})(?:\2\d{{3}})*)(?:(?!\2)[.,](\d+))?")
_PLAIN = re.compile(r"\d+(?:[.,]\d+)?")


class Number(NamedTuple):
    values: frozenset[float]
    """All readings: ``1.000`` may be 1 or 1000, ``5 million`` the product or 5 alone ("5 to 6 million")."""
    start: int
    end: int
    kind: str
    """``digits``, ``cardinal``, ``ordinal`` or ``part`` (of a whole)."""


def in_digits(text: str) -> Iterator[Number]:
    """The numbers written with digits, in their order."""
    for match in _DIGITS.finditer(text):
        token, scale, letter = match.groups()
        # "5 m" may be metres: the letter stays to be read.
        end = match.end(1 if letter else 0)
        for values in _scaled(token, (scale or letter or "").lower()):
            yield Number(values, match.start(), end, "digits")


@lru_cache(maxsize=2**14)
def _scaled(token: str, scale: str) -> tuple[frozenset[float], ...]:
    factor = SCALES.get(scale) or _SHORT_SCALES.get(scale) or 1
    return tuple(
        frozenset(values | {rounded(value * factor) for value in values}) if factor > 1 else frozenset(values)
        for values in _readings(token)
    )


def _readings(token: str) -> list[set[float]]:
    if token.isdigit():
        return [{float(token)}]
    readings: set[float] = set()
    if grouped := _GROUPED.fullmatch(token):
        readings.add(float(re.sub(r"\D", "", grouped[1]) + "." + (grouped[3] or "0")))
        if grouped[2].isspace():
            readings |= {float(part) for part in re.findall(r"\d+", token)}  # 5 100-metre races
    if _PLAIN.fullmatch(token) and not (readings and "," in token):  # English writes 50,000 for 50000 alone
        readings.add(float(token.replace(",", ".")))
    # Without a reading as one number it is a list, a date or a version (1,2,3 or 24.12.1999): several numbers.
    return [readings] if readings else [{float(part)} for part in re.findall(r"\d+", token)]


def values_in_digits(text: str) -> set[frozenset[float]]:
    """The readings of every number in digits: what tells fast whether any of them needs a closer look."""
    return {values for token in _DIGITS.findall(text) for values in _scaled(token[0], (token[1] or token[2]).lower())}


def rounded(value: float) -> float:
    """Values are compared by their first six decimals."""
    return round(value, 6)
