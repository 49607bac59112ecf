"""Output contracts: what a recipe's output must hold, and how its text is taken out.

A contract is one file with a class like those below and one line here; a recipe names it by ``kind``.
"""

from typing import Annotated

from pydantic import Field

from include.recipes.contracts.bullets import BulletsContract
from include.recipes.contracts.contract import Parsed
from include.recipes.contracts.faq import FaqContract
from include.recipes.contracts.items import ItemsContract
from include.recipes.contracts.pairs import PairsContract
from include.recipes.contracts.problem import ProblemContract
from include.recipes.contracts.prose import ProseContract
from include.recipes.contracts.steps import StepsContract
from include.recipes.contracts.table import TableContract
from include.recipes.contracts.tags import TagsContract

Contract = Annotated[
    BulletsContract
    | FaqContract
    | ItemsContract
    | PairsContract
    | ProblemContract
    | ProseContract
    | StepsContract
    | TableContract
    | TagsContract,
    Field(discriminator="kind"),
]

__all__ = ["Contract", "Parsed"]
