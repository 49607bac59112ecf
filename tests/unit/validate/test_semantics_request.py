"""When meanings are measured anew, and what is said when they cannot be."""

import dataclasses
import json
from pathlib import Path

import pytest

from include.errors import BadInput
from include.lake import Lake
from include.recipes.recipe import Bounds
from include.settings import Settings
from include.validate.gate_params import GateParams
from include.validate.semantics.request import request_semantics, semantics_key
from tests.unit.validate.conftest import CRAWL, Store, generation


def params(**different: object) -> GateParams:
    return GateParams.model_validate(different)


@pytest.fixture
def items(tmp_path: Path) -> Path:
    file = tmp_path / "items.jsonl"
    file.write_text(json.dumps({"text": "How many bees live in a strong colony in summer?"}))
    return file


def test_what_decides_the_figures_makes_them_new_and_bounds_do_not(lake: Lake, store: Store, items: Path) -> None:
    store(generation(0), generation(1))
    key = semantics_key(lake, CRAWL, params(), ["en"])
    bounds = params(checks={"support": {"min": 0.5}}, min_accepted_share=0.5)
    assert bounds.checks["support"] == Bounds(min=0.5)
    assert semantics_key(lake, CRAWL, bounds, ["en"]) == key
    with_items = params(contamination={"files": [str(items)]})
    keys = {
        key,
        semantics_key(lake, CRAWL, params(), ["de", "en"]),
        semantics_key(lake, CRAWL, params(semantics={"languages": ["en", "de"]}), ["en"]),
        semantics_key(lake, CRAWL, with_items, ["en"]),
    }
    items.write_text(json.dumps({"text": "How many wasps live in a strong colony in summer?"}))
    keys.add(semantics_key(lake, CRAWL, with_items, ["en"]))
    store(generation(0), generation(1), generation(2))
    keys.add(semantics_key(lake, CRAWL, params(), ["en"]))
    assert len(keys) == 6


def test_without_the_engines_environment_it_is_said_how_to_do_without(lake: Lake, store: Store, tmp_path: Path) -> None:
    store(generation())
    settings = dataclasses.replace(Settings.from_environment({}), engine_python=tmp_path / "nowhere")
    with pytest.raises(BadInput, match=r"'make setup'.*gate\.semantics\.enabled: false"):
        request_semantics(settings, lake, CRAWL, params(), ["en"], [])


def test_a_benchmark_without_an_item_of_some_length_is_refused(lake: Lake, store: Store, items: Path) -> None:
    store(generation())
    items.write_text(json.dumps({"text": "How many bees?"}))
    with pytest.raises(BadInput, match=r"items\.jsonl has no item of 5 words"):
        semantics_key(lake, CRAWL, params(contamination={"files": [str(items)]}), ["en"])
