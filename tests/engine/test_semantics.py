"""The real encoder, in the engine's environment, over a dump whose measuring was killed once."""

import dataclasses
import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from include.ingest.contamination_params import ContaminationParams
from include.lake import Lake
from include.recipes.recipe import Bounds
from include.rephrase.process import engine_command, engine_environment
from include.schemas import DOCUMENT, SEMANTICS
from include.settings import PROJECT, Settings
from include.validate.gate_params import GateParams
from include.validate.judge import judge
from include.validate.semantics.measure import PARTS
from include.validate.semantics.request import request_semantics
from tests.unit.validate.conftest import CRAWL, GOOD, GOOD_QA, SOURCE, generation, table

pytestmark = [pytest.mark.slow, pytest.mark.engine]

LANGUAGES = ["de", "en"]
GROUP = 64
"""Rows of a row group here, so that a short dump has several."""
ITEM = "A shop lowers the price of a coat from 120 dollars by 15 percent. What does the coat cost now?"
MORE = "Its roof was mended twice last year by people of the village, who asked for nothing but a jar of honey each."
CASES: dict[str, dict[str, Any]] = {
    "faithful": {},
    "answers": {"recipe": "qa", "output": GOOD_QA},
    "invented": {"output": f"{GOOD} Afterwards the farmers drive their tractors to a noisy market in town."},
    "off_topic": {
        "output": "The old bridge over the river was closed on Monday. Engineers found cracks in two of its piers, "
        "and lorries must now take a road through the hills until the repairs end next spring."
    },
    "near_copy": {"output": SOURCE.replace("strong", "healthy")},
    "benchmark": {
        "recipe": "math",
        "source": "Coats used to cost 120 dollars in that shop. In January all of them became 15 percent cheaper.",
        "output": "Problem: A coat that used to be 120 dollars gets 15 percent cheaper in a shop. What is its price?"
        "\n\nSolution: 15 percent of 120 is 18, so it costs 102 dollars.",
    },
    # The encoder reads 256 tokens at once: what a long sentence says at its end must not be lost.
    "endless": {
        "source": f"{'The keeper counted hives, ' + 'then counted them again, ' * 50}{SOURCE[0].lower()}{SOURCE[1:]}",
        "output": f"{GOOD} The keeper counted his hives again and again.",
    },
    "empty": {"output": "..."},
    "failed": {"output": None, "finish_reason": "error", "error": "the engine was killed"},
    "german": {
        "source": "Die Bienen leben in einem Stock und sammeln Nektar, aus dem sie Honig machen.",
        "output": "In einem Stock wohnen Bienen. Aus gesammeltem Nektar machen sie Honig.",
    },
}


def fillers() -> Iterator[dict[str, Any]]:
    for number in range(2 * GROUP):
        changed = {"source": f"{SOURCE} {number} hives stand here.", "output": f"{GOOD} {MORE} Hives here: {number}."}
        yield generation(number, **changed)


def kill_after_the_first_group(settings: Settings, lake: Lake, options: list[str]) -> None:
    process = subprocess.Popen(
        engine_command(settings, "engine", "embed", CRAWL, *options), cwd=PROJECT, env=engine_environment(settings)
    )
    while lake.manifest(PARTS, CRAWL, "000000") is None and process.poll() is None:
        time.sleep(0.005)
    process.kill()
    process.wait()
    assert lake.manifest(PARTS, CRAWL, "000000")
    assert lake.manifest("semantics", CRAWL) is None


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = tmp_path_factory.mktemp("home")
    (home / "items.jsonl").write_text(json.dumps({"text": ITEM}))
    return Settings.from_environment({"REWRAP_HOME": str(home)})


@pytest.fixture(scope="module")
def params(settings: Settings) -> GateParams:
    return GateParams(contamination=ContaminationParams(files=[settings.home / "items.jsonl"]))


