"""Where a row of a corpus comes from."""

import json
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from small_dumps import Dump
from typer.testing import CliRunner

from include.cli import app
from include.errors import BadInput
from include.lake import Lake
from include.publish.lineage import trace
from include.publish.mix import build_corpus
from include.publish.mix_params import MixParams
from include.recipes.recipe import Bounds
from include.rephrase.store import Store
from include.schemas import RESULT
from include.settings import settings
from include.validate.gate_params import GateParams

CRAWL = "SAMPLE-2026-01"
Facts = dict[str, Any]


@pytest.fixture
def corpus(lake: Lake, make_dump: Callable[..., Dump]) -> list[Facts]:
    """The rows of a mix whose generations are in the store, too."""
    make_dump()
    accepted = lake.read("accepted", CRAWL).to_pylist()
    results = [row | {"root": row["generation_key"], "step": "rewrite"} for row in accepted]
    rows = [{name: row[name] for name in RESULT.names} for row in results]
    Store(lake).commit(pa.Table.from_pylist(rows, schema=RESULT), worker="test")
    build_corpus(lake, CRAWL, MixParams())
    mix: list[Facts] = lake.read("mix", CRAWL).to_pylist()
    return mix


def one(rows: list[Facts], **wanted: str) -> Facts:
    return next(row for row in rows if all(row[name] == value for name, value in wanted.items()))


def test_a_synthetic_row_leads_to_page_span_recipe_teacher_engine_and_checks(lake: Lake, corpus: list[Facts]) -> None:
    row = one(corpus, origin="synthetic", recipe="easy")
    document = one(lake.read("documents", CRAWL).to_pylist(), doc_id=row["doc_id"])
    found = trace(lake, row["row_id"], GateParams())
    assert found.row["tables"] == ["mix"]
    assert found.text == row["text"]
    assert found.page["url"] == document["url"]
    assert found.span["source"] == document["text"][found.span["span_start"] : found.span["span_end"]]
    assert found.span["unchanged"]
    assert found.recipe["recipe"] == "easy"
    assert "WRAP" in found.recipe["origin"]
    assert found.recipe["state"] == "as it is now"
    assert (found.teacher["teacher"], found.teacher["engine"]) == ("test-teacher", "scripted")
    assert [step["step"] for step in found.steps] == ["rewrite"]
    near_copy = one(found.checks, name="near_copy")
    assert near_copy["passed"]
    assert near_copy["value"] == 0.2
    assert near_copy["max"] is not None


def test_bounds_are_those_that_hold_now(lake: Lake, corpus: list[Facts]) -> None:
    row = one(corpus, origin="synthetic", recipe="easy")
    found = trace(lake, row["row_id"], GateParams(checks={"near_copy": Bounds(max=0.125)}))
    assert one(found.checks, name="near_copy")["max"] == 0.125


def test_a_real_row_leads_to_its_page_alone(lake: Lake, corpus: list[Facts]) -> None:
    row = one(corpus, origin="real")
    found = trace(lake, row["row_id"], GateParams(), CRAWL)
    assert found.row["tables"] == ["mix", "real"]
    assert found.page["doc_id"] == row["doc_id"]
    assert (found.span, found.recipe, found.steps, found.checks) == ({}, {}, [], [])


def test_a_recipe_that_was_changed_since_says_so(lake: Lake, make_dump: Callable[..., Dump]) -> None:
    make_dump(recipe_version="1", recipes=("easy", "long_gone"))
    build_corpus(lake, CRAWL, MixParams())
    rows = lake.read("mix", CRAWL).to_pylist()
    states = {
        recipe: trace(lake, one(rows, recipe=recipe)["row_id"], GateParams()).recipe["state"]
        for recipe in ("easy", "long_gone")
    }
    assert states == {"easy": "changed since; now 2", "long_gone": "not among the recipes any more"}


def test_a_page_that_changed_since_shows_at_the_span(lake: Lake, corpus: list[Facts]) -> None:
    row = one(corpus, origin="synthetic")
    documents = lake.read("documents", CRAWL)
    texts = pa.array([f"New: {text}" for text in documents["text"].to_pylist()])
    changed = documents.set_column(documents.schema.get_field_index("text"), "text", texts)
    lake.write(changed, layer="documents", crawl=CRAWL, fingerprint="changed")
    assert not trace(lake, row["row_id"], GateParams()).span["unchanged"]


def test_what_is_gone_is_named_with_what_to_do(lake: Lake, corpus: list[Facts]) -> None:
    with pytest.raises(BadInput, match="There is no row 'nothing' in the corpus of SAMPLE-2026-01"):
        trace(lake, "nothing", GateParams())
    row = one(corpus, origin="synthetic")
    others = lake.read("documents", CRAWL)
    kept = others.filter(pa.compute.not_equal(others["doc_id"], row["doc_id"]))
    lake.write(kept, layer="documents", crawl=CRAWL, fingerprint="less")
    with pytest.raises(BadInput, match=r"holds no longer.*corpus --crawl SAMPLE-2026-01"):
        trace(lake, row["row_id"], GateParams())


def test_the_command_shows_it_to_people_and_to_programs(
    lake: Lake, corpus: list[Facts], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REWRAP_HOME", str(lake.root.parent))
    settings.cache_clear()
    assert settings().lake == lake.root
    row = one(corpus, origin="synthetic", recipe="qa")
    shown = CliRunner().invoke(app, ["lineage", row["row_id"]])
    assert shown.exit_code == 0, shown.output
    for part in ("span_start", "test-teacher", "near_copy", row["url"]):
        assert part in shown.output
    told = json.loads(CliRunner().invoke(app, ["lineage", row["row_id"], "--crawl", CRAWL, "--json"]).stdout)
    assert told["text"] == row["text"]
    settings.cache_clear()
