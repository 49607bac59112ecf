"""What a row check is."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from include.params import GateParams
from include.recipes.recipe import Bounds, Recipe
from include.validate.rows import Rows, Values

NONE_AT_ALL = Bounds(min=0, max=0)


@dataclass(frozen=True)
class Check:
    """A measurement of every row and the closed interval in which its value must lie."""

    name: str
    measure: Callable[[Rows], Values]
    usual: Callable[[GateParams, Recipe], Bounds]
    """The bounds for recipes that give none of their own in ``checks``."""
    fixed: bool = False
    """No recipe may give others: what fails here is no text at all, or not the one that was asked for."""

    def __call__(self, rows: Rows) -> tuple[Values, NDArray[np.bool_]]:
        """The measured values and whether they pass."""
        values = self.measure(rows).astype(np.float64)
        bounds = [self.bounds(rows.params, recipe) for recipe in rows.recipes]
        low = rows.per_recipe([-np.inf if bound.min is None else bound.min for bound in bounds])
        high = rows.per_recipe([np.inf if bound.max is None else bound.max for bound in bounds])
        return values, (values >= low) & (values <= high)

    def bounds(self, params: GateParams, recipe: Recipe) -> Bounds:
        """The bounds for the rows of this recipe."""
        own = {} if self.fixed else {str(name): bounds for name, bounds in recipe.checks.items()}
        return own.get(self.name) or self.usual(params, recipe)
