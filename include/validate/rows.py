"""The columns that checks measure: one batch of generations with its words, recipes and bounds."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from include.params import GateParams
from include.recipes.recipe import Recipe
from include.recipes.registry import load_recipe
from include.validate.texts import read_texts

Values = NDArray[np.float64]
"""One number per row."""

NGRAM = 4
"""Words per n-gram of the checks ``near_copy`` and ``repetition``."""

WORD = r"[\p{L}\p{M}\p{N}]+"
_NOT_A_WORD = r"[^\p{L}\p{M}\p{N}]+"
# Odd 64-bit multipliers, one per position and one for the row: a universal hash of (row, four word ids). At a million
# n-grams a batch, the odds of any collision are below one in ten million, and one would move one share by under 1 %.
_MIX = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93], dtype=np.uint64)
_ROW_MIX = np.uint64(0xA0761D6478BD642F)


@dataclass(frozen=True)
class Words:
    """The lower-cased words of a text column, flat."""

    ids: NDArray[np.uint64]
    """Equal words of the batch have equal ids."""
    row: NDArray[np.int64]
    """Row of each word, ascending."""
    rows: int

    @cached_property
    def per_row(self) -> NDArray[np.int64]:
        return np.bincount(self.row, minlength=self.rows)

    @cached_property
    def ngrams(self) -> "Ngrams":
        """All runs of NGRAM words that do not cross a row."""
        starts = max(len(self.ids) - NGRAM + 1, 0)
        row = self.row[:starts]
        keys = row.astype(np.uint64) * _ROW_MIX
        for position, factor in enumerate(_MIX):
            keys += self.ids[position : position + starts] * factor
        inside = row == self.row[NGRAM - 1 :]
        return Ngrams(keys=keys[inside], row=row[inside], rows=self.rows)


@dataclass(frozen=True)
class Ngrams:
    """Word n-grams, flat; a key tells the n-gram and its row."""

    keys: NDArray[np.uint64]
    row: NDArray[np.int64]
    rows: int

    def share(self, marked: NDArray[np.bool_]) -> Values:
        """Share of each row's n-grams that are marked; 0 for a row without any."""
        total = np.bincount(self.row, minlength=self.rows)
        return np.bincount(self.row, weights=marked, minlength=self.rows) / np.maximum(total, 1)


class Rows:
    """One batch of generations. What several checks need is computed once, on first use."""

    def __init__(self, generations: pa.Table, params: GateParams, languages: list[str]) -> None:
        self.params = params
        self.languages = languages
        recipes = generations["recipe"].combine_chunks().dictionary_encode()
        self.recipes: list[Recipe] = [load_recipe(name) for name in recipes.dictionary.to_pylist()]
        self.recipe_of_row: NDArray[np.int64] = recipes.indices.to_numpy().astype(np.int64)
        """Index into ``recipes``."""
        self.source = generations["source"].combine_chunks()
        self.finish_reason = generations["finish_reason"].combine_chunks()
        self.stopped_at = generations["stopped_at"].combine_chunks()
        texts = read_texts(generations, [self.recipes[index] for index in self.recipe_of_row])
        self.cleaned = pa.array(texts.cleaned, pa.string())
        self.text = pa.array(texts.text, pa.string())
        """What is judged: the generated text."""
        self.published = pa.array(texts.published, pa.string())
        self.parts: Values = np.array(texts.parts, dtype=np.float64)

    def __len__(self) -> int:
        return len(self.text)

    def per_recipe(self, values: list[float]) -> Values:
        """One number per row out of one per recipe."""
        return np.array(values, dtype=np.float64)[self.recipe_of_row]

    @cached_property
    def _words(self) -> tuple[Words, Words]:
        flat: list[Any] = []
        row: list[NDArray[np.int64]] = []
        for column in (self.text, self.source):
            lists = pc.split_pattern_regex(pc.utf8_lower(column), _NOT_A_WORD)
            words, parents = pc.list_flatten(lists), pc.list_parent_indices(lists)
            not_empty = pc.not_equal(words, "")
            flat.append(words.filter(not_empty))
            row.append(parents.filter(not_empty).to_numpy().astype(np.int64))
        ids = pa.concat_arrays(flat).dictionary_encode().indices.to_numpy().astype(np.uint64)
        cut = len(flat[0])
        return Words(ids[:cut], row[0], len(self)), Words(ids[cut:], row[1], len(self))

    @property
    def text_words(self) -> Words:
        return self._words[0]

    @property
    def source_words(self) -> Words:
        return self._words[1]
