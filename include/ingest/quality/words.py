"""Words as spaCy's English rules part them: contractions, hyphens, abbreviations, units and punctuation on their own.

Gopher's thresholds were set on words; datatrove counts spaCy's (3.8, ``spacy.blank("en")``), and how a text is parted
decides 6 to 15 % of Gopher's quality verdicts (measured on 2,163 pages for this project). These are the same rules in
few lines, without most of spaCy's emoticons, IP addresses and units in other scripts than Latin. ``native/quality.c``
does the same on whole batches; this is what runs without a C compiler, and what the C code is tested against.
"""

from functools import lru_cache

from include.ingest.quality.characters import (
    AFFIX,
    AFTER_STOP,
    CURRENCY,
    DIGIT,
    HOST,
    INFIX,
    LETTER,
    LOWER,
    PREFIX,
    QUOTE,
    UPPER,
    classes_of,
)
from include.ingest.quality.lexicon import UNITS, specials


@lru_cache(maxsize=100_000)
def split_word(word: str) -> tuple[str, ...]:
    """The pieces of a ``word`` without white space; joined they are the word."""
    known, kinds = specials(), [classes_of(character) for character in word]
    start, end, before, after, left = 0, len(word), [], [], -1
    while start < end and left != end - start and word[start:end] not in known:
        left = end - start
        prefix = _prefix(word, kinds, start, end)
        suffix = _suffix(word, kinds, start + prefix, end)
        # A special word ends the search; the front is tried first.
        if prefix and word[start + prefix : end] in known:
            suffix = 0
        elif suffix and word[start : end - suffix] in known:
            prefix = 0
        if prefix:
            before.append(word[start : start + prefix])
        if suffix:
            after.append(word[end - suffix : end])
        start, end = start + prefix, end - suffix
    return (*before, *_split_middle(word, kinds, start, end), *reversed(after))


def _split_middle(word: str, kinds: list[int], start: int, end: int) -> tuple[str, ...]:
    middle = word[start:end]
    if not middle:
        return ()
    if middle in specials():
        return specials()[middle]
    if _is_address(word, kinds, start, end):
        return (middle,)
    pieces, done, place = [], start, start
    while place < end:
        length = _infix(word, kinds, start, place, end) if kinds[place] & INFIX else 0
        if length and place > start:
            if place > done:
                pieces.append(word[done:place])
            pieces.append(word[place : place + length])
            done = place + length
        place += max(length, 1)
    if done < end:
        pieces.append(word[done:end])
    return tuple(pieces)


def _run(word: str, place: int, end: int) -> int:
    """How often the character at ``place`` stands there in a row."""
    length = 1
    while place + length < end and word[place + length] == word[place]:
        length += 1
    return length


def _prefix(word: str, kinds: list[int], start: int, end: int) -> int:
    """Length of what is cut off the beginning of ``word[start:end]``."""
    first = word[start]
    if first == ".":
        run = _run(word, start, end)
        return run if run > 1 else 0
    if first == "+":
        return int(start + 1 == end or not kinds[start + 1] & DIGIT)
    if kinds[start] & (AFFIX | PREFIX):
        return 1
    if word.startswith("US$", start, end):
        return 3
    return 2 if word.startswith(("C$", "A$"), start, end) else 0


def _suffix(word: str, kinds: list[int], start: int, end: int) -> int:
    """Length of what is cut off the end of ``word[start:end]``: the longest that any rule finds."""
    if start >= end:
        return 0
    last, kind, size = word[end - 1], kinds[end - 1], end - start
    if last == ".":
        return _full_stop(word, kinds, start, end)
    if size > 1 and word[end - 2 : end] in ("'s", "'S", "’s", "’S", "……", "):"):
        return 2
    return _money(word, kinds, start, end) or int(bool(kind & AFFIX) or last in "—–") or _unit(word, kinds, start, end)


def _money(word: str, kinds: list[int], start: int, end: int) -> int:
    """``100US$``"""
    for sign in ("US$", "C$", "A$"):
        if end - start > len(sign) and word.endswith(sign, start, end) and kinds[end - len(sign) - 1] & DIGIT:
            return len(sign)
    return 0


