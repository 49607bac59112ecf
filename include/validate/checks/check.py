"""What a row check is."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from include.validate.rows import Rows, Values

Bound = float | Values
"""The same for all rows, or one number per row."""


@dataclass(frozen=True)
class Check:
    """A measurement of every row and the closed interval in which its value must lie."""

    name: str
    measure: Callable[[Rows], Values]
    bounds: Callable[[Rows], tuple[Bound, Bound]]

    def __call__(self, rows: Rows) -> tuple[Values, NDArray[np.bool_]]:
        """The measured values and whether they pass."""
        values = self.measure(rows).astype(np.float64)
        low, high = self.bounds(rows)
        return values, (values >= low) & (values <= high)
