"""The gate as a stage: what it writes, when it blocks, and what lets later stages pass."""

import json
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from include import ledger
from include.errors import BadInput, GateFailed
from include.lake import Lake
from include.recipes.recipe import Bounds
from include.schemas import IDENTITY, JUDGED, SEMANTICS, VERDICT
from include.validate.drift_params import DriftParams
from include.validate.figures import Figures
from include.validate.gate import require_passed, run_gate
from include.validate.gate_params import GateParams
from include.validate.outcome import read_outcome
from include.validate.passes import STEPS
from include.validate.suites.generations import measure
from tests.unit.validate.conftest import CRAWL, GOOD, SOURCE, Store, generation, table

ENGINE_ERROR = {"output": None, "finish_reason": "error", "error": "the engine was killed"}
HOSTILE = "<script>alert('bees')</script> <img src=x onerror=alert(1)>"
LENIENT = GateParams(max_failed_share=0.5)
MIXED = [
    generation(3),
    generation(1, recipe="qa"),
    generation(2, output=SOURCE),
    generation(4, finish_reason="length", output=HOSTILE + GOOD),
    generation(5, finish_reason="length"),
    generation(0, **ENGINE_ERROR),
]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Lake, ledger.StageReport]:
    """One gate over MIXED that the tests below read."""
    lake = Lake(tmp_path_factory.mktemp("judged") / "lake")
    lake.write(table(MIXED), layer="generations", crawl=CRAWL, fingerprint="mixed")
    return lake, run_gate(lake, CRAWL, LENIENT, ["en"])


def test_every_generation_is_accepted_rejected_or_failed(judged: tuple[Lake, ledger.StageReport]) -> None:
    lake, report = judged
    report.check()
    assert (report.rows_in, report.rows_out) == (6, 2)
    assert report.rejected == {"near_copy": 1, "truncated": 2}
    assert report.failed == {"engine_error": 1}
    assert ledger.recall(lake, CRAWL, "gate") == report
    assert report.detail["by_recipe"] == {
        "easy": {"generations": 5, "accepted": 1},
        "qa": {"generations": 1, "accepted": 1},
    }
    assert report.detail["accepted_tokens"] == 160
    texts = lake.read("accepted", CRAWL)["text"].to_pylist()
    assert report.detail["accepted_words"] == sum(len(text.split()) for text in texts)


def test_the_gate_tells_how_much_of_the_documents_is_covered(judged: tuple[Lake, ledger.StageReport]) -> None:
    lake, report = judged
    assert report.detail["coverage"] == {
        "overall": {"documents": 6, "mean": 0.3333, "without_accepted": 4},
        "by_recipe": {
            "easy": {"documents": 5, "mean": 0.2, "without_accepted": 4},
            "qa": {"documents": 1, "mean": 1.0, "without_accepted": 0},
        },
    }
    assert lake.read("coverage", CRAWL).num_rows == 6 + 5 + 1
    summary = (lake.path("data_docs", CRAWL, "generations") / "summary.html").read_text()
    assert "33% of a document's sentences ended in accepted text (mean over 6 documents; 4 have none)" in summary


def test_tables_hold_each_row_once_in_the_order_of_the_generations(judged: tuple[Lake, ledger.StageReport]) -> None:
    lake, _ = judged
    verdicts, accepted, quarantined = (lake.read(name, CRAWL) for name in ("verdicts", "accepted", "quarantined"))
    assert verdicts.schema == VERDICT
    assert accepted.schema == quarantined.schema == JUDGED
    assert verdicts["generation_key"].to_pylist() == [row["generation_key"] for row in MIXED]
    assert accepted["generation_key"].to_pylist() == ["key0003", "key0001"]
    assert accepted["reason"].to_pylist() == [None, None]


def test_quarantine_keeps_the_row_with_its_reason(judged: tuple[Lake, ledger.StageReport]) -> None:
    lake, _ = judged
    rows = {row["doc_id"]: row for row in lake.read("quarantined", CRAWL).to_pylist()}
    assert {doc: row["reason"] for doc, row in rows.items()} == {
        "doc0000": "engine_error",
        "doc0002": "near_copy",
        "doc0004": "truncated",
        "doc0005": "truncated",
    }
    assert rows["doc0002"]["output"] == rows["doc0002"]["text"] == SOURCE
    assert rows["doc0000"]["error"] == "the engine was killed"


