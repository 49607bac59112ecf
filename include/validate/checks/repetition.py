"""The teacher fell into a loop."""

import numpy as np

from include.validate.checks.check import Check
from include.validate.rows import Rows, Values


def measure(rows: Rows) -> Values:
    """Share of the output's word 4-grams that repeat an earlier one."""
    ngrams = rows.text_words.ngrams
    _, first = np.unique(ngrams.keys, return_index=True)
    repeats = np.ones(len(ngrams.keys), dtype=np.bool_)
    repeats[first] = False
    return ngrams.share(repeats)


CHECK = Check("repetition", measure, lambda rows: (0.0, rows.params.max_repeated_ngram_share))