def _unit(word: str, kinds: list[int], start: int, end: int) -> int:
    """``100€``, ``18+``, ``40km/h``"""
    if end - start > 1 and kinds[end - 2] & DIGIT and (kinds[end - 1] & CURRENCY or word[end - 1] == "+"):
        return 1
    for length in range(min(4, end - start - 1), 0, -1):
        if kinds[end - length - 1] & DIGIT and word[end - length : end] in UNITS:
            return length
    return 0


def _full_stop(word: str, kinds: list[int], start: int, end: int) -> int:
    run = 1
    while end - run - 1 >= start and word[end - run - 1] == ".":
        run += 1
    if run > 1:
        return run
    if end - start < 2:
        return 0
    if kinds[end - 2] & AFTER_STOP:
        return 1
    return int(end - start > 2 and bool(kinds[end - 2] & UPPER and kinds[end - 3] & UPPER))


def _infix(word: str, kinds: list[int], start: int, place: int, end: int) -> int:
    """Length of what parts the word at ``place``; 0 for nothing."""
    sign = word[place]
    if sign == "." and place + 1 < end and word[place + 1] == ".":
        return _run(word, place, end)
    if kinds[place] & AFFIX and not kinds[place] & QUOTE and sign not in ",:<>*":
        return 1  # an ellipsis or a picture
    if place == start or place + 1 >= end:
        return 0
    before, after = kinds[place - 1], kinds[place + 1]
    if sign in "+-*^" and before & DIGIT and (after & DIGIT or word[place + 1] == "-"):
        return 1
    if sign == ".":
        return int(bool(before & (LOWER | QUOTE) and after & (UPPER | QUOTE)))
    if sign == ",":
        return int(bool(before & (LOWER | UPPER) and after & (LOWER | UPPER)))
    if sign not in _JOINTS or not before & (LOWER | UPPER | DIGIT):
        return 0
    run = min(_run(word, place, end), _JOINTS[sign] + 1) if _JOINTS[sign] > 1 else 1
    return run if run <= _JOINTS[sign] and place + run < end and kinds[place + run] & (LOWER | UPPER) else 0


_JOINTS = {"-": 3, "—": 2} | dict.fromkeys(":<>=/~–", 1)
"""What joins two words, and how many of it in a row at most."""


def _is_address(word: str, kinds: list[int], start: int, end: int) -> bool:
    """Whether ``word[start:end]`` is a web or mail address (a host's name with its scheme, user, port or path)."""
    if "." not in word[start:end]:
        return False
    scheme = word.find("://", start, end)
    if scheme >= start + 2 and all(
        kinds[place] & (LETTER | DIGIT) or word[place] in "_+-." for place in range(start, scheme)
    ):
        start = scheme + 3
    if _is_host(word, kinds, start, end):
        return True
    first, last = word.find("@", start + 1, end), word.rfind("@", start + 1, end)
    return first > 0 and (_is_host(word, kinds, first + 1, end) or _is_host(word, kinds, last + 1, end))


def _is_host(word: str, kinds: list[int], start: int, end: int) -> bool:
    stop = start
    while stop < end and word[stop] not in "/?#:":
        stop += 1
    label, labels = start, 0
    for place in range(start, stop):
        if word[place] == ".":
            if not (0 < place - label <= 64 and kinds[label] & HOST and kinds[place - 1] & HOST):
                return False
            label, labels = place + 1, labels + 1
        elif not (kinds[place] & HOST or word[place] in "-_"):
            return False
    if not labels or not 2 <= stop - label <= 63 or not all(kind & LOWER for kind in kinds[label:stop]):
        return False
    if stop == end or word[stop] != ":":
        return True
    digits = stop + 1
    while digits < end and kinds[digits] & DIGIT:
        digits += 1
    return 2 <= digits - stop - 1 <= 5 and (digits == end or word[digits] in "/?#")
