"""The output hit ``max_tokens``: it ends in the middle of a thought."""

import numpy as np
import pyarrow.compute as pc

from include.validate.checks.check import NONE_AT_ALL, Check
from include.validate.rows import Rows, Values


def measure(rows: Rows) -> Values:
    """1 where the teacher was cut off."""
    return np.asarray(pc.equal(rows.finish_reason, "length").to_numpy(zero_copy_only=False), dtype=np.float64)


CHECK = Check("truncated", measure, NONE_AT_ALL, fixed=True)
