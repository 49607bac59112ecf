"""The teacher fell into a loop."""

import numpy as np

from include.recipes.recipe import Bounds
from include.validate.checks.check import Check
from include.validate.rows import Rows, Values


def measure(rows: Rows) -> Values:
    """Share of the output's word 4-grams that repeat an earlier one."""
    ngrams = rows.text_words.ngrams
    _, first = np.unique(ngrams.keys, return_index=True)
    repeats = np.ones(len(ngrams.keys), dtype=np.bool_)
    repeats[first] = False
    return ngrams.share(repeats)


CHECK = Check("repetition", measure, lambda params, recipe: Bounds(max=params.max_repeated_ngram_share))
