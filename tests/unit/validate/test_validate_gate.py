"""The gate as a stage: what it writes, when it blocks, and what lets later stages pass."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from include import ledger
from include.errors import BadInput, GateFailed
from include.lake import Lake
from include.params import GateParams
from include.schemas import JUDGED, VERDICT
from include.validate import data_docs
from include.validate.expectations import expectations, frames
from include.validate.gate import require_passed, run_gate
from include.validate.outcome import read_outcome
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
    assert "rows" in (folder / "index.html").read_text()
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
    monkeypatch.setattr("include.validate.gate.judge", lambda *_: pytest.fail("judged again"))
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
    assert run_gate(lake, CRAWL, GateParams(max_copy_share=1.0), ["de", "en"]).rows_out == 2
    by_params = read_outcome(lake, CRAWL)
    assert by_languages is not None
    assert by_params is not None
    assert by_languages.fingerprint != by_params.fingerprint

    store(generation(0), generation(1), generation(2))
    with pytest.raises(GateFailed, match="does not belong to its present generations"):
        require_passed(lake, CRAWL)
    assert run_gate(lake, CRAWL, GateParams(max_copy_share=1.0), ["de", "en"]).rows_out == 3
    require_passed(lake, CRAWL)


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
    with pytest.raises(GateFailed, match=r"generations: observed 0, allowed at least 1 row\. Nothing was rephrased"):
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
        patch.setattr("include.validate.gate.data_docs.build", killed)
        with pytest.raises(KeyboardInterrupt):
            run_gate(lake, CRAWL, GateParams(max_copy_share=1.0), ["en"])
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


def test_segments_of_a_page_may_share_a_key(lake: Lake, store: Store) -> None:
    half = {"doc_id": "docY", "sentences": 2, "document_sentences": 4}
    store(generation(0, **half), generation(0, segment=1, **half), generation(0), generation(0, doc_id="docX"))
    assert run_gate(lake, CRAWL, GateParams(), ["en"]).rows_out == 4


BROKEN: dict[str, tuple[str, dict[str, Any]]] = {
    "generation_key_not_null": ("rows", {"generation_key": None}),
    "doc_id_not_null": ("rows", {"doc_id": None}),
    "segment_not_null": ("rows", {"segment": None}),
    "recipe_not_null": ("rows", {"recipe": None}),
    "variant_not_null": ("rows", {"variant": None}),
    "accepted_not_null": ("rows", {"accepted": None}),
    "one_verdict_per_generation": ("rows", {"doc_id": "doc0003"}),
    "no_segment_lost": ("dump", {"documents_with_a_gap": 1}),
    "accepted_have_text": ("rows", {"accepted_words": 0}),
    "accepted_pass_every_check": ("rows", {"accepted_failed_checks": 1}),
    "failed_share": ("dump", {"failed_share": 0.51}),
    "accepted_share": ("dump", {"accepted_share": 0.01}),
    "accepted_share_is_good": ("dump", {"accepted_share": 0.1}),
    "every_recipe_is_accepted": ("dump", {"recipes_without_accepted": "hard"}),
}


@pytest.mark.parametrize(
    "damaged",
    [
        ["generation_key_not_null", "one_verdict_per_generation", "failed_share"],
        ["doc_id_not_null", "accepted_have_text", "recipe_not_null", "accepted_share_is_good"],
        ["accepted_not_null", "accepted_pass_every_check", "every_recipe_is_accepted"],
        ["segment_not_null", "variant_not_null", "accepted_share_is_good", "accepted_share", "no_segment_lost"],
    ],
    ids=lambda names: "-".join(names),
)
def test_each_expectation_can_fail_and_only_by_its_own_damage(
    judged: tuple[Lake, ledger.StageReport], tmp_path: Path, damaged: list[str]
) -> None:
    given = frames(judged[0], CRAWL)
    for row, name in enumerate(damaged, start=1):
        frame, damage = BROKEN[name]
        for column, value in damage.items():
            given[frame][column] = given[frame][column].astype(object)
            given[frame].loc[row if frame == "rows" else 0, column] = value
    found = data_docs.evaluate(given, expectations(LENIENT), tmp_path, "test", datetime(2026, 1, 1, tzinfo=UTC))
    assert {finding.name for finding in found if not finding.passed} == set(damaged)
    assert [finding.error for finding in found] == [None] * len(found)


def test_every_expectation_has_a_case_that_fails() -> None:
    # "generations" fails in test_an_empty_dump_fails_with_a_clear_message.
    assert {item.name for item in expectations(GateParams())} == set(BROKEN) | {"generations"}


def test_an_expectation_that_cannot_be_evaluated_counts_as_failed(
    lake: Lake, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without_a_column(*of: Any) -> dict[str, Any]:
        given = frames(*of)
        given["rows"] = given["rows"].drop(columns="accepted_failed_checks")
        return given

    monkeypatch.setattr("include.validate.gate.frames", without_a_column)
    store(generation(0))
    with pytest.raises(GateFailed, match="accepted_pass_every_check: could not be evaluated"):
        run_gate(lake, CRAWL, GateParams(), ["en"])
    with pytest.raises(GateFailed, match="could not be evaluated"):
        require_passed(lake, CRAWL)
