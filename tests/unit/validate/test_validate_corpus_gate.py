"""The gate on the corpus as a stage: what it leaves behind, what it blocks, what it compares."""

from dataclasses import replace

import pytest

from include import ledger
from include.errors import BadInput, GateFailed
from include.lake import Lake
from include.publish.export import finished_corpus
from include.publish.mix import build_corpus
from include.publish.mix_params import MixParams
from include.validate.corpus_gate import run_corpus_gate
from include.validate.corpus_params import CorpusGateParams
from include.validate.drift_params import DriftParams
from include.validate.outcome import read_outcome, require_passed
from tests.unit.publish.small_dumps import Dump, fill, shares

FIRST, SECOND = "SAMPLE-2026-01", "SAMPLE-2026-02"
PARAMS = CorpusGateParams(drift=DriftParams(min_rows=20))
"""So that small dumps are compared."""


def build(lake: Lake, crawl: str, mix: MixParams | None = None, **fields: object) -> None:
    fill(lake, Dump(crawl=crawl, **fields))  # type: ignore[arg-type]
    build_corpus(lake, crawl, mix or MixParams())


def test_a_sound_corpus_passes_and_may_be_published_until_it_changes(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(lake, FIRST)
    with pytest.raises(GateFailed, match=r"corpus of SAMPLE-2026-01 has not run.*include.cli corpus --crawl"):
        finished_corpus(lake, FIRST)
    report = run_corpus_gate(lake, FIRST, [], PARAMS)
    assert report.detail["passed"] is True
    assert (
        report.rows_in == report.rows_out == sum(lake.read(name, FIRST).num_rows for name in ("mix", "real", "heldout"))
    )
    assert finished_corpus(lake, FIRST).stage == "corpus"
    page = (lake.path("data_docs", FIRST, "corpus") / "summary.html").read_text()
    for words in ("rows</strong> to train on", "held out by host", "synthetic", "Not judged: volume_ratio"):
        assert words in page
    assert (lake.path("data_docs", FIRST, "corpus") / "index.html").exists()

    with monkeypatch.context() as patch:
        patch.setattr("include.validate.deciding.data_docs.build", lambda *_: pytest.fail("judged again"))
        assert run_corpus_gate(lake, FIRST, [], PARAMS) == report

    build_corpus(lake, FIRST, shares(0.3))
    with pytest.raises(GateFailed, match="does not belong to its present corpus"):
        finished_corpus(lake, FIRST)


def test_a_corpus_that_misses_its_settings_is_blocked_with_evidence(lake: Lake) -> None:
    build(lake, FIRST)
    report = ledger.recall(lake, FIRST, "corpus")
    assert report is not None
    mixes = {"wrap": {"sources": {"real": {"share": 1.0, "max_repeats": 1, "quality": {}}}}}
    params = report.detail["params"] | {"mixes": mixes}
    ledger.record(lake, replace(report, detail=report.detail | {"params": params}))
    with pytest.raises(GateFailed) as caught:
        run_corpus_gate(lake, FIRST, [], PARAMS)
    message = str(caught.value)
    assert "The gate on the corpus of SAMPLE-2026-01 failed: it may not be published" in message
    assert "shares: observed easy 0.261 instead of 0; qa 0.236 instead of 0; real 0.503 instead of 1" in message
    assert "corpus_gate.max_share_error" in message
    assert str(lake.path("data_docs", FIRST, "corpus") / "summary.html") in message
    with pytest.raises(GateFailed, match="shares: observed"):
        require_passed(lake, FIRST, "corpus")


def test_a_corpus_unlike_the_one_before_is_warned_of(lake: Lake) -> None:
    build(lake, FIRST)
    run_corpus_gate(lake, FIRST, [], PARAMS)
    build(lake, SECOND, shares(0.2), documents=240, rephrased=240, hosts=60, recipes=("easy", "table"))
    report = run_corpus_gate(lake, SECOND, [FIRST, SECOND, "NEVER-BUILT"], PARAMS)
    assert report.detail["compared_with"] == [FIRST]
    warned = {warning.split(":")[0]: warning for warning in report.detail["warnings"]}
    assert warned.keys() == {"volume_ratio", "drifted_recipes"}
    assert "qa from 0.236 to 0.000" in warned["drifted_recipes"]
    assert report.detail["not_judged"] == {
        f"drifted_lengths of table {percent} %": "no earlier dump has it" for percent in (10, 50, 90)
    }
    require_passed(lake, SECOND, "corpus")

    ledger.record(lake, replace(report, crawl=FIRST))  # a history that has changed is compared with anew
    again = run_corpus_gate(lake, SECOND, [FIRST], PARAMS)
    assert again.detail["warnings"] == []


def test_a_figure_that_cannot_be_computed_blocks_and_is_tried_again(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> dict[str, int]:
        raise ZeroDivisionError("no tokens")

    build(lake, FIRST)
    with monkeypatch.context() as patch:
        patch.setattr("include.validate.suites.corpus_figures.differences", broken)
        with pytest.raises(GateFailed, match=r"lost_tokens: could not be evaluated \(ZeroDivisionError: no tokens\)"):
            run_corpus_gate(lake, FIRST, [], PARAMS)
        with pytest.raises(GateFailed, match="lost_rows: could not be evaluated"):
            require_passed(lake, FIRST, "corpus")
    assert run_corpus_gate(lake, FIRST, [], PARAMS).detail["passed"] is True


def test_a_corpus_that_no_stage_reports_is_refused(lake: Lake) -> None:
    with pytest.raises(BadInput, match="no mix yet"):
        run_corpus_gate(lake, FIRST, [], PARAMS)
    build(lake, FIRST)
    (lake.path("reports", FIRST) / "corpus.json").unlink()
    with pytest.raises(BadInput, match=r"no report of the corpus.*include.cli corpus"):
        run_corpus_gate(lake, FIRST, [], PARAMS)
    assert read_outcome(lake, FIRST, "corpus") is None
