"""What a plan would cost: the figures."""

from dataclasses import dataclass
from typing import Any, Self

from include.rephrase.rates import Speed
from include.rephrase.spend import Spent


@dataclass(frozen=True)
class RecipeCost:
    """One recipe's part."""

    recipe: str
    version: str
    chains: int
    """Planned: segments under this recipe."""
    in_store: int
    """Of them, those that need no generation: made before, or the same text as another chain of the plan."""
    generations: int
    """Still to make; a chain of two steps takes several."""
    prompt_tokens: int
    """Of these."""
    tokens: int
    """Output tokens of these."""
    gpu_hours: float | None
    """None where no speed is known."""
    money: float | None
    known_by: str
    """Where the tokens come from: ``measured`` averages or the recipe's ``prior``."""

    @property
    def to_make(self) -> int:
        return self.chains - self.in_store


@dataclass(frozen=True)
class Estimate:
    """What a plan would cost with these parameters, as the store stands now."""

    crawl: str
    teacher: str
    currency: str
    recipes: tuple[RecipeCost, ...]
    gpu_hours: float | None
    """Of all recipes and the engines' starts."""
    money: float | None
    speed: Speed | None
    """None where it is unknown, and for engines whose time is not ours."""
    spent: Spent
    """On this dump so far."""
    budget_lines: tuple[str, ...]
    """Bounds that will be reached before the end, in words."""

    @property
    def chains(self) -> int:
        return sum(recipe.chains for recipe in self.recipes)

    @property
    def in_store(self) -> int:
        return sum(recipe.in_store for recipe in self.recipes)

    @property
    def generations(self) -> int:
        return sum(recipe.generations for recipe in self.recipes)

    @property
    def prompt_tokens(self) -> int:
        return sum(recipe.prompt_tokens for recipe in self.recipes)

    @property
    def tokens(self) -> int:
        return sum(recipe.tokens for recipe in self.recipes)

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Self:
        nested = {
            "recipes": tuple(RecipeCost(**recipe) for recipe in content["recipes"]),
            "speed": content["speed"] and Speed(**content["speed"]),
            "spent": Spent(**content["spent"]),
            "budget_lines": tuple(content["budget_lines"]),
        }
        return cls(**content | nested)
