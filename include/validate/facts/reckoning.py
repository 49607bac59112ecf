"""Calculations of a text: equations that do not come out, and what it reckons from figures of its source."""

import math
import re
from collections.abc import Collection, Iterator, Set
from itertools import product

from include.validate.facts.numerals import Number, in_digits

_FIGURE = r"[$£€]?\d[\d,]*(?:\.\d+)?"
# Nothing that belongs to the calculation before it, nor a unit between: those are left alone.
_SIGN = "[-+−–×*/÷]"
_EQUATION = re.compile(
    rf"(?<![\d+−–×*/÷%)(.,-])(?<!{_SIGN}\s)({_FIGURE})\s?({_SIGN})\s?({_FIGURE})\s?=\s?({_FIGURE})(?![\d%])"
)
_CENTS = 0.006
"""Results are rounded to the second decimal, or to as many as they have."""
_LESS = re.compile(
    r"\b(?:more|fewer|less|earlier|later|longer|shorter|higher|lower|taller|cheaper|dearer|older|younger|larger|smaller|"
    r"faster|slower|difference|apart|ahead|behind|left|remain(?:s|ed|ing)?|rest|gap|lead|after|within|aged?)\b|\bby\s\S*\Z",
    re.IGNORECASE,
)
_MORE = re.compile(r"\b(?:total|together|altogether|in all|combined|sum|overall|adds? up)\b", re.IGNORECASE)
_FOLD = re.compile(r"\b(?:times|each|twice|double[ds]?|total|together|altogether|in all)\b", re.IGNORECASE)
_AROUND = 30
"""Characters beside a number in which a word may say that it is reckoned."""
_SUPPOSED = re.compile(
    r"(?:^|\n)\W*(?:Question|Q)[ \d]*[.:][*_\s]*"
    r"((?:If|Suppose|Imagine|Say|Someone|Somebody|You|Your|An?)\s[^\n]+\?[^\n]*)"
    r"((?:\n+(?!\W*(?:Question|Q)[ \d]*[.:])[^\n]*)*)"
)


def wrong_equations(text: str) -> int:
    """How many sums, differences, products and quotients in figures do not come out."""
    return sum(not _comes_out(*equation) for equation in _EQUATION.findall(text)) if "=" in text else 0


def _comes_out(first: str, sign: str, second: str, result: str) -> bool:
    one, other, said = (float(figure.lstrip("$£€").replace(",", "") or 0) for figure in (first, second, result))
    decimals = len(result.partition(".")[2])
    tolerance = max(_CENTS, 0.51 * 10.0**-decimals if sign in "/÷" or decimals else 0.0)
    return any(abs(value - said) <= tolerance for value in _results(one, other, sign))


def _results(one: float, other: float, sign: str) -> list[float]:
    if sign == "+":
        return [one + other]
    if sign in "-−–":
        return [one - other]
    if sign in "×*":
        return [one * other]
    return [one / other] if other else [math.inf]


def is_reckoned(number: Number, text: str, known: Collection[float]) -> bool:
    """Whether words beside the number call it a difference, sum or product, and it is one of two of the source's."""
    before, behind = text[max(0, number.start - _AROUND) : number.start], text[number.end : number.end + _AROUND]
    around = (before, behind)
    is_less, is_more, is_fold = (any(map(cue.search, around)) for cue in (_LESS, _MORE, _FOLD))
    if not (is_less or is_more or is_fold):
        return False
    return any(
        (is_less and one - other in number.values)
        or (is_more and one != other and one + other in number.values)
        or (is_fold and min(one, other) > 1 and (one * other in number.values))
        for one, other in product(known, repeat=2)
    )


def supposed(text: str, known: Set[float]) -> Iterator[tuple[int, int, frozenset[float]]]:
    """Where a question supposes figures of its own ("A flat costs 800 a month.") and is answered: start and end, and
    what may stand there: these figures, and what follows from them and the source's (``known``)."""
    for match in _SUPPOSED.finditer(text):
        own = {value for number in in_digits(match[1]) for value in number.values}
        given, following = own | known, set[float]()
        for one, other in product(own, given):
            following |= {one + other, abs(one - other), one * other, round(one * other / 100, 6)}
            following |= {round(one / other, 6)} if other else set()
        following |= {round(one + part * sign, 6) for one in own for part in following for sign in (1, -1)}
        yield match.start(), match.end(), frozenset(own | following)
