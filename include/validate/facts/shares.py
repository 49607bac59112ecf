"""Shares in words: "a third", "nine tenths", "half of"."""

import re
from functools import lru_cache

from include.validate.facts.numerals import rounded
from include.validate.facts.words import SOURCES_KEPT

_PARTS = {"half": 2, "third": 3, "quarter": 4, "fifth": 5, "sixth": 6, "eighth": 8, "tenth": 10}
_ROOTS = ("hal", "third", "quarter", "fifth", "sixth", "eighth", "tenth")
_COUNTS = {"a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "seven": 7, "nine": 9}
_PLAIN = rf"\b({'|'.join(_COUNTS)})[\s-]({'|'.join(_PARTS)})s?\b"
SHARE = rf"(?i){_PLAIN}"
"""A fast look says where one may stand."""
# A quarter of an hour is a time, and "a third time" or "a third party" no share.
_SHARE = re.compile(
    rf"{_PLAIN}(?!\s(?:of\s)?(?:an?\s)?(?:hour|past|to|year|day|time|party))"
    r"(?=\s(?:of|as|less|more|fewer|the|is|are|was|were|faster|slower|cheaper|smaller|larger)\b|[,.;:!?)]|\s[a-z]+ed\b)"
)


@lru_cache(maxsize=SOURCES_KEPT)
def _shares(text: str) -> frozenset[float]:
    return frozenset(rounded(_COUNTS[count] / _PARTS[part]) for count, part in _SHARE.findall(text.lower()))


def turned_shares(text: str, source: str) -> int:
    """How many shares are new in the text while as many of the source are gone: "a quarter" for "a third"."""
    said = _shares(text) if any(part in text for part in _ROOTS) else frozenset()
    if not said:
        return 0
    given = _shares(source)
    # The rest: "two thirds stayed" for "a third left".
    new = {share for share in said - given if not any(abs(1 - share - other) < 1e-5 for other in given)}
    return min(len(new), len(given - said))
