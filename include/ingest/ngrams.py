"""Word n-grams as 64-bit hashes: what a word is, and where texts share n-grams with a set of known ones.

The loops are in ``include/native/ngrams.c``; what is here in Python does the same without a C compiler, to the bit.
A hash only says where to look: callers compare the words.
"""

import ctypes
import re
import sys
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from include import native

MAX_WORDS = 64
TRANSPARENT = 1
ALONE = 0x80000000
TABLE = 0x20000
"""Code points below it have an entry in the table; planes 2 and 3 above it are ideographs, the rest separates."""

_SCRIPTS_WITHOUT_SPACES = ((0x3040, 0x30FF), (0x31F0, 0x31FF), (0x3400, 0x9FFF), (0xF900, 0xFAFF))
"""Kana and ideographs: no space ends a word, so each character counts as one."""
_ZERO_WIDTH_SPACE = 0x200B
_WORD_START, _WORD_STEP, _NGRAM_STEP = 0xCBF29CE484222325, 0x9E3779B97F4A7C15, 0xD6E8FEB86659FD93
_MASK = 2**64 - 1
_KEPT = "\x00"
"""Stands for a transparent character where positions must not move."""


@dataclass(frozen=True)
class Word:
    text: str
    """Folded: without case, accents and invisible characters."""
    start: int
    end: int
    """Characters of the text, the last one not included."""


@lru_cache(maxsize=1)
def fold_table() -> NDArray[np.uint32]:
    """For each code point: 0 if it separates words, 1 if it is transparent, else what it counts as.

    Letters and digits of any script make words (without case, and without the accents that Unicode can take apart);
    combining marks and invisible characters such as the soft hyphen are transparent; anything else separates.
    """
    return native.kept_table("ngrams", _make_table, __file__)


def _make_table() -> NDArray[np.uint32]:
    table = np.array([_fold(chr(point)) for point in range(TABLE)], np.uint32)
    for first, last in _SCRIPTS_WITHOUT_SPACES:
        table[first : last + 1] |= np.where(table[first : last + 1] > TRANSPARENT, np.uint32(ALONE), np.uint32(0))
    return table


def _fold(char: str) -> int:
    category = unicodedata.category(char)
    if category[0] == "M" or (category == "Cf" and ord(char) != _ZERO_WIDTH_SPACE):
        return TRANSPARENT
    if category[0] not in "LN":
        return 0
    for candidate in (unicodedata.normalize("NFKD", char.casefold()), char.casefold(), char.lower()):
        letters = [part for part in candidate if unicodedata.category(part)[0] != "M"]
        if len(letters) == 1 and unicodedata.category(letters[0])[0] in "LN":
            return ord(letters[0])
    return ord(char)


class _Translation(dict[int, str]):
    """The fold table for ``str.translate``, one character for one, filled as characters turn up."""

    def __missing__(self, point: int) -> str:
        folded = int(fold_table()[point]) if point < TABLE else point if point < 2 * TABLE else 0
        self[point] = {0: " ", TRANSPARENT: _KEPT}.get(folded) or chr(folded & ~ALONE)
        return self[point]


_translation = _Translation()
_ALONE = "".join(f"{chr(first)}-{chr(last)}" for first, last in (*_SCRIPTS_WITHOUT_SPACES, (TABLE, 2 * TABLE - 1)))
_WORD = re.compile(f"[{_ALONE}]|[^ {_ALONE}]+")


def fold_words(text: str) -> list[str]:
    """The words of a text in their order."""
    words = _WORD.findall(text.translate(_translation))
    return list(filter(None, (word.replace(_KEPT, "") for word in words)))


def words_of(text: str) -> list[Word]:
    """The words of :func:`fold_words` with their places."""
    words = []
    for match in _WORD.finditer(text.translate(_translation)):
        folded = match[0].strip(_KEPT)
        if folded:
            start = match.start() + match[0].index(folded)
            words.append(Word(folded.replace(_KEPT, ""), start, start + len(folded)))
    return words


def hash_ngrams(text: str, words: int) -> NDArray[np.uint64]:
    """The hash of each n-gram of ``words`` words, in the order of the text."""
    library = _library()
    if library is None:
        return _hash_in_python(text, words)
    data = np.frombuffer(text.encode(), np.uint8)
    out = np.empty(len(text), np.uint64)
    found = library.ngrams_hash(data.ctypes, len(data), fold_table().ctypes, words, out.ctypes, len(out))
    return out[:found].copy()


