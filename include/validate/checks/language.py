"""The output is in none of the languages that were asked for, or drifts out of them."""

import numpy as np

from include.ingest.language import score_of
from include.recipes.recipe import Bounds
from include.validate.checks.check import Check
from include.validate.rows import Rows, Values


def measure(rows: Rows) -> Values:
    """Score of the likeliest wanted language (fastText lid.176, compressed); 1 when every language is wanted."""
    if not rows.languages:
        return np.ones(len(rows))
    return np.array([score_of(text, rows.languages) for text in rows.texts], dtype=np.float64)


CHECK = Check("language", measure, Bounds(min=0.4))
