"""The output does not hold what its recipe's contract asks for: too few pairs, rows, items, or none."""

import numpy as np

from include.recipes.recipe import Bounds
from include.validate.checks.check import Check
from include.validate.rows import Rows, Values


def measure(rows: Rows) -> Values:
    """Well-formed parts of the output as the recipe's last step counts them; 0 without a word of text."""
    return np.where(rows.pairs.text_words > 0, rows.parts, 0.0)


CHECK = Check("contract", measure, lambda recipe: Bounds(min=recipe.steps[-1].contract.min_parts), fixed=True)
