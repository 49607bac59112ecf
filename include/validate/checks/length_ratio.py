"""The output is much shorter or much longer than the recipe allows: facts were lost, or the teacher ran away."""

import numpy as np

from include.recipes.recipe import Bounds
from include.validate.checks.check import Check
from include.validate.rows import Rows, Values


def measure(rows: Rows) -> Values:
    """Words of the output per word of the source."""
    return rows.text_words.per_row / np.maximum(rows.source_words.per_row, 1)


CHECK = Check(
    "length_ratio", measure, lambda params, recipe: Bounds(min=params.min_length_ratio, max=params.max_length_ratio)
)
