"""Loads and validates recipes. A recipe is added by adding ``<id>.yaml`` to this folder."""

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from include.errors import BadInput
from include.lake import fingerprint

FOLDER = Path(__file__).parent


class Sampling(BaseModel):
    """How the teacher samples; ``max_tokens`` bounds the output."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    temperature: Annotated[float, Field(ge=0, le=2)]
    top_p: Annotated[float, Field(gt=0, le=1)]
    max_tokens: Annotated[int, Field(ge=1)]


class Contract(BaseModel):
    """What an output must be before it may be accepted."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    kind: Literal["prose", "qa"]
    """``qa``: at least ``min_pairs`` pairs of "Question:" followed by "Answer:"."""
    min_pairs: int = 0
    min_length_ratio: Annotated[float, Field(ge=0)]
    max_length_ratio: Annotated[float, Field(gt=0)]
    """Words of the output per word of the source."""


class Recipe(BaseModel):
    """One way to rephrase a segment."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: str
    version: str
    origin: str
    """Paper and section that the contract comes from; the wording is ours."""
    system: str
    instruction: str
    document: Literal["alone", "before", "after"]
    """Where the segment stands in the prompt. ``alone``: it is all that the user says, the instruction being the
    system's; a small teacher follows that best (SmolLM2-135M on prose: 11 of 18 accepted, against 7 with ``before``).
    ``before`` the instruction, all recipes share one cached prefix: faster. ``after``: the classic order."""
    sampling: Sampling
    contract: Contract

    def messages(self, segment: str) -> list[dict[str, str]]:
        """The chat that asks for this rephrasing of ``segment``."""
        system, user = [self.system], [segment]
        match self.document:
            case "alone":
                system = [self.system, self.instruction]
            case "before":
                user = [segment, self.instruction]
            case "after":
                user = [self.instruction, segment]
        return [
            {"role": "system", "content": " ".join(part.strip() for part in system)},
            {"role": "user", "content": "\n\n".join(part.strip() for part in user)},
        ]

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.model_dump())


@lru_cache
def _load(file: Path) -> Recipe:
    try:
        recipe = Recipe.model_validate(yaml.safe_load(file.read_text()))
    except (ValidationError, yaml.YAMLError) as error:
        raise BadInput(f"Recipe {file.name} is not usable: {error}. Compare it with easy.yaml.") from None
    if recipe.id != file.stem:
        raise BadInput(f"Recipe {file.name} calls itself {recipe.id!r}; its id must be its file's name, {file.stem!r}.")
    return recipe


def known_recipes() -> list[str]:
    """Ids of all recipes."""
    return sorted(file.stem for file in FOLDER.glob("*.yaml"))


def load_recipe(recipe: str) -> Recipe:
    """The recipe with this id. Raises BadInput naming the known ones."""
    if recipe not in known_recipes():
        raise BadInput(f"There is no recipe {recipe!r}. Known: {', '.join(known_recipes())} (files in {FOLDER}).")
    return _load(FOLDER / f"{recipe}.yaml")
