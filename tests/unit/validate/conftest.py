"""Generations to judge: a good rephrasing of one source, and what differs in each case."""

from collections.abc import Callable, Iterable
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from include.lake import Lake
from include.schemas import GENERATION
from include.validate.data_docs import load_gx
from include.validate.expected import Expected
from include.validate.figures import Figures
from include.validate.outcome import Finding

CRAWL = "SAMPLE-2026-01"

SOURCE = (
    "Bees live together in a hive that the keeper visits once a week from April until October. A strong colony holds "
    "around 50,000 workers, who collect nectar from flowers as far as 3 miles away and turn it into honey. In winter "
    "they huddle around the queen, shiver to keep her warm, and live on what they stored during the summer months."
)
GOOD = (
    "A beekeeper looks into the hive every week between April and October. About 50,000 workers belong to a healthy "
    "colony. They fly up to three miles to gather nectar, which becomes honey. When it is cold, the insects crowd "
    "close to their queen, tremble so that she stays warm, and eat the summer's reserves."
)
GOOD_QA = (
    "Question: How often does the keeper visit the hive?\nAnswer: Once a week from April until October.\n"
    "Question: How many workers does a strong colony hold?\nAnswer: Around 50,000 workers.\n"
    "Question: What do the bees do in winter?\nAnswer: They huddle around the queen and shiver to keep her warm."
)


def generation(number: int = 0, **different: Any) -> dict[str, Any]:
    """One row of GENERATION that every check accepts, but for what is ``different``."""
    recipe = different.get("recipe", "easy")
    row = {
        "generation_key": f"key{number:04d}",
        "doc_id": f"doc{number:04d}",
        "crawl": CRAWL,
        "segment": 0,
        "variant": 0,
        "source": SOURCE,
        "source_tokens": 70,
        "sentences": 3,
        "document_sentences": 3,
        "recipe": recipe,
        "recipe_version": "1",
        "made_of": [f"key{number:04d}"],
        "output": GOOD_QA if recipe == "qa" else GOOD,
        "finish_reason": "stop",
        "completion_tokens": 80,
        "engine": "written by hand for this test",
    }
    return row | different


def table(rows: Iterable[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=GENERATION)


def evaluated(figures: Figures, expected: list[Expected]) -> list[Finding]:
    """What Great Expectations finds, without the pages that a gate has it render: they take ten times as long."""
    gx = load_gx()
    source = gx.get_context(mode="ephemeral").data_sources.add_pandas("test")
    whole = source.add_dataframe_asset("dump").add_batch_definition_whole_dataframe("all")
    suite = gx.ExpectationSuite("dump", expectations=[item.build() for item in expected])
    frame = pd.DataFrame([figures.values])
    results = {
        result.expectation_config.meta["name"]: result
        for result in whole.get_batch(batch_parameters={"dataframe": frame}).validate(suite).results
    }
    return [item.finding(results.get(item.name), figures) for item in expected]


Store = Callable[..., None]


@pytest.fixture
def store(lake: Lake) -> Store:
    """Write rows as the crawl's generations."""

    def write(*rows: dict[str, Any]) -> None:
        lake.write(table(rows), layer="generations", crawl=CRAWL, fingerprint=f"{len(rows)} rows")

    return write
