"""What a row check is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from include.recipes.recipe import Bounds, Recipe
from include.validate.gate_params import GateParams
from include.validate.rows import Rows, Values

NONE_AT_ALL = Bounds(min=0, max=0)


class Bounded:
    """What has bounds by recipe."""

    name: str
    usual: Bounds | Callable[[Recipe], Bounds]
    fixed: bool

    def bounds(self, params: GateParams, recipe: Recipe) -> Bounds:
        """The bounds for the rows of this recipe."""
        if not self.fixed:
            for given in (recipe.checks, params.checks):
                for name, bounds in given.items():
                    if name == self.name:
                        return bounds
        return self.usual(recipe) if callable(self.usual) else self.usual

    def passes(
        self, params: GateParams, recipes: Sequence[Recipe], of_row: NDArray[np.int64], values: Values
    ) -> NDArray[np.bool_]:
        """Whether each value lies in the bounds of its row's recipe; ``of_row``: its place in ``recipes``."""
        bounds = [self.bounds(params, recipe) for recipe in recipes]
        low = np.array([-np.inf if bound.min is None else bound.min for bound in bounds], dtype=np.float64)
        high = np.array([np.inf if bound.max is None else bound.max for bound in bounds], dtype=np.float64)
        passed: NDArray[np.bool_] = (values >= low[of_row]) & (values <= high[of_row])
        return passed


@dataclass(frozen=True)
class Check(Bounded):
    """A measurement of every row and the closed interval in which its value must lie."""

    name: str
    measure: Callable[[Rows], Values]
    usual: Bounds | Callable[[Recipe], Bounds]
    """The bounds where neither the recipe's ``checks`` nor ``gate.checks`` of params.yaml give any."""
    fixed: bool = False
    """Neither may give others: what fails here is no text at all, or not the one that was asked for."""
    needs_semantics: bool = False
    """It reads ``rows.semantics``, and is left out where nobody has measured that. A row that could not be measured
    (NaN: a language that the encoder does not know) passes."""

    def __call__(self, rows: Rows) -> tuple[Values, NDArray[np.bool_]]:
        """The measured values and whether they pass."""
        values = self.measure(rows).astype(np.float64)
        passed = self.passes(rows.params, rows.recipes, rows.recipe_of_row, values)
        return values, passed | np.isnan(values) if self.needs_semantics else passed


@dataclass(frozen=True)
class Comparison(Bounded):
    """A measurement of rows beside other rows of the dump, made once all have passed the checks of their own."""

    name: str
    usual: Bounds
    fixed: bool = False
