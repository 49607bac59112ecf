"""The output copies the source instead of rephrasing it."""

import numpy as np

from include.recipes.recipe import Bounds
from include.validate.checks.check import Check
from include.validate.rows import Rows, Values


def measure(rows: Rows) -> Values:
    """Share of the output's word 4-grams that stand in its source."""
    return rows.pairs.copied / np.maximum(rows.pairs.ngrams, 1)


CHECK = Check("near_copy", measure, Bounds(max=0.65))
