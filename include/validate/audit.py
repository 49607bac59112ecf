"""The audit set: pairs of source and output with the decision of a careful person, and how well the gate agrees.

Every pair was written for this project: folder ``audit`` beside this file. Bounds are set by ``calibration`` and
``validation``: what is set by one is looked at in the other, to see how far it carries. ``heldout`` judges them. The
parts have different authors and no source in common; nobody looks at the last one while mending a check.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import yaml
from numpy.typing import NDArray

from include.errors import BadInput
from include.recipes.registry import load_recipe
from include.schemas import GENERATION

FOLDER = Path(__file__).parent / "audit"
FAITHFUL = "faithful"
"""The label of pairs that are to be accepted; every other one names what is wrong."""
WORDS_PER_TOKEN = 0.75
"""Of English under a byte-pair tokenizer, roughly: pairs have no teacher that could count."""


@dataclass(frozen=True)
class Pair:
    recipe: str
    id: str
    label: str
    source: str
    output: str
    finish: str
    note: str

    @property
    def good(self) -> bool:
        return self.label == FAITHFUL


@dataclass(frozen=True)
class Agreement:
    """How well rejecting agrees with the labels: a bad pair that is rejected is a hit."""

    bad: int
    rejected: int
    hits: int

    @property
    def recall(self) -> float:
        """Share of the bad pairs that are rejected."""
        return self.hits / self.bad if self.bad else 1.0

    @property
    def precision(self) -> float:
        """Share of the rejected pairs that are bad."""
        return self.hits / self.rejected if self.rejected else 1.0


def agreement(pairs: Sequence[Pair], rejected: NDArray[np.bool_]) -> Agreement:
    """Compare verdicts with labels, pair by pair."""
    bad = np.array([not pair.good for pair in pairs], dtype=np.bool_)
    return Agreement(int(bad.sum()), int(rejected.sum()), int((bad & rejected).sum()))


def load_pairs(folder: Path) -> list[Pair]:
    """All pairs of the files ``<recipe>.yaml`` in a folder.

    Raises:
        BadInput: a file is no YAML, or not what an audit file is.
    """
    pairs = []
    for file in sorted(folder.glob("*.yaml")):
        try:
            content = yaml.safe_load(file.read_text(encoding="utf-8"))
            for pair in content["pairs"]:
                source, output = content["sources"][pair["source"]], str(pair["output"])
                about = (str(pair["label"]), source.strip(), output, pair.get("finish", "stop"), pair.get("note", ""))
                pairs.append(Pair(file.stem, str(pair["id"]), *about))
        except (yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
            raise BadInput(
                f"Audit file {file} is not usable: {error}. It needs 'sources' (name to text) and 'pairs' (id, source, "
                "label, output, and if need be finish and note): see the files beside it."
            ) from None
    return pairs


def generations_of(pairs: Sequence[Pair]) -> pa.Table:
    """The pairs as a teacher would have left them (schema GENERATION), in their order."""
    rows = []
    for number, pair in enumerate(pairs):
        tokens = round(len(pair.source.split()) / WORDS_PER_TOKEN)
        limits = load_recipe(pair.recipe).segment
        pieces = -(-tokens // limits.piece_tokens) if limits.piece_tokens else 1
        rows.append(
            {
                "generation_key": f"{pair.recipe}-{pair.id}",
                "doc_id": f"{number:032x}",
                "crawl": "AUDIT",
                "segment": 0,
                "variant": 0,
                "source": pair.source,
                "source_tokens": tokens,
                "recipe": pair.recipe,
                "recipe_version": load_recipe(pair.recipe).version,
                "made_of": [f"{pair.recipe}-{pair.id}-{piece}" for piece in range(pieces)],
                "output": pair.output,
                "finish_reason": pair.finish,
                "engine": "written by hand for the audit set",
            }
        )
    return pa.Table.from_pylist(rows, schema=GENERATION)
