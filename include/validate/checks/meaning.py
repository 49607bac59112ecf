"""What the checks on meaning read."""

import numpy as np

from include.validate.rows import Rows, Values


def column(rows: Rows, name: str) -> Values:
    """A column of ``rows.semantics``, NaN where nothing could be measured."""
    assert rows.semantics is not None
    values: Values = rows.semantics[name].to_numpy().astype(np.float64)
    return values
