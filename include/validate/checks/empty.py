"""Nothing is left after cleaning."""

import numpy as np

from include.validate.checks.check import Check
from include.validate.rows import Rows, Values


def measure(rows: Rows) -> Values:
    """Words of the cleaned output."""
    return rows.text_words.per_row.astype(np.float64)


CHECK = Check("empty", measure, lambda rows: (1.0, np.inf))
