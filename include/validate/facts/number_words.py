"""Numbers in English words, with everything that each may mean."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from include.validate.facts.numerals import SCALES, Number, rounded
from include.validate.facts.words import SOURCES_KEPT, places_of, words_of


def _values(words: str, values: Iterable[int]) -> dict[str, int]:
    return dict(zip(words.split(), values, strict=True))


_UNITS = _values("one two three four five six seven eight nine", range(1, 10))
_TEENS = _values(
    "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen",
    range(10, 20),
)
_TENS = _values("twenty thirty forty fifty sixty seventy eighty ninety", range(20, 100, 10))
_TENS |= {f"{ten[:-1]}ies": value for ten, value in _TENS.items()}
_SMALL = _UNITS | _TEENS | _TENS
_ORDINALS = _values(
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth "
    "sixteenth seventeenth eighteenth nineteenth twentieth thirtieth fortieth fiftieth sixtieth hundredth thousandth",
    (*range(1, 21), 30, 40, 50, 60, 100, 1000),
)
_PARTS = _values(
    "half halves third thirds quarter quarters fifth fifths sixth sixths eighth eighths tenth tenths",
    (2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 8, 8, 10, 10),
)
_IMPLIED = (
    dict.fromkeys(("no", "none", "nobody", "nothing", "without", "zero"), 0.0)
    | dict.fromkeys(("once", "single", "sole", "alone"), 1.0)
    | dict.fromkeys(("both", "twice", "double", "doubled", "doubles", "doubling", "pair", "couple", "twofold"), 2.0)
    | dict.fromkeys(("thrice", "triple", "tripled", "triples", "trebled", "threefold", "trio"), 3.0)
    | {"quadrupled": 4.0, "fourfold": 4.0, "tenfold": 10.0, "noon": 12.0, "midday": 12.0, "midnight": 12.0}
)
"""Words that a rewriting may have turned into a number, but that state none by themselves."""
_GLYPHS = {"½": 0.5, "¼": 0.25, "¾": 0.75, "⅓": 1 / 3, "⅔": 2 / 3, "⅛": 0.125}
_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
_ROMAN_NUMBER = re.compile(r"[IVXLC](?<!\w.)[IVXLC]{0,5}\b")
_IMPLYING = frozenset(word.encode() for word in _IMPLIED)

_SINGULARS = {*_SMALL, *_ORDINALS, *SCALES, *_PARTS}
NUMBER_WORDS = tuple(sorted(_SINGULARS | {f"{word}s" for word in _SINGULARS}))
LIGHT = frozenset(("one", "ones", "first", "second", "seconds", "half", "third"))
"""Number words that are other words as often: a text is not worth reading for them."""
_SPEAKING = frozenset(word.encode() for word in NUMBER_WORDS)
_WORDS = "|".join(sorted(_SINGULARS, key=lambda word: -len(word)))
_SPOKEN = re.compile(rf"\b(?:{_WORDS})s?\b(?:[\s-]+(?:(?:and|of|a|an)[\s-]+){{0,2}}(?:{_WORDS})s?\b)*", re.IGNORECASE)


def in_words(text: str, words: Iterable[str] | None = None) -> Iterator[Number]:
    """The numbers written out: "thirty-four", "two and a half thousand", "three quarters", "the fourteenth".

    Args:
        words: those of NUMBER_WORDS that the text has, where that is known already.
    """
    lower, done = text.lower(), 0
    for start, _ in places_of(lower, _SPEAKING if words is None else words):
        match = _SPOKEN.match(lower, start) if start >= done else None
        if match:
            done = match.end()
            scaled = lower[max(0, start - 2) : start][:1].isdigit()
            yield from (Number(values, start, done, kind) for kind, values in _in_words(match[0], scaled))


@lru_cache(maxsize=2**12)
def _in_words(spoken: str, scaled: bool) -> tuple[tuple[str, frozenset[float]], ...]:
    words = re.findall(r"[a-z]+", spoken)
    if words[0].removesuffix("s") in SCALES and (words[0].endswith("s") or scaled):
        words = words[1:]  # of "5 million", or of "millions of people"
    return tuple((kind, frozenset(map(rounded, values))) for kind, values in _spoken(words))


@dataclass
class _Sum:
    """A number that grows word by word."""

    done: float = 0.0
    """What stands before the last thousand, million ..."""
    current: float = 0.0
    last: str = ""
    """``unit``, ``ten`` or ``scale``; what may follow depends on it."""

    @property
    def whole(self) -> float:
        return self.done + self.current

    def scale(self, factor: int) -> None:
        self.current = (self.current or 1) * factor
        if factor >= 1000:
            self.done, self.current = self.whole, 0.0
        self.last = "scale"

    def takes(self, value: int) -> bool:
        return self.last in ("", "scale") or (self.last == "ten" and value < 10)

    def add(self, value: float, is_ten: bool = False) -> None:
        self.current += value
        self.last = "ten" if is_ten else "unit"


def values_of(word: str) -> frozenset[float]:
    """All readings of one of NUMBER_WORDS by itself."""
    return frozenset(value for _, values in _in_words(word, False) for value in values)


def _spoken(words: list[str]) -> Iterator[tuple[str, tuple[float, ...]]]:
    """Kind and readings of each number in a row of number words."""
    sum_ = _Sum()
    for word, following in pairwise([*(word for word in words if word not in ("and", "of", "seconds")), ""]):
        single = word if word in _TENS else word.removesuffix("s")
        if word == "half" and (sum_.last or following in ("a", "dozen")):  # two and a half, half a dozen
            sum_.add(0.5)
        elif word in _PARTS and (word not in _ORDINALS or 0 < sum_.whole < 10):
            part = 1 / _PARTS[word]
            yield "part" if sum_.last else "share", ((sum_.whole or 1) * part, part)
            sum_ = _Sum()
        elif single in _ORDINALS:
            joined = sum_.last in ("ten", "scale") and _ORDINALS[single] < 10
            if sum_.last and not joined:
                yield "cardinal", (sum_.whole,)
            value = _ORDINALS[single] + (sum_.whole if joined else 0.0)
            yield "ordinal", (value, 1 / value)
            sum_ = _Sum()
        elif single in SCALES:
            sum_.scale(SCALES[single])
        elif single in _SMALL:
            if not sum_.takes(_SMALL[single]):
                yield "cardinal", (sum_.whole,)
                sum_ = _Sum()
            sum_.add(_SMALL[single], single in _TENS)
    if sum_.last:
        yield "cardinal", (sum_.whole,)


@lru_cache(maxsize=SOURCES_KEPT)
def implied(text: str) -> frozenset[float]:
    """Numbers that words of the text stand for without stating them: "twice", "both", "II", "½"."""
    found = {_IMPLIED[word.decode()] for word in words_of(text.lower()) & _IMPLYING}
    found |= {rounded(value) for glyph, value in _GLYPHS.items() if glyph in text}
    for word in _ROMAN_NUMBER.findall(text):
        digits = [_ROMAN[letter] for letter in word]
        found.add(float(sum(-a if a < b else a for a, b in zip(digits, [*digits[1:], 0], strict=True))))
    return frozenset(found)
