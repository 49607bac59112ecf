"""The gate on documents: what makes a dump fail, what it is compared with, and what it leaves behind."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from include import ledger
from include.errors import BadInput, GateFailed
from include.lake import Lake
from include.ledger import StageReport
from include.schemas import DOCUMENT
from include.validate.documents_gate import run_documents_gate
from include.validate.documents_params import DocumentsGateParams
from include.validate.figures import Figures
from include.validate.outcome import read_outcome, refuse_failed_documents
from include.validate.suites.documents import expectations

CRAWL = "SAMPLE-2026-04"
EARLIER = ["SAMPLE-2026-01", "SAMPLE-2026-02", "SAMPLE-2026-03"]
FILES = 200
PARAMS = DocumentsGateParams(min_pages=50)
"""So that small dumps are compared."""


def document(number: int) -> dict[str, Any]:
    return {
        "doc_id": f"{number:032x}",
        "crawl": CRAWL,
        "url": f"https://example.org/{number}",
        "text": f"A page about the number {number}.",
        "content_hash": f"{number:031x}f",
        "language": "en",
    }


def report(crawl: str = CRAWL, documents: int = 60, **different: Any) -> StageReport:
    """What ingest says of a sound dump: 150 WARC records, 100 pages, and ``documents`` of them kept."""
    detail = {"files": FILES, "incomplete_files": [], "sampled": None, "languages": {"de": 20, "en": 70, "fr": 10}}
    rejected = {"language": 30, "too_few_words": 4, "exact_duplicate": 3, "http_status": 2, "skipped_request": 50}
    return StageReport(
        stage="ingest",
        crawl=crawl,
        rows_in=documents + 90,
        rows_out=documents,
        rejected=rejected | different.get("rejected", {}),
        failed={"unreadable_page": 1} | different.get("failed", {}),
        detail=detail | different.get("detail", {}),
    )


def store(lake: Lake, *reports: StageReport, rows: list[dict[str, Any]] | None = None) -> None:
    """Write the reports, and the documents of the dump that is judged."""
    for one in reports:
        changed = one.rows_out + sum(one.rejected.values()) + sum(one.failed.values())
        ledger.record(lake, replace(one, rows_in=changed))
        if one.crawl == CRAWL:
            given = [document(number) for number in range(one.rows_out)] if rows is None else rows
            table = pa.Table.from_pylist(given, schema=DOCUMENT)
            lake.write(table, layer="documents", crawl=CRAWL, fingerprint="written by hand")


def history(lake: Lake) -> None:
    store(lake, *(report(crawl, documents) for crawl, documents in zip(EARLIER, (50, 60, 500), strict=True)))


def failed(lake: Lake) -> set[str]:
    outcome = read_outcome(lake, CRAWL, "documents")
    assert outcome is not None
    assert [finding.error for finding in outcome.expectations] == [None] * len(outcome.expectations)
    return {finding.name for finding in outcome.expectations if not finding.passed}


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Lake, StageReport]:
    """A sound dump after three others, which the tests below read."""
    lake = Lake(tmp_path_factory.mktemp("judged") / "lake")
    history(lake)
    sampled = {"sampled": None, "incomplete_files": ["<b>one.warc.gz</b>"]}
    store(lake, report(detail=sampled))
    return lake, run_documents_gate(lake, CRAWL, [*EARLIER, CRAWL, "NEVER-INGESTED"], PARAMS)


def test_a_dump_like_the_earlier_ones_passes_every_expectation(judged: tuple[Lake, StageReport]) -> None:
    lake, result = judged
    assert failed(lake) == set()
    assert result == ledger.recall(lake, CRAWL, "documents_gate")
    assert (result.rows_in, result.rows_out) == (60, 60)
    assert result.detail == {
        "passed": True, "warnings": [], "not_judged": {}, "compared_with": EARLIER, "sampled": None,
    }  # fmt: skip
    outcome = read_outcome(lake, CRAWL, "documents")
    assert outcome is not None
    observed = {finding.name: finding.observed for finding in outcome.expectations}
    assert set(observed) == {item.name for item in expectations(PARAMS, FILES)}
    assert observed["documents"] == 60
    assert observed["volume_ratio"] == pytest.approx(63 / 63)
    assert observed["failed_share"] == pytest.approx(1 / 100)
    assert observed["accepted_share"] == pytest.approx(60 / 68, abs=1e-6)


def test_data_docs_lie_beside_those_of_generations_and_the_summary_needs_nothing_else(
    judged: tuple[Lake, StageReport],
) -> None:
    lake, _ = judged
    folder = lake.path("data_docs", CRAWL, "documents")
    assert "dump" in (folder / "index.html").read_text()
    summary = (folder / "summary.html").read_text()
    assert "http" not in summary.replace("http_status", "")
    for words in ("The whole dump.", "60 documents", "too_few_words", "0.7000", ", ".join(EARLIER)):
        assert words in summary
    assert not [path for path in lake.root.iterdir() if path.name.startswith(".gx-")]


def test_the_same_inputs_are_not_judged_again(
    judged: tuple[Lake, StageReport], monkeypatch: pytest.MonkeyPatch
) -> None:
    lake, result = judged
    monkeypatch.setattr("include.validate.deciding.data_docs.build", lambda *_: pytest.fail("judged again"))
    assert run_documents_gate(lake, CRAWL, EARLIER, PARAMS) == result


Damage = Callable[[list[dict[str, Any]]], object]
CASES: list[tuple[set[str], StageReport, Damage]] = [
    (
        {"without_doc_id", "without_language", "repeated_content_hash", "empty_texts", "drifted_languages"},
        report(detail={"languages": {"de": 20, "en": 55, "fr": 25}}),
        lambda rows: (
            rows[0].update(doc_id=None), rows[1].update(language=None), rows[2].update(text="\n \t"),
            rows[3].update(content_hash=rows[4]["content_hash"]),
        ),
    ),
    (
        {"without_url", "without_text", "without_content_hash", "repeated_doc_id", "lost_documents"},
        report(),
        lambda rows: (
            rows[0].update(url=None), rows[1].update(text=None), rows[2].update(content_hash=None),
            rows[3].update(doc_id=rows[4]["doc_id"]), rows.pop(),
        ),
    ),
    (
        {"incomplete_files", "failed_share", "volume_ratio", "drifted_reasons"},
        report(
            documents=20,
            rejected={"too_few_words": 44},
            failed={"page_time": 6},
            detail={"incomplete_files": ["one.warc.gz", "two.warc.gz", "three.warc.gz"]},
        ),
        lambda rows: None,
    ),
    (
        {"accepted_share_is_plausible", "volume_ratio", "drifted_reasons"},
        report(documents=800, rejected={"too_few_words": 0, "exact_duplicate": 0, "language": 0}),
        lambda rows: None,
    ),
    (
        {"documents", "accepted_share", "volume_ratio", "drifted_reasons"},
        report(documents=0, rejected={"too_few_words": 9, "language": 40}),
        lambda rows: None,
    ),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(CASES)))
def test_each_expectation_can_fail_and_only_by_its_own_damage(lake: Lake, number: int) -> None:
    names, ingested, damage = CASES[number]
    rows = [document(place) for place in range(ingested.rows_out)]
    damage(rows)
    history(lake)
    store(lake, ingested, rows=rows)
    critical = {item.name for item in expectations(PARAMS, FILES) if item.severity == "critical"} & names
    with pytest.raises(GateFailed) as caught:
        run_documents_gate(lake, CRAWL, EARLIER, PARAMS)
    assert failed(lake) == names
    for name in critical:
        assert f"\n  {name}: observed" in str(caught.value)


def test_every_expectation_has_a_case_that_fails() -> None:
    assert {item.name for item in expectations(PARAMS, FILES)} == set().union(*(names for names, _, _ in CASES))


def test_a_failed_gate_names_evidence_and_advice_until_the_cause_is_mended(lake: Lake) -> None:
    history(lake)
    store(lake, report(detail={"languages": {"de": 60, "en": 40}}))
    for _ in range(2):  # the second time from the record, with the same words
        with pytest.raises(GateFailed) as caught:
            run_documents_gate(lake, CRAWL, EARLIER, PARAMS)
        message = str(caught.value)
        assert "nothing may be made from the documents of this dump" in message
        assert (
            "observed de from 0.200 to 0.600; en from 0.700 to 0.400, allowed a change of at most 0.1 each" in message
        )
        assert "documents_gate.max_language_drift" in message
        assert str(lake.path("data_docs", CRAWL, "documents") / "summary.html") in message
        assert f"rejected_pages/{CRAWL}" in message
    recorded = ledger.recall(lake, CRAWL, "documents_gate")
    assert recorded is not None
    assert recorded.detail["passed"] is False
    with pytest.raises(GateFailed, match="drifted_languages"):
        refuse_failed_documents(lake, CRAWL)

    store(lake, report())
    assert run_documents_gate(lake, CRAWL, EARLIER, PARAMS).detail["passed"] is True
    refuse_failed_documents(lake, CRAWL)


def test_warnings_are_reported_but_do_not_block(lake: Lake) -> None:
    history(lake)
    store(lake, report(rejected={"too_few_words": 40}))
    result = run_documents_gate(lake, CRAWL, EARLIER, PARAMS)
    [warning] = result.detail["warnings"]
    assert warning.startswith("drifted_reasons: observed too_few_words from 0.040 to 0.294, allowed a change of ")
    assert failed(lake) == {"drifted_reasons"}


def test_a_first_dump_passes_and_says_what_was_not_judged(lake: Lake) -> None:
    store(lake, report())
    result = run_documents_gate(lake, CRAWL, [], PARAMS)
    reason = "there is no earlier dump of 50 pages or more"
    assert result.detail["not_judged"] == {
        "volume_ratio": reason, "drifted_languages": reason, "drifted_reasons": reason,
    }  # fmt: skip


def test_a_small_dump_passes_after_other_small_ones_however_different(lake: Lake) -> None:
    store(lake, report(EARLIER[0], 500), rows=[])
    store(lake, report(documents=5, detail={"files": 4, "incomplete_files": ["a"], "languages": {"ja": 9}}))
    result = run_documents_gate(lake, CRAWL, EARLIER, DocumentsGateParams())
    assert set(result.detail["not_judged"]) == {
        "accepted_share", "accepted_share_is_plausible", "volume_ratio", "drifted_languages", "drifted_reasons",
    }  # fmt: skip
    assert result.detail["passed"] is True


def test_a_dump_that_shrinks_to_almost_nothing_fails_although_it_is_small(lake: Lake) -> None:
    store(lake, report(EARLIER[0], 5_000))
    store(lake, report(documents=5))
    with pytest.raises(GateFailed, match=r"volume_ratio: observed 0\.0\d+, allowed 0\.5 to 2\.0"):
        run_documents_gate(lake, CRAWL, EARLIER, DocumentsGateParams())


def test_the_volume_of_a_sample_is_not_judged_and_samples_are_no_measure(lake: Lake) -> None:
    history(lake)
    store(lake, report(documents=600, detail={"sampled": "the first <2> files"}))
    result = run_documents_gate(lake, CRAWL, EARLIER, PARAMS)
    assert result.detail["sampled"] == "the first <2> files"
    assert result.detail["not_judged"] == {"volume_ratio": "the dump is a sample"}
    summary = (lake.path("data_docs", CRAWL, "documents") / "summary.html").read_text()
    assert "A sample: the first &lt;2&gt; files." in summary

    store(lake, *(report(crawl, detail={"sampled": "2 of 9 files"}) for crawl in EARLIER))
    store(lake, report(documents=600))
    result = run_documents_gate(lake, CRAWL, EARLIER, PARAMS)
    assert result.detail["not_judged"] == {"volume_ratio": "the earlier ones are samples"}


def test_dumps_that_failed_or_that_an_older_version_ingested_are_no_measure(lake: Lake) -> None:
    history(lake)
    ledger.record(lake, StageReport("documents_gate", EARLIER[0], 0, 0, detail={"passed": False}))
    ledger.record(lake, replace(report(EARLIER[1]), detail={"files": 3}))
    store(lake, report(documents=400))
    assert run_documents_gate(lake, CRAWL, EARLIER, PARAMS).detail["compared_with"] == [EARLIER[2]]


def test_a_changed_history_is_judged_again(lake: Lake) -> None:
    history(lake)
    store(lake, report())
    run_documents_gate(lake, CRAWL, EARLIER, PARAMS)
    store(lake, *(report(crawl, 1_000) for crawl in EARLIER))
    with pytest.raises(GateFailed, match="volume_ratio: observed"):
        run_documents_gate(lake, CRAWL, EARLIER, PARAMS)


def test_an_expectation_that_cannot_be_evaluated_counts_as_failed(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    from include.validate.suites.documents import measure

    def without_a_figure(*of: Any) -> Figures:
        figures = measure(*of)
        del figures.values["failed_share"]
        return figures

    monkeypatch.setattr("include.validate.documents_gate.measure", without_a_figure)
    store(lake, report())
    with pytest.raises(GateFailed, match="failed_share: could not be evaluated"):
        run_documents_gate(lake, CRAWL, [], PARAMS)


def test_a_dump_that_this_version_has_not_ingested_is_refused(lake: Lake) -> None:
    with pytest.raises(BadInput, match="no documents yet"):
        run_documents_gate(lake, CRAWL, [], PARAMS)
    store(lake, report())
    (lake.path("reports", CRAWL) / "ingest.json").unlink()
    with pytest.raises(BadInput, match="There is no report of ingest"):
        run_documents_gate(lake, CRAWL, [], PARAMS)
    ledger.record(lake, replace(report(), detail={"files": 3}))
    with pytest.raises(BadInput, match="does not say incomplete_files, languages, sampled: an older version wrote it"):
        run_documents_gate(lake, CRAWL, [], PARAMS)


def test_pages_of_the_other_gate_stay(lake: Lake) -> None:
    other: Path = lake.path("data_docs", CRAWL, "generations") / "index.html"
    other.parent.mkdir(parents=True)
    other.write_text("generations")
    store(lake, report())
    run_documents_gate(lake, CRAWL, [], PARAMS)
    assert other.read_text() == "generations"
    stored = json.loads((lake.path("gate", CRAWL, "documents") / "outcome.json").read_bytes())
    assert stored["layer"] == "documents"
    assert read_outcome(lake, CRAWL) is None
