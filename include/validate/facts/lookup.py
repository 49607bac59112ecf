"""Which words of the lexicons texts and sources have: one pass over each that sorts out the rows worth reading."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from include.ingest.ngrams import NgramSet, build_set, hash_ngrams
from include.validate.facts.dates import AMBIGUOUS, FORMS
from include.validate.facts.number_words import LIGHT, NUMBER_WORDS
from include.validate.facts.polarity import pairs
from include.validate.facts.roles import SIGNS

_TIMES = "times"
_HEAVY = [number for number, word in enumerate(NUMBER_WORDS) if word not in LIGHT]
Marks = NDArray[np.bool_]
"""Of shape (rows, marks): which marks the words of a row have."""


@dataclass(frozen=True)
class Found:
    number_words: NDArray[np.bool_]
    """Rows whose text has a number word that the source has not, or in which both count how many times: ``times``."""
    times: NDArray[np.bool_]
    numbers: tuple[Marks, Marks]
    """Which of NUMBER_WORDS texts and sources have."""
    dates: NDArray[np.bool_]
    """Rows whose text may name a month or weekday that the source does not, by a form that is no other word."""
    months: NDArray[np.bool_]
    """Rows whose text may name a month."""
    roles: NDArray[np.bool_]
    """Rows whose text may say who beat whom."""
    opposites: dict[int, list[tuple[int, int]]]
    """By row: number of a pair of opposites and the side of it that only the text has, while only the source has the
    other."""


@dataclass(frozen=True)
class _Kind:
    """What words of one lexicon mean: each key of the n-gram set has some marks."""

    starts: NDArray[np.int64]
    marks: NDArray[np.int64]
    count: int

    def of(self, rows: int, row: NDArray[np.int64], key: NDArray[np.int64]) -> Marks:
        counts = self.starts[key + 1] - self.starts[key]
        first = np.repeat(self.starts[key] - np.cumsum(counts) + counts, counts)
        marks = np.zeros((rows, self.count), np.bool_)
        marks[np.repeat(row, counts), self.marks[first + np.arange(len(first))]] = True
        return marks


@dataclass(frozen=True)
class _Lexicon:
    ngrams: NgramSet
    numbers: _Kind
    dates: _Kind
    roles: _Kind
    signs: _Kind
    also: _Kind


@cache
def _lexicon() -> _Lexicon:
    signs, also = defaultdict[str, list[int]](list), defaultdict[str, list[int]](list)
    for number, pair in enumerate(pairs()):
        for side, group in enumerate(pair):
            for word in group.words:
                signs[word].append(2 * number + side)
            for word in group.also:
                also[word].append(2 * number + side)
    numbers = {word: [number] for number, word in enumerate((*NUMBER_WORDS, _TIMES))}
    dates = {form: [mark] for form, mark in FORMS.items() if form not in AMBIGUOUS}
    roles = {word: [0] for word in SIGNS}
    hashes = {int(hash_ngrams(word, 1)[0]): word for word in {*also, *numbers, *dates, *roles}}
    words = [hashes[key] for key in sorted(hashes)]

    def kind(marks_of: dict[str, list[int]]) -> _Kind:
        lists = [marks_of.get(word, []) for word in words]
        flat = np.array([mark for marks in lists for mark in marks], np.int64)
        return _Kind(np.cumsum([0, *map(len, lists)], dtype=np.int64), flat, int(flat.max()) + 1)

    ngrams = build_set(np.array(list(hashes), np.uint64), 1)
    return _Lexicon(ngrams, kind(numbers), kind(dates), kind(roles), kind(signs), kind(also))


def look_up(texts: pa.Array, sources: pa.Array) -> Found:
    """Look for the lexicons' words in texts and in their sources, row by row (strings; nulls count as empty)."""
    lexicon = _lexicon()
    # A source is read once for all its recipes.
    encoded = sources.fill_null("").dictionary_encode()
    source_of_row = encoded.indices.to_numpy()
    text, source = (
        (len(column), hits[:, 0], hits[:, 2])
        for column in (texts, encoded.dictionary)
        for hits in (lexicon.ngrams.find(column),)
    )

    def of_source(kind: _Kind) -> Marks:
        marks: Marks = kind.of(*source)[source_of_row]
        return marks

    numbers, known_numbers = lexicon.numbers.of(*text), of_source(lexicon.numbers)
    times = numbers[:, -1] & known_numbers[:, -1]
    dates, known_dates = lexicon.dates.of(*text), of_source(lexicon.dates)
    said, given = lexicon.signs.of(*text), of_source(lexicon.signs)
    # An even mark and the odd one behind it are the two sides of a pair.
    other = np.arange(lexicon.signs.count) ^ 1
    turned = said & ~of_source(lexicon.also) & given[:, other] & ~said[:, other]
    return Found(
        number_words=np.any((numbers & ~known_numbers)[:, _HEAVY], axis=1) | times,
        times=times,
        numbers=(numbers[:, :-1], known_numbers[:, :-1]),
        dates=np.any(dates & ~known_dates, axis=1),
        months=np.any(dates[:, :12], axis=1),
        roles=np.any(lexicon.roles.of(*text), axis=1),
        opposites=_by_row(np.argwhere(turned).tolist()),
    )


def _by_row(places: Iterable[Sequence[int]]) -> dict[int, list[tuple[int, int]]]:
    found = defaultdict[int, list[tuple[int, int]]](list)
    for row, mark in places:
        found[row].append(divmod(mark, 2))
    return dict(found)
