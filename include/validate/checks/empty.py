"""Nothing is left after cleaning."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from include.recipes.recipe import Bounds
from include.validate.checks.check import Check
from include.validate.rows import Rows, Values

WORD = r"[\p{L}\p{M}\p{N}]+"


def measure(rows: Rows) -> Values:
    """Words of the text; of the cleaned output, where the contract takes no text out of it."""
    words = rows.pairs.text_words.astype(np.float64)
    without = np.flatnonzero(words == 0)
    if not len(without):
        return words
    words[without] = pc.count_substring_regex(rows.cleaned.take(pa.array(without)), WORD).to_numpy(zero_copy_only=False)
    return words


CHECK = Check("empty", measure, Bounds(min=1), fixed=True)