def test_a_passed_gate_lets_later_stages_pass(judged: tuple[Lake, ledger.StageReport]) -> None:
    lake, _ = judged
    require_passed(lake, CRAWL)
    outcome = json.loads((lake.path("gate", CRAWL, "generations") / "outcome.json").read_bytes())
    assert outcome["passed"] is True
    observed = {item["name"]: item["observed"] for item in outcome["expectations"]}
    assert observed["generations"] == 6
    assert observed["accepted_share"] == pytest.approx(2 / 6, abs=1e-6)


def test_data_docs_stand_in_the_lake_beside_a_summary_without_remote_parts(
    judged: tuple[Lake, ledger.StageReport],
) -> None:
    lake, _ = judged
    folder = lake.path("data_docs", CRAWL, "generations")
    assert "dump" in (folder / "index.html").read_text()
    summary = (folder / "summary.html").read_text()
    outcome = read_outcome(lake, CRAWL)
    assert outcome is not None
    assert lake.root / outcome.data_docs == folder / "summary.html"
    assert "http" not in summary
    for finding in outcome.expectations:
        assert finding.claim in summary
    for reason in ("near_copy", "truncated", "engine_error"):
        assert f"<h3>{reason}</h3>" in summary


def test_the_summary_escapes_what_pages_and_teachers_say(judged: tuple[Lake, ledger.StageReport]) -> None:
    lake, _ = judged
    summary = (lake.path("data_docs", CRAWL, "generations") / "summary.html").read_text()
    assert "&lt;script&gt;alert(&#x27;bees&#x27;)" in summary
    assert "<script" not in summary
    assert "<img" not in summary


def test_no_project_of_great_expectations_is_left_in_the_lake(judged: tuple[Lake, ledger.StageReport]) -> None:
    lake, _ = judged
    assert [path.name for path in lake.root.iterdir() if path.name.startswith(".gx-")] == []


def test_the_same_generations_are_not_judged_again(
    judged: tuple[Lake, ledger.StageReport], monkeypatch: pytest.MonkeyPatch
) -> None:
    lake, report = judged
    monkeypatch.setattr("include.validate.passes.verdicts_of", lambda *_: pytest.fail("judged again"))
    assert run_gate(lake, CRAWL, LENIENT, ["en"]) == report


def test_equal_generations_give_equal_bytes(judged: tuple[Lake, ledger.StageReport], lake: Lake, store: Store) -> None:
    first, _ = judged
    store(*MIXED)
    run_gate(lake, CRAWL, LENIENT, ["en"])
    for layer in ("verdicts", "accepted", "quarantined", "coverage"):
        files = [lake_.manifest(layer, CRAWL) for lake_ in (first, lake)]
        assert files[0] is not None
        assert files[1] is not None
        assert files[0].files == files[1].files


def test_whatever_decides_makes_the_gate_judge_again(lake: Lake, store: Store) -> None:
    store(generation(0), generation(1, output=SOURCE))
    assert run_gate(lake, CRAWL, GateParams(), ["en"]).rows_out == 1
    assert run_gate(lake, CRAWL, GateParams(), ["de", "en"]).rows_out == 1
    by_languages = read_outcome(lake, CRAWL)
    assert run_gate(lake, CRAWL, GateParams(checks={"near_copy": Bounds(max=1)}), ["de", "en"]).rows_out == 2
    by_params = read_outcome(lake, CRAWL)
    assert by_languages is not None
    assert by_params is not None
    assert by_languages.fingerprint != by_params.fingerprint

    store(generation(0), generation(1, recipe="qa"))
    with pytest.raises(GateFailed, match="does not belong to its present generations"):
        require_passed(lake, CRAWL)
    assert run_gate(lake, CRAWL, GateParams(checks={"near_copy": Bounds(max=1)}), ["de", "en"]).rows_out == 2
    require_passed(lake, CRAWL)


