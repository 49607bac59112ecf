"""From outputs to texts: the one that is judged, and the one that may be published."""

from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from include.recipes.clean import clean_output
from include.recipes.contracts import Parsed
from include.recipes.recipe import Recipe

COLUMNS = ["output", "stopped_at", "made_of", "source", "source_tokens", "generation_key"]


@dataclass(frozen=True)
class Texts:
    """What the outputs of a batch hold: one entry per row."""

    cleaned: list[str] = field(default_factory=list)
    """Outputs without what the teacher says around them."""
    text: list[str] = field(default_factory=list)
    """What the contract of the recipe's last step takes out; empty where the chain did not get there."""
    parts: list[int] = field(default_factory=list)
    """Well-formed parts, as that contract counts them."""
    published: list[str] = field(default_factory=list)
    """The text as a corpus may hold it."""


def read_texts(generations: pa.Table, recipes: list[Recipe]) -> Texts:
    """Clean and parse the outputs of ``generations``, whose rows have these ``recipes``."""
    texts = Texts()
    for recipe, row in zip(recipes, generations.select(COLUMNS).to_pylist(), strict=True):
        cleaned = clean_output(row["output"] or "")
        parsed = _parse(recipe, row, cleaned)
        texts.cleaned.append(cleaned)
        texts.text.append(parsed.text)
        texts.parts.append(parsed.parts)
        texts.published.append(
            recipe.published(parsed, row["source"], row["source_tokens"], row["generation_key"]) if parsed.text else ""
        )
    return texts


def _parse(recipe: Recipe, row: dict[str, Any], cleaned: str) -> Parsed:
    step = recipe.steps[-1]
    if row["stopped_at"]:
        return Parsed("", 0)
    if step.repeat == "each_piece":
        # It was put together from parsed pieces, and the chain went on only after one that held the contract.
        return Parsed((row["output"] or "").strip(), len(row["made_of"]) * step.contract.min_parts)
    return step.contract.parse(cleaned)
