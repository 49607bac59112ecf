"""A passage of the output has no ground in its source: invented, from the teacher's memory, or said to the user."""

from include.recipes.recipe import Bounds
from include.validate.checks.check import Check
from include.validate.checks.meaning import column
from include.validate.rows import Rows, Values


def measure(rows: Rows) -> Values:
    """How well the worst clause matches, rare words counting more, as a share of the whole output's ``similarity``."""
    return column(rows, "support")


CHECK = Check("support", measure, Bounds(min=0.63), needs_semantics=True)
