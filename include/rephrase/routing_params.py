"""Which recipes a document gets, as data: ``rephrase.routings`` and ``rephrase.genres`` of params.yaml."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field

from include.ingest.quality.compute import SIGNALS
from include.ingest.quality.score import BUCKETS
from include.recipes.recipe import Bounds
from include.recipes.registry import known_recipes
from include.sections import Section


def all_known(names: list[str], known: list[str] | tuple[str, ...], what: str) -> list[str]:
    """``names``, if all of them are known. Raises ValueError naming those that are."""
    if unknown := sorted(set(names) - set(known)):
        raise ValueError(f"there is no {what} {', '.join(unknown)}; known: {', '.join(known)}")
    return names


Some = Field(min_length=1)
RecipeIds = Annotated[list[str], Some, AfterValidator(lambda ids: all_known(ids, known_recipes(), "recipe"))]
Buckets = Annotated[list[str], Some, AfterValidator(lambda names: all_known(names, BUCKETS, "quality bucket"))]


def _signals(genre: dict[str, Bounds]) -> dict[str, Bounds]:
    all_known(list(genre), SIGNALS.names, "signal")
    return genre


Genre = Annotated[dict[str, Bounds], Some, AfterValidator(_signals)]
"""Closed intervals of stored signals (:data:`include.ingest.quality.compute.SIGNALS`); a document of the genre lies in
all of them."""


class Rule(Section):
    """Documents that meet all conditions get these recipes; a condition that is not given is met by all."""

    recipes: RecipeIds
    quality: Buckets | None = None
    """One of these quality buckets."""
    languages: Annotated[list[str], Some] | None = None
    """One of these languages, as ``documents.language`` names them (ISO 639-1, 639-3 where there is none)."""
    characters: Bounds | None = None
    """Length of the text. In characters because words are none in scripts without spaces; a token is about four
    characters of English and one or two of Chinese."""
    genres: Annotated[list[str], Some] | None = None
    """One of these ``rephrase.genres``."""


class Routing(Section):
    """A document gets the recipes of every rule that it meets."""

    rules: Annotated[list[Rule], Some]


def check_genres(routings: Mapping[str, Routing], genres: Mapping[str, Genre]) -> None:
    """Raises ValueError if a rule names a genre that is not there."""
    for name, routing in routings.items():
        for rule in routing.rules:
            all_known(rule.genres or [], sorted(genres), f"genre for routing {name},")
