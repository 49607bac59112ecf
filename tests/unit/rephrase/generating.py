"""Dumps to generate, and what must be in the store at the end."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pyarrow.parquet as pq
from chained import Chained
from documents import CRAWL, SENTENCES, write_documents

from include.lake import Lake
from include.rephrase.budget import Meter
from include.rephrase.chain import advance
from include.rephrase.collect import collect_generations
from include.rephrase.engines.base import Engine, Result
from include.rephrase.params import RephraseParams
from include.rephrase.plan import plan_requests
from include.rephrase.replay import all_chains, planned_recipes
from include.rephrase.store import Store
from include.rephrase.teacher import Teacher
from include.rephrase.units import Unit
from include.rephrase.worker import generate_unit

RECIPES = ["easy", "qa", "genre_audience", "long_document"]
"""One request a chain, one a chain with a contract, one for each item, one for each piece."""
CHUNK = 5


def page(number: int, sentences: int) -> str:
    """A text of its own; 80 sentences are long enough for the recipe that goes along pieces."""
    return " ".join(f"{SENTENCES[n % len(SENTENCES)]} That is fact {number}.{n}." for n in range(sentences))


PAGES = [page(0, 4), page(1, 5), page(2, 6), page(3, 60)]


def plan(
    lake: Lake, teacher: Teacher, pages: list[str] | None = None, crawl: str = CRAWL, **params: Any
) -> RephraseParams:
    """Write a dump's documents and its plan."""
    settings = RephraseParams(**{"recipes": RECIPES, "chunk_size": CHUNK, "engine": {"max_model_len": 16384}, **params})
    write_documents(lake, PAGES if pages is None else pages, crawl)
    plan_requests(lake, crawl, settings, teacher, "a test's teacher")
    return settings


def never() -> Engine:
    raise AssertionError("an engine was started without anything to generate")


def generate(
    lake: Lake,
    params: RephraseParams,
    start: Callable[[], Engine] = Chained,
    crawl: str = CRAWL,
    unit: Unit | None = None,
    meter: Meter | None = None,
) -> dict[str, Any]:
    """Generate a dump as one unit."""
    unit = unit or Unit(0, lake.finished("requests", crawl).rows)
    meter = meter or Meter(lake, crawl, str(unit), params)
    return generate_unit(lake, crawl, unit, params, start, meter, lambda texts: int(texts.num_rows))


def expected(lake: Lake, crawl: str = CRAWL) -> dict[str, str]:
    """Outputs of all generations that the dump's plan leads to, by key: what :class:`Chained` answers, replayed."""
    recipes, engine = planned_recipes(lake, crawl), Chained()
    outputs: dict[str, str] = {}
    for row in lake.read("requests", crawl).to_pylist():
        results: dict[str, Result] = {}
        while ready := advance(row, recipes[row["recipe"]], results).ready:
            results |= {request.generation_key: engine.answer(request) for request in ready}
        outputs |= {key: result.output for key, result in results.items()}
    return outputs


def stored(lake: Lake) -> list[dict[str, Any]]:
    """Every row of every chunk."""
    store = Store(lake)
    return [row for chunk in store.chunks() for row in pq.read_table(chunk).to_pylist()]


def assert_exactly_once(lake: Lake, *crawls: str) -> None:
    """Every planned key is in the store once, nothing else is, and the counts of the stages reconcile."""
    wanted: dict[str, str] = {}
    for crawl in crawls or (CRAWL,):
        wanted |= expected(lake, crawl)
    rows = stored(lake)
    assert Counter(row["generation_key"] for row in rows) == Counter(wanted.keys())
    assert {row["generation_key"]: row["output"] for row in rows} == wanted
    for crawl in crawls or (CRAWL,):
        report = collect_generations(lake, crawl)
        assert report.rows_in == report.rows_out == lake.finished("requests", crawl).rows
        made_of = [key for row in lake.read("generations", crawl).to_pylist() for key in row["made_of"]]
        assert set(made_of) == set(expected(lake, crawl))
        with all_chains(lake, crawl) as chains:
            assert chains.count == report.rows_in
