"""An earlier step of the chain gave nothing that the next one could build on, so that the text was never written."""

import numpy as np
import pyarrow.compute as pc

from include.validate.checks.check import NONE_AT_ALL, Check
from include.validate.rows import Rows, Values


def measure(rows: Rows) -> Values:
    """1 where the chain stopped before its end; the row's ``stopped_at`` names the step."""
    return np.asarray(pc.is_valid(rows.stopped_at).to_numpy(zero_copy_only=False), dtype=np.float64)


CHECK = Check("incomplete_chain", measure, NONE_AT_ALL, fixed=True)
