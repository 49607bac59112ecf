"""Plans, results and reports of a made-up dump: figures alone, no text."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from include.lake import Lake, fingerprint, write_atomically
from include.ledger import StageReport, record
from include.recipes.registry import load_recipe
from include.rephrase.spend import Session
from include.rephrase.store import Store
from include.schemas import REQUEST, RESULT

CRAWL = "T-1"


def chain(number: int, recipe: str, source_tokens: int = 100, **columns: Any) -> dict[str, Any]:
    """A row of the plan: 200 prompt tokens, as many output tokens predicted as the source has."""
    row: dict[str, Any] = dict.fromkeys(REQUEST.names)
    return row | {
        "generation_key": f"{recipe}-{number}",
        "crawl": CRAWL,
        "recipe": recipe,
        "recipe_version": load_recipe(recipe).version,
        "source_tokens": source_tokens,
        "prompt_tokens": 200,
        "predicted_prompt_tokens": 200,
        "predicted_tokens": source_tokens,
        "teacher": "words",
        **columns,
    }


def write_plan(lake: Lake, rows: list[dict[str, Any]], crawl: str = CRAWL) -> None:
    table = pa.Table.from_pylist(rows, schema=REQUEST)
    lake.write(table, layer="requests", crawl=crawl, fingerprint=fingerprint(len(rows)))


def result(row: Mapping[str, Any], tokens: int, *, engine: str = "vllm", **columns: Any) -> dict[str, Any]:
    """The result of a chain's first generation."""
    return {
        "generation_key": row["generation_key"],
        "root": row["generation_key"],
        "step": "rewrite",
        "engine": engine,
        "engine_version": "1",
        "output": "text",
        "finish_reason": "stop",
        "error": None,
        "prompt_tokens": 210,
        "completion_tokens": tokens,
        **columns,
    }


def commit(lake: Lake, results: list[dict[str, Any]]) -> None:
    """A chunk of the store."""
    Store(lake).commit(pa.Table.from_pylist(results, schema=RESULT), "test")


def write_report(
    lake: Lake, crawl: str, by_recipe: dict[str, Any], teacher: str = "words", engine: str = "vllm"
) -> None:
    """The report of an earlier dump's rephrasing."""
    detail = {"teacher": teacher, "engines": [f"{engine} 1"], "by_recipe": by_recipe}
    record(lake, StageReport(stage="rephrase", crawl=crawl, rows_in=0, rows_out=0, detail=detail))


def write_session(lake: Lake, name: str, crawl: str = "T-0", **settings: Any) -> None:
    """An engine's life: it started in 40 s and then gave 100 output tokens a second for 60 s."""
    fields: dict[str, Any] = {
        "unit": "0-10",
        "teacher": "words",
        "kind": "vllm",
        "gpus": 1,
        "currency": "USD",
        "started": 1.0,
        "engine": "vllm 1 cpu",
        "start_seconds": 40.0,
        "seconds": 100.0,
        "results": 60,
        "prompt_tokens": 12_000,
        "tokens": 6000,
    }
    session = Session(**fields | settings)
    session.write(lake.path("spend", crawl) / f"{name}.json")


def write_raw_report(lake: Lake, crawl: str, content: bytes) -> None:
    write_atomically(lake.path("reports", crawl) / "rephrase.json", content)
