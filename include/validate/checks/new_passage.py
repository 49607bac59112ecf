"""A passage of the output has nothing to do with its source: invented, said to the user, an advertisement."""

import numpy as np

from include.recipes.recipe import Bounds
from include.validate.checks.check import Check
from include.validate.rows import Rows, Values


def measure(rows: Rows) -> Values:
    """Most words of five letters and more in a row of which none begins like a word of the source (five letters)."""
    return rows.pairs.new_run.astype(np.float64)


CHECK = Check("new_passage", measure, Bounds(max=8))
"""Faithful outputs of the audit set have 6 at most, but for one and for recipes with words of their own; other subjects
have 9 at least."""
