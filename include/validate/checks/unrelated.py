"""The output is about something else than its source: a near copy's opposite.

Word 4-grams do not tell: a careful paraphrase may share none with its source. Long words do, and most of them keep
their first letters in whatever form they come back.
"""

import numpy as np

from include.recipes.recipe import Bounds
from include.validate.checks.check import Check
from include.validate.rows import Rows, Values


def measure(rows: Rows) -> Values:
    """Share of the output's words of five letters and more that begin like a word of the source; 1 without any."""
    pairs = rows.pairs
    return np.where(pairs.long_words > 0, pairs.related / np.maximum(pairs.long_words, 1), 1.0)


CHECK = Check("unrelated", measure, Bounds(min=0.2))
"""All outputs of the audit set about something else but one have 0.18 at most, faithful ones 0.33 at least; but for
recipes with words of their own."""
