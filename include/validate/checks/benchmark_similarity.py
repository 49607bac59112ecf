"""The output says the same as an item of a benchmark, in whatever words: a teacher may know what its source lacks."""

from include.recipes.recipe import Bounds
from include.validate.checks.check import Check
from include.validate.checks.meaning import column
from include.validate.rows import Rows, Values


def measure(rows: Rows) -> Values:
    """Highest cosine of one to four sentences of the output with an item; 0 without benchmark files."""
    return column(rows, "benchmark_similarity")


CHECK = Check("benchmark_similarity", measure, Bounds(max=0.75), needs_semantics=True)
