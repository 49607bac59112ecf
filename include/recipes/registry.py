"""Loads and validates recipes. A recipe is added by adding ``<id>.yaml`` to this folder."""

from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import ValidationError

from include.errors import BadInput
from include.recipes.recipe import Recipe

FOLDER = Path(__file__).parent


def read_recipe(file: Path) -> Recipe:
    """The recipe in this file.

    Raises:
        BadInput: it is no YAML, or not what a recipe is; the message names every field that is wrong.
    """
    try:
        recipe = Recipe.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadInput(f"Recipe {file} is not valid YAML: {error}. Mend it and run again.") from None
    except ValidationError as error:
        raise BadInput(_explain(error, file)) from None
    if recipe.id != file.stem:
        raise BadInput(f"Recipe {file} calls itself {recipe.id!r}; its id must be its file's name, {file.stem!r}.")
    return recipe


def known_recipes() -> list[str]:
    """Ids of all recipes."""
    return sorted(file.stem for file in FOLDER.glob("*.yaml"))


@lru_cache
def load_recipe(recipe: str) -> Recipe:
    """The recipe with this id. Raises BadInput naming the known ones."""
    if recipe not in known_recipes():
        raise BadInput(f"There is no recipe {recipe!r}. Known: {', '.join(known_recipes())} (files in {FOLDER}).")
    return read_recipe(FOLDER / f"{recipe}.yaml")


def _explain(error: ValidationError, file: Path) -> str:
    lines = []
    for problem in error.errors():
        place = ".".join(str(part) for part in problem["loc"]) or "the whole file"
        given = "" if isinstance(problem["input"], dict) else f" = {str(problem['input'])[:80]!r}"
        lines.append(f"  {place}{given}: {problem['msg']}")
    return (
        f"Recipe {file} is not usable:\n" + "\n".join(lines) + "\nWhat each field means: include/recipes/recipe.py; an "
        "example line by line: docs/how-to/add-a-recipe.md."
    )
