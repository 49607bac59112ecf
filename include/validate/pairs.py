"""What texts share with the sources that they were made from: words, word n-grams, and which words are new.

A word is :func:`include.ingest.ngrams.fold_words`'s: without case, accents and punctuation. The loop is in
``include/native/ngrams_pairs.h``; what is here in Python does the same without a C compiler.
"""

import ctypes
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from include import native
from include.ingest.ngrams import TRANSPARENT, fold_table, fold_words, words_of
from include.ingest.quality.characters import LETTER, LOWER, UPPER, classes_of, table
from include.ingest.quality.native import buffers

NGRAM = 4
"""Words per n-gram."""
STEM = 5
"""Letters by which long words are compared: cutting words off is the simplest stemmer, and works in most languages
(McNamee and Mayfield, Information Retrieval 7, 2004)."""
CAPITAL, NUMERAL = 1, 2
"""Kinds of words: one that begins with a capital letter, one with a digit or another numeral in it."""
_COLUMNS = 7
_POINTER = ctypes.c_void_p


@dataclass(frozen=True)
class NewWords:
    """Words with a capital or a numeral that a text has and its source has not, each as often as it stands there."""

    row: NDArray[np.int64]
    """Ascending."""
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    """Bytes of ``data``, the last one not included."""
    kinds: NDArray[np.int64]
    """``CAPITAL``, ``NUMERAL``, or both."""
    data: NDArray[np.uint8]
    """UTF-8 of all texts, one behind the other."""
    rows: int

    def count(self, kind: int) -> NDArray[np.int64]:
        """How many of a kind each row has."""
        return np.bincount(self.row[(self.kinds & kind) != 0], minlength=self.rows)

    def words(self, kind: int) -> list[tuple[int, str]]:
        """Row and word, as it is written, of all of a kind."""
        places = np.flatnonzero((self.kinds & kind) != 0)
        spans = zip(*(column[places].tolist() for column in (self.row, self.start, self.end)), strict=True)
        return [(row, self.data[start:end].tobytes().decode()) for row, start, end in spans]


@dataclass(frozen=True)
class Pairs:
    """Counts of each row's text and source."""

    text_words: NDArray[np.int64]
    source_words: NDArray[np.int64]
    ngrams: NDArray[np.int64]
    """Of the text: one begins at each word but the last ones."""
    copied: NDArray[np.int64]
    """N-grams of the text that stand in the source."""
    long_words: NDArray[np.int64]
    """Of the text: those of at least STEM letters, most of which mean something."""
    related: NDArray[np.int64]
    """Long words of the text whose first STEM letters begin a word of the source, too."""
    new_run: NDArray[np.int64]
    """Most long words in a row that are not."""
    new: NewWords


def measure_pairs(texts: pa.Array, sources: pa.Array) -> Pairs:
    """Compare each text with the source in the same row (strings; nulls count as empty).

    Raises:
        MemoryError: there is no memory for the longest source.
    """
    texts, sources = (column.fill_null("") if column.null_count else column for column in (texts, sources))
    data, starts = buffers(texts)
    library = _library()
    counts, new = (
        _in_python(texts.to_pylist(), sources.to_pylist(), starts)
        if library is None
        else _in_c(library, (data, starts), buffers(sources))
    )
    row, start, end, kinds = new.T
    text_words, source_words, ngrams, copied, long_words, related, new_run = counts.T
    return Pairs(
        text_words, source_words, ngrams, copied, long_words, related, new_run,
        NewWords(row, start, end, kinds, data, len(texts)),
    )  # fmt: skip


class _Texts(ctypes.Structure):
    _fields_ = (("data", _POINTER), ("offsets", _POINTER))


_Buffers = tuple[NDArray[np.uint8], NDArray[np.int64]]


def _in_c(library: Any, texts: _Buffers, sources: _Buffers) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    rows = len(texts[1]) - 1
    given = [ctypes.byref(_Texts(data.ctypes.data, starts.ctypes.data)) for data, starts in (texts, sources)]
    capacity = 1024 + 16 * rows
    while True:
        counts, new = np.zeros((rows, _COLUMNS), np.int64), np.empty((capacity, 4), np.int64)
        found = library.ngrams_pairs(
            *given, rows, fold_table().ctypes, table().ctypes, NGRAM, counts.ctypes, new.ctypes, capacity
        )
        if found < 0:
            raise MemoryError("no memory to compare the longest source with its text")
        if found <= capacity:
            return counts, new[:found].copy()
        capacity = found


def _in_python(
    texts: list[str], sources: list[str], starts: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    counts, new = [], []
    for row, (text, source, start) in enumerate(zip(texts, sources, starts.tolist(), strict=False)):
        words, source_words = words_of(text), fold_words(source)
        known, known_ngrams = set(source_words), set(_ngrams(source_words))
        ngrams = _ngrams([word.text for word in words])
        copied = sum(ngram in known_ngrams for ngram in ngrams)
        stems = {word[:STEM] for word in source_words if len(word) >= STEM}
        related = [word.text[:STEM] in stems for word in words if len(word.text) >= STEM]
        new_run = max((len(list(run)) for is_related, run in groupby(related) if not is_related), default=0)
        counts.append((len(words), len(source_words), len(ngrams), copied, len(related), sum(related), new_run))
        for word in words:
            kinds = 0 if word.text in known else _kinds_of(text[word.start : word.end])
            if kinds:
                first = start + len(text[: word.start].encode())
                new.append((row, first, first + len(text[word.start : word.end].encode()), kinds))
    return np.array(counts, np.int64).reshape(-1, _COLUMNS), np.array(new, np.int64).reshape(-1, 4)


def _ngrams(words: list[str]) -> list[tuple[str, ...]]:
    return [tuple(words[start : start + NGRAM]) for start in range(len(words) - NGRAM + 1)]


def _kinds_of(word: str) -> int:
    classes = classes_of(word[0])
    kinds = CAPITAL if classes & UPPER and not classes & LOWER else 0
    return kinds | (NUMERAL if any(map(_is_numeral, word)) else 0)


def _is_numeral(char: str) -> bool:
    return not classes_of(char) & LETTER and (ord(char) >= len(fold_table()) or fold_table()[ord(char)] > TRANSPARENT)


@lru_cache(maxsize=1)
def _library() -> Any:
    library = native.load("ngrams")
    if library is not None:
        library.ngrams_pairs.restype = ctypes.c_int64
        library.ngrams_pairs.argtypes = (
            _POINTER, _POINTER, ctypes.c_int64, _POINTER, _POINTER, ctypes.c_int, _POINTER, _POINTER, ctypes.c_int64,
        )  # fmt: skip
    return library
