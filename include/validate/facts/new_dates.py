"""Dates of a text that its source does not have."""

import re
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from include.validate.facts.dates import AMBIGUOUS, MONTH_OF, dates_in_digits, days_by_name, mentions
from include.validate.facts.words import SOURCES_KEPT

_BARE_DAY = re.compile(r"\b[Tt]he (\d{1,2})(?:st|nd|rd|th)\b(?!\s+(?:of|century|[A-Z]))")
_DAY_FIRST = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?(?: of)?,?\s([A-Z][a-z]{2})")
_MONTH_FIRST = re.compile(r"([JFMASOND][a-z]{2})[a-z]{0,6}\.?\s(?:the\s)?(\d{1,2})(?!\d)")
_THROUGH = re.compile(r"\s?(?:-|–|to|till|until|through|and)\s?")
# Notes and posts leave out the capital.
_SMALL = re.compile(rf"\b(?:{'|'.join(form for form in MONTH_OF if form not in AMBIGUOUS)})\b")
REACH = 30
"""Characters between a month and a day that may belong together in the source: "from the 3rd to the 5th of May"."""


class Known(NamedTuple):
    """What a source says of dates; generous, since it is there to excuse."""

    months: set[int]
    weekdays: set[int]
    days: set[tuple[int, int]]
    bare_days: set[int]
    """"the 20th": of whichever month."""


@lru_cache(maxsize=SOURCES_KEPT)
def known_dates(source: str) -> Known:
    named = list(mentions(source))
    months = {mention.month for mention in named if mention.month}
    weekdays = {mention.weekday for mention in named if not mention.month}
    months |= {MONTH_OF[word] for word in ("march", "may") if re.search(rf"\b{word}\b", source)}
    months |= {MONTH_OF[word] for word in _SMALL.findall(source)}
    days = set()
    for mention in named:
        if mention.month:
            around = source[max(0, mention.start - REACH) : mention.end + REACH]
            days |= {(mention.month, int(day)) for day in re.findall(r"(?<!\d)\d{1,2}(?!\d)", around)}
    years = {int(year) for year in re.findall(r"\b\d{4}\b", source)}
    for possible, year, _, _ in dates_in_digits(source):
        days |= possible
        months |= {month for month, _ in possible}
        years.add(year)
    if "eekend" in source:
        weekdays |= {5, 6}
    if "eekday" in source:
        weekdays |= set(range(5))
    for first, last in pairwise(named):
        if _THROUGH.fullmatch(source, first.end, last.start) and bool(first.month) == bool(last.month):
            weekdays |= {
                (first.weekday + step) % 7 for step in range((last.weekday - first.weekday) % 7 + 1) if not first.month
            }
            months |= {
                (first.month + step - 1) % 12 + 1 for step in range((last.month - first.month) % 12 + 1) if first.month
            }
    if not weekdays:  # the calendar tells them
        told = {_weekday(year, month, day) for year in years for month, day in days}
        weekdays = {weekday for weekday in told if weekday is not None}
    return Known(months, weekdays, days, {int(day) for day in _BARE_DAY.findall(source)})


def _weekday(year: int, month: int, day: int) -> int | None:
    try:
        return date(year, month, day).weekday()
    except ValueError:
        return None


def new_dates(text: str, source: str) -> int:
    """How many months, weekdays and days of a month the text names that the source does not."""
    named = list(mentions(text))
    known = known_dates(source)
    months = {mention.month for mention in named if mention.month} - known.months
    weekdays = {mention.weekday for mention in named if not mention.month} - known.weekdays
    days = {
        (month, day) for month, day in days_by_name(text, named) if month not in months and day not in known.bare_days
    }
    in_digits = [possible for possible, year, _, _ in dates_in_digits(text) if year]
    return (
        len(months)
        + len(weekdays)
        + len(days - known.days)
        + sum(bool(possible) and possible.isdisjoint(known.days) for possible in in_digits)
    )


def rough_days(text: str) -> set[tuple[str, str]]:
    """What may be days of months, fast: where all of a text's are the source's, too, none is new."""
    return {(day, month) for day, month in _DAY_FIRST.findall(text)} | {
        (day, month) for month, day in _MONTH_FIRST.findall(text)
    }
