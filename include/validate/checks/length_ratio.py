"""The output is much shorter or much longer than the recipe allows: facts were lost, or the teacher ran away."""

import numpy as np

from include.recipes.recipe import Bounds
from include.validate.checks.check import Check
from include.validate.rows import Rows, Values


def measure(rows: Rows) -> Values:
    """Words of the output per word of the source."""
    return rows.pairs.text_words / np.maximum(rows.pairs.source_words, 1)


CHECK = Check("length_ratio", measure, Bounds(min=0.3, max=1.5))