def _hash_in_python(text: str, words: int) -> NDArray[np.uint64]:
    hashes = np.array([_hash_word(word) for word in fold_words(text)], np.uint64)
    count = len(hashes) - words + 1
    total = np.zeros(max(count, 0), np.uint64)
    for index in range(words if count > 0 else 0):
        total = total * np.uint64(_NGRAM_STEP) + hashes[index : index + count]
    total = (total ^ (total >> np.uint64(31))) * np.uint64(_WORD_STEP)
    return total ^ (total >> np.uint64(29))


@lru_cache(maxsize=2**16)
def _hash_word(word: str) -> int:
    value = _WORD_START
    for char in word:
        value = (value ^ ord(char)) * _WORD_STEP & _MASK
    return value ^ value >> 32


class _Pointers(ctypes.Structure):
    _fields_ = (
        ("keys", ctypes.c_void_p),
        ("starts", ctypes.c_void_p),
        ("bitmap", ctypes.c_void_p),
        ("start_bits", ctypes.c_int32),
        ("bitmap_bits", ctypes.c_int32),
    )


@dataclass(frozen=True)
class NgramSet:
    """Hashes of n-grams of ``words`` words, laid out for look-ups; built by :func:`build_set`."""

    words: int
    keys: NDArray[np.uint64]
    """Ascending, different."""
    starts: NDArray[np.uint32] = field(repr=False)
    bitmap: NDArray[np.uint8] = field(repr=False)
    """16 to 32 bits per key: most n-grams of a clean text end here, without a look at the keys."""

    def find(self, texts: pa.Array) -> NDArray[np.int64]:
        """Where the texts (string or large_string, nulls count as empty) have n-grams with a hash of this set.

        Shape (hits, 3): row, number of the n-gram's first word in its text, index into ``keys``.
        """
        library = _library() if len(self.keys) and len(texts) else None
        if library is None:
            return self._find_in_python(texts)
        texts = texts.fill_null("") if texts.null_count else texts
        large = pa.types.is_large_string(texts.type)
        offsets = np.frombuffer(texts.buffers()[1], np.int64 if large else np.int32)[texts.offset :]
        data = texts.buffers()[2]
        search = library.ngrams_find64 if large else library.ngrams_find32
        known = _Pointers(
            self.keys.ctypes.data, self.starts.ctypes.data, self.bitmap.ctypes.data,
            len(self.starts).bit_length() - 1, (len(self.bitmap) * 8).bit_length() - 1,
        )  # fmt: skip
        capacity = 1024
        while True:
            out = np.empty((capacity, 3), np.int64)
            found = search(
                data.address if data else None, offsets.ctypes, len(texts), fold_table().ctypes, self.words,
                ctypes.byref(known), out.ctypes, capacity,
            )  # fmt: skip
            if found <= capacity:
                return out[:found].copy()
            capacity = found

    def _find_in_python(self, texts: pa.Array) -> NDArray[np.int64]:
        parts = [np.empty((0, 3), np.int64)]
        for row, text in enumerate(texts.to_pylist() if len(self.keys) else []):
            hashes = _hash_in_python(text or "", self.words)
            places = np.minimum(np.searchsorted(self.keys, hashes), len(self.keys) - 1)
            first_words = np.flatnonzero(self.keys[places] == hashes)
            parts.append(np.column_stack((np.full(len(first_words), row), first_words, places[first_words])))
        return np.concatenate(parts).astype(np.int64)


def build_set(hashes: NDArray[np.uint64], words: int) -> NgramSet:
    keys = np.sort(hashes)  # np.unique takes six times as long
    keys = keys[np.append(True, keys[1:] != keys[:-1])[: len(keys)]]
    bits = max(1, len(keys).bit_length())
    bitmap = np.zeros(2 ** (bits + 4), bool)
    bitmap[keys >> np.uint64(64 - bits - 4)] = True
    starts = np.zeros(2**bits + 1, np.uint32)
    np.cumsum(np.bincount((keys >> np.uint64(64 - bits)).astype(np.int64), minlength=2**bits), out=starts[1:])
    return NgramSet(words, keys, starts, np.packbits(bitmap, bitorder="little"))


@lru_cache(maxsize=1)
def _library() -> Any:
    if sys.byteorder != "little":
        return None
    library = native.load("ngrams")
    if library is not None:
        for function in (library.ngrams_hash, library.ngrams_find32, library.ngrams_find64):
            function.restype = ctypes.c_int64
        pointer, number = ctypes.c_void_p, ctypes.c_int64
        library.ngrams_hash.argtypes = (pointer, number, pointer, ctypes.c_int, pointer, number)
        find = (pointer, pointer, number, pointer, ctypes.c_int, pointer, pointer, number)
        library.ngrams_find32.argtypes = library.ngrams_find64.argtypes = find
    return library
