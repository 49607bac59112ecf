"""The output is much shorter or much longer than the recipe allows: facts were lost, or the teacher ran away."""

import numpy as np

from include.validate.checks.check import Bound, Check
from include.validate.rows import Rows, Values


def measure(rows: Rows) -> Values:
    """Words of the output per word of the source."""
    return rows.text_words.per_row / np.maximum(rows.source_words.per_row, 1)


def bounds(rows: Rows) -> tuple[Bound, Bound]:
    """The recipe's own."""
    return (
        rows.per_recipe(lambda recipe: recipe.contract.min_length_ratio),
        rows.per_recipe(lambda recipe: recipe.contract.max_length_ratio),
    )


CHECK = Check("length_ratio", measure, bounds)
