"""Dates in texts: months and weekdays by name, days of a month, and dates in digits in any order."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from include.validate.facts.words import places_of

_MONTHS = "january february march april may june july august september october november december"
_WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday"
MONTHS, WEEKDAYS = _MONTHS.split(), _WEEKDAYS.split()
MONTH_OF = {form: number for number, name in enumerate(MONTHS, 1) for form in (name, name[:3])} | {"sept": 9}
_WEEKDAY_OF = {form: number for number, name in enumerate(WEEKDAYS) for form in (name, name[:3])}
_WEEKDAY_OF |= {"tues": 1, "weds": 2, "thur": 3, "thurs": 3}

FORMS = {form: number - 1 for form, number in MONTH_OF.items()} | {form: 12 + day for form, day in _WEEKDAY_OF.items()}
"""Marks of month (0 to 11) and weekday (12 to 18) by every form of their names."""
AMBIGUOUS = ("may", "march", "mar", "sun", "sat", "wed", "dec", "jan")
"""Forms that are words or names, too: only a capital tells."""

_NAMES = frozenset(
    name.encode()
    for form in FORMS
    for shape in (
        form.capitalize(),
        form.upper(),
        *([form] if form in MONTHS + WEEKDAYS and form not in AMBIGUOUS else []),
    )
    for name in (shape, f"{shape}s")
)
_NO_DATE = re.compile(r"(?:[.!?:\n\"“(*-]\s*|\d\.\s*)\Z")
_DAY_AROUND = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?(?:\s+of)?[\s,]+\Z")
_DAY_BEHIND = re.compile(r"\.?\s+(?:the\s+)?(\d{1,2})(?:st|nd|rd|th)?\b(?!:|\s?[ap]\.?m|[.,]\d|\s+(?:per|%))")
# Each begins with one digit: what must not stand before it is looked for then.
_ISO = re.compile(r"(\d(?<!\w\d)\d{3})[-/.](\d{1,2})[-/.](\d{1,2})\b")
_DIGITS = re.compile(r"(\d(?<![\d./-]\d)\d?)([./-])(\d{1,2})\2?(\d{4}|\d{2})?(?![\d/-])")


class Mention(NamedTuple):
    month: int
    """1 to 12; 0 for a weekday."""
    weekday: int
    start: int
    end: int


def mentions(text: str) -> Iterator[Mention]:
    """Months and weekdays by name."""
    for start, name in places_of(text, _NAMES):
        form, end = name.lower(), start + len(name)
        form = form if form in FORMS else form.removesuffix("s")
        if form not in AMBIGUOUS or not _is_a_word(text, start, end, form):
            yield Mention(MONTH_OF.get(form, 0), _WEEKDAY_OF.get(form, 0), start, end)


def _is_a_word(text: str, start: int, end: int, form: str) -> bool:
    """Whether "May" begins a question and "Sun" is the star."""
    before, behind = text[max(0, start - 12) : start], text[end : end + 6]
    if _DAY_BEHIND.match(text, end) or _DAY_AROUND.search(before):
        return False
    if form in ("may", "march"):
        begins = start == 0 or _NO_DATE.search(before) is not None
        return begins and not re.match(r"\W{0,2}\d{4}|\s?[-–]", behind)
    joined = re.search(r"[-–/,]\s?\Z", before) or re.match(r"\s?[-–/,]|\s\d|\.\s?\d", behind)
    return not joined and not re.search(r"(?:on|to|till|until|and|since|in)\s\Z", before)


def days_by_name(text: str, named: Iterable[Mention]) -> set[tuple[int, int]]:
    """(month, day) of "3 May", "May 3rd", "the 3rd of May" among the mentions of a text."""
    found = set()
    for mention in named:
        if mention.month:
            day = _DAY_AROUND.search(text[max(0, mention.start - 14) : mention.start])
            day = day or _DAY_BEHIND.match(text, mention.end)
            if day and 1 <= int(day[1]) <= 31:
                found.add((mention.month, int(day[1])))
    return found


def dates_in_digits(text: str) -> Iterator[tuple[set[tuple[int, int]], int, int, int]]:
    """(month, day) in every order that is possible, the year (0 where there is none), and where it stands."""
    for match in _ISO.finditer(text):
        yield _possible(int(match[2]), int(match[3])), int(match[1]), *match.span()
    for match in _DIGITS.finditer(text):
        possible = _possible(int(match[1]), int(match[3])) | _possible(int(match[3]), int(match[1]))
        year = int(match[4] or 0)
        yield possible, year + 2000 * (0 < year < 50) + 1900 * (50 <= year < 100), *match.span()


def _possible(month: int, day: int) -> set[tuple[int, int]]:
    return {(month, day)} if 1 <= month <= 12 and 1 <= day <= 31 else set()