@pytest.fixture(scope="module")
def lake(settings: Settings, params: GateParams) -> Lake:
    """A dump that was measured: once that was killed, and what it had made was marked before it went on."""
    lake = Lake(settings.lake)
    rows = [*fillers(), *(generation(1000 + n, **case) for n, case in enumerate(CASES.values()))]
    german = f"doc{1000 + list(CASES).index('german')}"
    documents = [
        dict.fromkeys(DOCUMENT.names) | {"doc_id": row["doc_id"], "language": "de" if row["doc_id"] == german else "en"}
        for row in reversed(rows)
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("include.parquet.ROW_GROUP", GROUP)
        lake.write(table(rows), layer="generations", crawl=CRAWL, fingerprint="test")
    lake.write(pa.Table.from_pylist(documents, schema=DOCUMENT), layer="documents", crawl=CRAWL, fingerprint="test")

    files = json.dumps([str(file) for file in params.contamination.files])
    options = ["--set", f"gate.contamination.files={files}", "--set", f"ingest.languages={json.dumps(LANGUAGES)}"]
    kill_after_the_first_group(settings, lake, options)
    first = lake.read(PARTS, CRAWL, "000000")
    place, column = first.schema.get_field_index("least_supported"), SEMANTICS.field("least_supported")
    key = lake.finished(PARTS, CRAWL, "000000").fingerprint
    marked = first.set_column(place, column, [["kept"] * GROUP])
    lake.write(marked, layer=PARTS, crawl=CRAWL, shard="000000", fingerprint=key)
    request_semantics(settings, lake, CRAWL, params, LANGUAGES, options)
    return lake


@pytest.fixture(scope="module")
def semantics(lake: Lake) -> dict[str, dict[str, Any]]:
    return dict(zip(CASES, lake.read("semantics", CRAWL).to_pylist()[2 * GROUP :], strict=True))


@pytest.fixture(scope="module")
def failed(lake: Lake, params: GateParams) -> dict[str, set[str]]:
    """The checks that each case failed."""
    generations, semantics = (lake.read(layer, CRAWL).slice(2 * GROUP) for layer in ("generations", "semantics"))
    verdicts = judge(generations, params, LANGUAGES, semantics)[0].to_pylist()
    return {
        case: {check["name"] for check in verdict["checks"] if not check["passed"]}
        for case, verdict in zip(CASES, verdicts, strict=True)
    }


def test_a_killed_run_goes_on_from_what_it_had_measured_and_keeps_the_order(lake: Lake) -> None:
    measured, given = (lake.read(layer, CRAWL) for layer in ("semantics", "generations"))
    assert measured["generation_key"].equals(given["generation_key"])
    least = measured["least_supported"].to_pylist()
    assert least[:GROUP] == ["kept"] * GROUP
    assert "kept" not in least[GROUP:]
    assert not lake.path(PARTS, CRAWL).exists()


def test_faithful_texts_pass_every_check(failed: dict[str, set[str]]) -> None:
    assert failed["faithful"] == failed["answers"] == set()


def test_nothing_of_a_long_sentence_is_lost(failed: dict[str, set[str]]) -> None:
    assert failed["endless"] == {"length_ratio"}


def test_what_means_something_else_or_the_same_in_the_same_words_is_rejected(failed: dict[str, set[str]]) -> None:
    assert "support" in failed["invented"]
    assert "similarity" not in failed["invented"]
    assert "similarity" in failed["off_topic"]
    assert "similarity" in failed["near_copy"]


def test_the_worst_place_is_named(semantics: dict[str, dict[str, Any]]) -> None:
    assert set(semantics["invented"]["least_supported"].split()) & {"tractors", "noisy", "market", "town"}


def test_a_reworded_item_of_a_benchmark_is_rejected_although_its_source_has_it(
    failed: dict[str, set[str]], semantics: dict[str, dict[str, Any]]
) -> None:
    assert "benchmark_similarity" in failed["benchmark"]
    assert semantics["benchmark"]["benchmark_item"] == "items.jsonl 1"
    assert semantics["faithful"]["benchmark_similarity"] < 0.5


def test_without_a_text_or_in_a_language_that_the_encoder_does_not_know_nothing_is_measured(
    semantics: dict[str, dict[str, Any]], failed: dict[str, set[str]]
) -> None:
    for case in ("empty", "failed", "german"):
        assert (semantics[case]["similarity"], semantics[case]["support"]) == (None, None)
    assert not failed["german"] & {"similarity", "support", "benchmark_similarity"}


def test_other_bounds_start_no_engine(settings: Settings, lake: Lake, params: GateParams) -> None:
    before = lake.finished("semantics", CRAWL)
    nowhere = dataclasses.replace(settings, engine_python=Path("/nowhere"))
    others = params.model_copy(update={"checks": {"support": Bounds(min=0.2)}})
    request_semantics(nowhere, lake, CRAWL, others, LANGUAGES, [])
    assert lake.finished("semantics", CRAWL) == before
