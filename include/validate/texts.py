"""From outputs to texts: the one that is judged, and the one that may be published."""

from dataclasses import dataclass, field

import pyarrow as pa

from include.recipes.clean import clean_output
from include.recipes.contracts import Parsed
from include.recipes.recipe import Recipe


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
    # Column by column: a dict for each row takes as long as the parsing. Few rows ask what they are made of.
    columns = (
        generations[name].to_pylist() for name in ("output", "stopped_at", "source", "source_tokens", "generation_key")
    )
    for row, (recipe, output, stopped_at, *given) in enumerate(zip(recipes, *columns, strict=True)):
        cleaned = clean_output(output or "")
        step = recipe.steps[-1]
        if stopped_at:
            parsed = Parsed("", 0)
        elif step.repeat == "each_piece":
            # Put together from parsed pieces, and the chain went on only after one that held the contract.
            pieces = len(generations["made_of"][row].as_py())
            parsed = Parsed((output or "").strip(), pieces * step.contract.min_parts)
        else:
            parsed = step.contract.parse(cleaned)
        texts.cleaned.append(cleaned)
        texts.text.append(parsed.text)
        texts.parts.append(parsed.parts)
        texts.published.append(recipe.published(parsed, *given) if parsed.text else "")
    return texts