def test_what_embeddings_tell_is_measured_first_and_decides_too(lake: Lake, store: Store) -> None:
    store(generation(0))
    asked: list[str] = []

    def measure_semantics(lake_: Lake, crawl: str) -> None:
        meanings = lake_.read("generations", crawl, columns=["generation_key", *IDENTITY]).to_pylist()
        table_ = pa.Table.from_pylist([row | {"similarity": 0.9, "support": 0.8} for row in meanings], SEMANTICS)
        lake_.write(table_, layer="semantics", crawl=crawl, fingerprint="measured")
        asked.append(crawl)

    run_gate(lake, CRAWL, GateParams(), ["en"], measure_semantics=measure_semantics)
    assert asked == [CRAWL]
    with_them = read_outcome(lake, CRAWL)
    run_gate(lake, CRAWL, GateParams(), ["en"])
    without = read_outcome(lake, CRAWL)
    assert with_them is not None
    assert without is not None
    assert with_them.fingerprint != without.fingerprint
    assert [layer for layer in STEPS if (lake.root / layer / CRAWL).exists()] == []


def test_tables_that_lost_rows_to_a_take_down_are_not_judged_again(
    lake: Lake, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(generation(0), generation(1, output=GOOD.replace("hive", "skep")))

    def measure_semantics(lake_: Lake, crawl: str) -> None:
        if lake_.manifest("semantics", crawl) is None:
            rows = lake_.read("generations", crawl, columns=["generation_key", *IDENTITY])
            lake_.write(
                pa.Table.from_pylist(rows.to_pylist(), SEMANTICS), layer="semantics", crawl=crawl, fingerprint="x"
            )

    def judge_it() -> int:
        return run_gate(lake, CRAWL, GateParams(), ["en"], measure_semantics=measure_semantics).rows_in

    assert judge_it() == 2
    for layer in ("generations", "semantics", "verdicts", "accepted", "quarantined", "coverage"):
        rows = lake.read(layer, CRAWL)
        with lake.cut(layer, CRAWL) as stream:
            stream.write(rows.filter(pc.equal(rows["doc_id"], "doc0000")))
    monkeypatch.setattr("include.validate.gate.check_rows", lambda *_: pytest.fail("they were judged before"))
    judge_it()
    assert lake.finished("verdicts", CRAWL).rows == 1


def test_a_failed_critical_expectation_blocks_until_the_cause_is_mended(lake: Lake, store: Store) -> None:
    store(generation(0), generation(1, **ENGINE_ERROR))
    for _ in range(2):  # the second time from the record, with the same words
        with pytest.raises(GateFailed) as caught:
            run_gate(lake, CRAWL, GateParams(), ["en"])
        message = str(caught.value)
        assert "failed_share: observed 0.5, allowed at most 0.05 (gate.max_failed_share)" in message
        assert str(lake.path("data_docs", CRAWL, "generations") / "summary.html") in message
        assert "run the stage rephrase again" in message
    assert lake.read("quarantined", CRAWL)["reason"].to_pylist() == ["engine_error"]
    assert "failed (critical)" in (lake.path("data_docs", CRAWL, "generations") / "summary.html").read_text()
    with pytest.raises(GateFailed, match="failed_share: observed"):
        require_passed(lake, CRAWL)

    stale = lake.path("data_docs", CRAWL, "generations") / "stale.html"
    stale.write_text("from the failed gate")
    store(generation(0), generation(1))
    run_gate(lake, CRAWL, GateParams(), ["en"])
    require_passed(lake, CRAWL)
    assert not stale.exists()


def test_an_empty_dump_fails_with_a_clear_message(lake: Lake, store: Store) -> None:
    store()
    with pytest.raises(GateFailed, match=r"generations: observed 0, allowed at least 1\. Nothing was rephrased"):
        run_gate(lake, CRAWL, GateParams(), ["en"])
    report = ledger.recall(lake, CRAWL, "gate")
    assert report is not None
    assert report.rows_in == 0


def test_a_dump_without_generations_is_refused_and_blocks(lake: Lake) -> None:
    with pytest.raises(BadInput, match="no generations yet"):
        run_gate(lake, CRAWL, GateParams(), ["en"])
    with pytest.raises(GateFailed, match="has not run"):
        require_passed(lake, CRAWL)


def test_generations_of_an_older_version_are_refused(lake: Lake, store: Store) -> None:
    old = table([generation(0)]).drop_columns(["variant", "stopped_at"])
    lake.write(old, layer="generations", crawl=CRAWL, fingerprint="old")
    with pytest.raises(BadInput, match=r"generations of SAMPLE-2026-01 have no variant, stopped_at: an older version"):
        run_gate(lake, CRAWL, GateParams(), ["en"])
    assert lake.manifest("accepted", CRAWL) is None


def test_an_interrupted_gate_blocks(lake: Lake, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store(generation(0), generation(1, output=SOURCE))
    run_gate(lake, CRAWL, GateParams(), ["en"])

    def killed(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("include.validate.deciding.data_docs.build", killed)
        with pytest.raises(KeyboardInterrupt):
            run_gate(lake, CRAWL, GateParams(checks={"near_copy": Bounds(max=1)}), ["en"])
    with pytest.raises(GateFailed, match="interrupted"):
        require_passed(lake, CRAWL)


def test_warnings_are_reported_but_do_not_block(lake: Lake, store: Store) -> None:
    copies = [generation(number, output=SOURCE) for number in range(2, 8)]
    store(generation(0), generation(1, recipe="qa", output=GOOD), *copies)
    report = run_gate(lake, CRAWL, GateParams(), ["en"])
    warned = {warning.split(":")[0] for warning in report.detail["warnings"]}
    assert warned == {"accepted_share_is_good", "every_recipe_is_accepted"}
    assert any("observed qa, allowed none" in warning for warning in report.detail["warnings"])
    require_passed(lake, CRAWL)


def test_earlier_dumps_and_other_bounds_are_looked_at_without_judging_rows_again(
    lake: Lake, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies = [generation(number, output=SOURCE) for number in range(2, 5)]
    earlier = table([generation(0), generation(1, recipe="qa")])
    lake.write(earlier, layer="generations", crawl="SAMPLE-2025-12", fingerprint="two rows")
    small = GateParams(drift=DriftParams(min_rows=1))
    run_gate(lake, "SAMPLE-2025-12", small, ["en"])
    store(generation(1, recipe="qa"), *copies)
    assert run_gate(lake, CRAWL, small, ["en"]).detail["compared_with"] == []

    monkeypatch.setattr("include.validate.gate.check_rows", lambda *_: pytest.fail("judged again"))
    report = run_gate(lake, CRAWL, small, ["en"], ["SAMPLE-2025-12", CRAWL])
    warned = {warning.split(":")[0]: warning for warning in report.detail["warnings"]}
    assert report.detail["compared_with"] == ["SAMPLE-2025-12"]
    assert "easy from 1.000 to 0.000; all recipes from 1.000 to 0.250" in warned["drifted_accepted"]
    assert "near_copy from 0.000 to 0.750" in warned["drifted_reasons"]
    assert report.detail["not_judged"]["drifted_languages"].startswith("languages are not known")
    loose = GateParams(drift=DriftParams(min_rows=1, max_accepted_drift=1, max_reason_drift=1))
    again = run_gate(lake, CRAWL, loose, ["en"], ["SAMPLE-2025-12"])
    assert not {"drifted_accepted", "drifted_reasons"} & {warning.split(":")[0] for warning in again.detail["warnings"]}


def test_segments_of_a_page_may_share_a_key(lake: Lake, store: Store) -> None:
    half = {"doc_id": "docY", "sentences": 2, "document_sentences": 4}
    store(generation(0, **half), generation(0, segment=1, **half), generation(0), generation(0, doc_id="docX"))
    assert run_gate(lake, CRAWL, GateParams(checks={"near_duplicate": Bounds()}), ["en"]).rows_out == 4


def test_an_expectation_that_cannot_be_evaluated_counts_as_failed(
    lake: Lake, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without_a_figure(*of: Any) -> Figures:
        figures = measure(*of)
        del figures.values["accepted_pass_every_check"]
        return figures

    monkeypatch.setattr("include.validate.generations_gate.measure", without_a_figure)
    store(generation(0))
    with pytest.raises(GateFailed, match="accepted_pass_every_check: could not be evaluated"):
        run_gate(lake, CRAWL, GateParams(), ["en"])
    with pytest.raises(GateFailed, match="could not be evaluated"):
        require_passed(lake, CRAWL)
