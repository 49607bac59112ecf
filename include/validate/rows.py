"""The columns that checks measure: one batch of generations with its words, recipes and bounds."""

from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from include.ingest.quality.compute import signals
from include.recipes.recipe import Recipe
from include.recipes.registry import load_recipe
from include.validate.facts.lookup import Found, look_up
from include.validate.gate_params import GateParams
from include.validate.pairs import Pairs, measure_pairs
from include.validate.texts import read_texts

Values = NDArray[np.float64]
"""One number per row."""


class Rows:
    """One batch of generations. What several checks need is computed once, on first use."""

    def __init__(
        self, generations: pa.Table, params: GateParams, languages: list[str], semantics: pa.Table | None = None
    ) -> None:
        self.params = params
        self.semantics = semantics
        """What embeddings tell of each row (schema SEMANTICS), in the same order; None: nobody has measured it."""
        self.languages = languages
        recipes = generations["recipe"].combine_chunks().dictionary_encode()
        self.recipes: list[Recipe] = [load_recipe(name) for name in recipes.dictionary.to_pylist()]
        self.recipe_of_row: NDArray[np.int64] = recipes.indices.to_numpy().astype(np.int64)
        """Index into ``recipes``."""
        self.source = generations["source"].combine_chunks()
        self.finish_reason = generations["finish_reason"].combine_chunks()
        self.stopped_at = generations["stopped_at"].combine_chunks()
        texts = read_texts(generations, [self.recipes[index] for index in self.recipe_of_row])
        self.texts: list[str] = texts.text
        """What is judged: the generated text. ``text`` holds the same for Arrow."""
        self._cleaned = texts.cleaned
        self.text = pa.array(texts.text, pa.string())
        # Mostly the same strings: comparing them is a look at their addresses.
        self.published = self.text if texts.published == texts.text else pa.array(texts.published, pa.string())
        self.parts: Values = np.array(texts.parts, dtype=np.float64)

    def __len__(self) -> int:
        return len(self.text)

    @cached_property
    def cleaned(self) -> pa.Array:
        """Outputs without what the teacher says around them."""
        return pa.array(self._cleaned, pa.string())

    @cached_property
    def sources(self) -> list[str]:
        """``source`` as Python's strings."""
        return [source or "" for source in self.source.to_pylist()]

    @cached_property
    def pairs(self) -> Pairs:
        """Words and word n-grams of each text beside its source, and its new words with a capital or a numeral: where
        it has none of them, no name or number can be new."""
        return measure_pairs(self.text, self.source)

    @cached_property
    def signals(self) -> pa.Table:
        """The quality signals of each text (:data:`include.ingest.quality.compute.SIGNALS`)."""
        return signals(self.text)

    @cached_property
    def found(self) -> Found:
        """Number words and opposites of each text beside its source."""
        return look_up(self.text, self.source)
