"""Numbers of a text that its source does not give in any form."""

import re
from collections.abc import Iterable
from functools import lru_cache

from include.validate.facts import units
from include.validate.facts.derived import dates_of, is_clock, is_derived, ratios, reckoned
from include.validate.facts.labels import turned_labels
from include.validate.facts.layout import is_numbering, ranks
from include.validate.facts.number_words import implied, in_words, values_of
from include.validate.facts.numerals import Number, in_digits, values_in_digits
from include.validate.facts.reckoning import is_reckoned, supposed, wrong_equations
from include.validate.facts.shares import SHARE, turned_shares
from include.validate.facts.swaps import swapped_figures
from include.validate.facts.words import SOURCES_KEPT, without_options

_RESULT = re.compile(r"[=≈][\s*_$€£]*\Z")
_TIMES = re.compile(r"(\S+)[\s-]times\b")
_NOUN = re.compile(r"[\s-]+(?:of the\s+)?([A-Za-z]{4})")
SMALL_COUNT = 6
"""Up to this a rewriting may have counted ("two faults are named"): it must contradict a count of the source."""

SURE = 2
"""What counts for two: a problem that may have a figure of its own may not turn one of the source's, or err."""


@lru_cache(maxsize=SOURCES_KEPT)
def _read(source: str, words: tuple[str, ...] | None) -> tuple[list[Number], frozenset[float]]:
    """The numbers of a source and all their readings."""
    given = [*in_digits(source), *in_words(source, words)]
    return given, frozenset({1.0}.union(*(number.values for number in given)))


def are_known(text: str, source: str, new_words: Iterable[str], source_words: Iterable[str]) -> bool:
    """Whether every number of the text stands in the source, word by word and figure by figure: a fast look, which says
    no in places where :func:`new_numbers` finds none.

    Args:
        new_words: those of NUMBER_WORDS that only the text has.
        source_words: those that the source has.
    """
    known = _read(source, tuple(source_words))[1]
    return not any(values_of(word).isdisjoint(known) for word in new_words) and not any(
        values.isdisjoint(known) for values in values_in_digits(text)
    )


TURNED = rf"\d|{SHARE}"
"""A fast look says where a figure may be turned."""


def turned_figures(text: str, source: str) -> int:
    """What is wrong in a text that has no other numbers than its source: shares, labels, results and places."""
    turned = turned_shares(text, source) + turned_labels(text, source) + swapped_figures(text, source)
    return SURE * (turned + wrong_equations(text))


Spoken = tuple[list[str], list[str]]
"""Those of NUMBER_WORDS that a text and its source have."""


def new_numbers(text: str, source: str) -> int:
    """How many different numbers the text states that stand nowhere in the source, and do not follow from it; figures
    that it has turned or reckoned wrongly count for more."""
    return max(stated_anew(text, source), turned_figures(text, source))


def stated_anew(text: str, source: str, spoken: Spoken | None = None) -> int:
    """The same, but for what is wrong without a new figure."""
    text_words, source_words = spoken or (None, None)
    text = without_options(text)
    given, known = _read(source, tuple(source_words) if source_words is not None else None)
    said = [number for number in in_words(text, text_words) if number.values.isdisjoint(known)]
    figures = [number for number in in_digits(text) if number.values.isdisjoint(known)]
    often_new = "times" in text and "times" in source and _counts_otherwise(text, source)
    if not said and not figures:
        return int(often_new)
    known = known | implied(source)
    in_ranks = ranks(text)
    open_ = [
        number
        for number in figures
        if number.values.isdisjoint(known) and number.start not in in_ranks and not is_numbering(number, text)
    ]
    results = [number for number in open_ if _RESULT.search(text[max(0, number.start - 6) : number.start])]
    known |= {value for number in results for value in number.values}
    open_ = [number for number in open_ if number.values.isdisjoint(known)]
    open_ += [number for number in said if number.values.isdisjoint(known) and _is_stated(number, text, source, given)]
    if not open_:
        return int(often_new)
    known |= ratios(source, given)
    follows = reckoned(given, known)
    measured = units.quantities(source, given, spelt=units.any_measured(text, open_))
    parted = any(
        sign in "-./"
        for number in open_
        for sign in (text[number.start - 1 : number.start], text[number.end : number.end + 1])
        if sign
    )
    in_dates = dates_of(text, source) if parted else set()
    in_supposed = list(supposed(text, known))
    new = [
        number.values
        for number in open_
        if number.start not in in_dates
        and not is_clock(number, text, source, known)
        and number.values.isdisjoint(follows)
        and not is_derived(number, text, known)
        and not units.is_same_elsewhere(text, number, measured)
        and not is_reckoned(number, text, known)
        and not any(start <= number.start < end and number.values & follow for start, end, follow in in_supposed)
    ]
    return len(set(new)) + often_new


def _is_stated(number: Number, text: str, source: str, given: Iterable[Number]) -> bool:
    """Whether number words say something of their own: no pronoun, ordinal of a list, or count of what is there."""
    value = max(number.values)
    if number.kind in ("share", "ordinal"):
        return number.kind == "ordinal" and value > SMALL_COUNT
    if number.kind == "part" or value > SMALL_COUNT:
        return True
    noun = _NOUN.match(text, number.end)
    counted = {match[1].lower() for other in given if (match := _NOUN.match(source, other.end))}
    return value > 1 and noun is not None and noun[1].lower() in counted


def _counts_otherwise(text: str, source: str) -> bool:
    """ "four times a day" for "five times a day", even where the source has four of something else."""
    said, given = (
        {
            value
            for words in _TIMES.findall(both)
            for number in (*in_digits(words), *in_words(words))
            for value in number.values
        }
        for both in (text, source)
    )
    return bool(given) and not said <= given
