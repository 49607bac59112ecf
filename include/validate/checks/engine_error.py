"""The engine gave no output for this request."""

import numpy as np
import pyarrow.compute as pc

from include.validate.checks.check import NONE_AT_ALL, Check
from include.validate.rows import Rows, Values


def measure(rows: Rows) -> Values:
    """1 where the request ended in an error."""
    return np.asarray(pc.equal(rows.finish_reason, "error").to_numpy(zero_copy_only=False), dtype=np.float64)


CHECK = Check("engine_error", measure, NONE_AT_ALL, fixed=True)
