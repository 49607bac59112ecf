"""When a person is asked about a gate's warnings, and what their answer does."""

from pathlib import Path

import pyarrow as pa
import pytest

from include.errors import GateFailed
from include.lake import Lake
from include.schemas import DOCUMENT
from include.validate.approval import identity, question, read_decision
from include.validate.approval_params import ApprovalParams
from include.validate.asking import note_question, open_question, take_answer
from include.validate.outcome import (
    Finding,
    Outcome,
    refuse_failed_documents,
    require_passed,
    table_digest,
    write_outcome,
)

CRAWL = "SAMPLE-2026-01"
ASK = ApprovalParams(ask=True)
WARNING = Finding(
    "drifted_reasons", "warning", "reasons reject <b>as</b> before", False, "[a](http://x) from 0.1 to 0.9",
    "a change of at most 0.1 each (documents_gate.max_reason_drift)", "Read some rows.",
)  # fmt: skip


def judge(lake: Lake, *findings: Finding, passed: bool = True, key: str = "key") -> Outcome:
    """The outcome of a gate on the dump's one document."""
    table = pa.Table.from_pylist([{"doc_id": "1"}], schema=DOCUMENT)
    lake.write(table, layer="documents", crawl=CRAWL, fingerprint="written by hand")
    digest = str(table_digest(lake, CRAWL, "documents"))
    outcome = Outcome(CRAWL, passed, key, digest, findings, tuple(map(str, findings)), "page.html", "documents")
    write_outcome(lake, outcome)
    return outcome


def test_only_warnings_are_asked_about_and_only_by_setting(lake: Lake) -> None:
    judge(lake)
    assert open_question(lake, CRAWL, "documents", ASK) is None
    asked = judge(lake, WARNING)
    assert open_question(lake, CRAWL, "documents", ASK) == asked
    assert asked.warned == (WARNING,)
    assert open_question(lake, CRAWL, "documents", ApprovalParams()) is None
    require_passed(lake, CRAWL, "documents")  # unasked, warnings let pass


def test_a_gate_that_failed_or_judged_other_rows_cannot_be_approved(lake: Lake) -> None:
    with pytest.raises(GateFailed, match=r"has not run.*include\.cli ingest --crawl"):
        open_question(lake, CRAWL, "documents", ASK)
    judge(lake, Finding("documents", "critical", "", False, 0, "", ""), WARNING, passed=False)
    with pytest.raises(GateFailed, match="nothing may be made"):
        open_question(lake, CRAWL, "documents", ASK)
    judge(lake, WARNING)
    other = pa.Table.from_pylist([{"doc_id": "2"}], schema=DOCUMENT)
    lake.write(other, layer="documents", crawl=CRAWL, fingerprint="again")
    with pytest.raises(GateFailed, match="does not belong to its present documents"):
        open_question(lake, CRAWL, "documents", ASK)


def test_an_approval_is_kept_until_something_else_is_observed(lake: Lake) -> None:
    asked = judge(lake, WARNING)
    take_answer(lake, CRAWL, "documents", identity(asked), True, "ann")
    require_passed(lake, CRAWL, "documents")
    assert open_question(lake, CRAWL, "documents", ASK) is None, "a backfill does not ask again"
    assert open_question(lake, CRAWL, "documents", ASK, anew=True) == asked, "a cleared task does"
    changed = judge(lake, WARNING, key="other bounds")
    assert read_decision(lake, changed) is None
    assert open_question(lake, CRAWL, "documents", ASK) == changed


def test_a_rejection_stops_what_follows_from_a_shell_too_until_it_is_taken_back(lake: Lake) -> None:
    asked = judge(lake, WARNING)
    for stopped in (
        lambda: take_answer(lake, CRAWL, "documents", identity(asked), False, "ann"),
        lambda: require_passed(lake, CRAWL, "documents"),
        lambda: refuse_failed_documents(lake, CRAWL),
    ):
        with pytest.raises(GateFailed, match=r"rejected by ann(?s:.*)drifted_reasons: observed(?s:.*)page\.html"):
            stopped()
    assert open_question(lake, CRAWL, "documents", ASK) == asked
    take_answer(lake, CRAWL, "documents", identity(asked), True, "bob")
    refuse_failed_documents(lake, CRAWL)


def test_an_answer_to_what_was_judged_before_is_refused(lake: Lake) -> None:
    asked = judge(lake, WARNING)
    judge(lake, WARNING, key="other bounds")
    with pytest.raises(GateFailed, match="run again while the question waited: the answer of ann"):
        take_answer(lake, CRAWL, "documents", identity(asked), True, "ann")


def test_a_run_asks_about_one_outcome_alone(lake: Lake) -> None:
    asked = judge(lake, WARNING)
    for run in ("run 1", "run 1", "run 2"):
        note_question(lake, asked, run)
    changed = judge(lake, WARNING, key="other bounds")
    with pytest.raises(GateFailed, match=r"run 2 has asked about other figures(?s:.*)Trigger a new run"):
        note_question(lake, changed, "run 2")
    note_question(lake, changed, "run 3")


def test_the_question_carries_the_evidence_and_quotes_nothing_as_markup() -> None:
    body = question([WARNING], "[summary](http://127.0.0.1/gates)")
    for words in ("reasons reject", "(`drifted_reasons`)", "from 0.1 to 0.9", "at most 0.1 each", "Read some rows."):
        assert words in body
    assert "[a](http" not in body
    assert "<b>" not in body
    assert body.endswith("All figures: [summary](http://127.0.0.1/gates)")


def test_a_decision_is_a_file_that_a_person_can_read(lake: Lake) -> None:
    take_answer(lake, CRAWL, "documents", identity(judge(lake, WARNING)), True, "ann")
    stored: Path = lake.path("gate", CRAWL, "documents") / "approval.json"
    assert '"by": "ann"' in stored.read_text()
