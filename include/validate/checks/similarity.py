"""The output is about something else than its source, or says the same in the same words."""

from include.recipes.recipe import Bounds
from include.validate.checks.check import Check
from include.validate.checks.meaning import column
from include.validate.rows import Rows, Values


def measure(rows: Rows) -> Values:
    """How well the source matches the output's content words in meaning, on average (:mod:`..semantics.figures`)."""
    return column(rows, "similarity")


CHECK = Check("similarity", measure, Bounds(min=0.6, max=0.96), needs_semantics=True)
