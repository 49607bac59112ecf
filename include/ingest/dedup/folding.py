"""What counts as a word when texts are compared: one table over Unicode, used by the C part and by Python alike.

- Letters are in lower case and without marks (``É`` is ``e``); digits of all scripts are ASCII digits.
- Marks that stand alone, soft hyphens, joiners and other format characters vanish.
- Characters of scripts that put no space between words (Han, kana, Thai, Lao, Khmer, Myanmar) are a word each.
- Everything else (white space, punctuation, symbols) parts words.

These are datatrove's normalisations for MinHash (lower case, diacritics, numbers, punctuation, white space), made for
one pass and for every script; numbers are collapsed by :mod:`.signatures` only.
"""

import unicodedata
from functools import cache

import numpy as np
from numpy.typing import NDArray

from include import native

SEPARATOR, WORD, DIGIT, SINGLE, SKIP = range(5)
SIZE = 0x20000
"""Code points in the table; above are rare Han characters (single), tags and variation selectors (skipped)."""
_UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x3005, 0x3007),  # ideographic iteration and closing marks, zero
    (0x3040, 0x30FF),  # kana
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),  # Han
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0xFF66, 0xFF9F),  # half-width kana
    (0x1B000, 0x1B16F),  # kana supplements
)


@cache
def fold_table() -> NDArray[np.uint32]:
    """Per code point below SIZE: the folded code point, and its class in the bits above 24."""
    return native.kept_table("folding", _make_table, __file__)


def _make_table() -> NDArray[np.uint32]:
    single = np.zeros(SIZE, dtype=bool)
    for first, last in _UNSPACED:
        single[first : last + 1] = True
    return np.fromiter((_entry(chr(code), bool(single[code])) for code in range(SIZE)), dtype=np.uint32, count=SIZE)


def words(text: str) -> list[str]:
    """The folded words of a text."""
    return text.translate(_FOLDED).split()


def _entry(char: str, single: bool) -> int:
    kind = unicodedata.category(char)
    if kind in ("Mn", "Me", "Cf"):
        return SKIP << 24
    if kind == "Nd":
        return DIGIT << 24 | ord(str(unicodedata.decimal(char)))
    if not char.isalnum() and kind != "Mc":
        return SEPARATOR << 24
    return (SINGLE if single else WORD) << 24 | ord(_bare(char))


def _bare(char: str) -> str:
    """In lower case and without marks, where that is one character; a Hangul syllable is no letter with marks."""
    lowered = char.lower()
    bare = [part for part in unicodedata.normalize("NFD", lowered) if unicodedata.category(part) != "Mn"]
    if len(bare) == 1:
        return bare[0]
    return lowered if len(lowered) == 1 else char


class _Folded(dict[int, str]):
    """For ``str.translate``: what each code point becomes."""

    def __missing__(self, code: int) -> str:
        if code < SIZE:
            entry = int(fold_table()[code])
        elif code < 0x40000:
            entry = SINGLE << 24 | code
        else:
            entry = (SKIP if 0xE0000 <= code < 0xE1000 else SEPARATOR) << 24
        kind, folded = entry >> 24, chr(entry & 0xFFFFFF)
        self[code] = {SEPARATOR: " ", SKIP: "", SINGLE: f" {folded} "}.get(kind, folded)
        return self[code]


_FOLDED = _Folded()
