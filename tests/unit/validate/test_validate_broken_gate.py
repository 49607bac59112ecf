"""A gate that cannot be evaluated has failed, says why, and is evaluated anew."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from include.errors import GateFailed
from include.lake import Lake
from include.recipes.recipe import Bounds
from include.validate.data_docs import evaluate
from include.validate.expected import Suite
from include.validate.figures import Figures
from include.validate.gate import run_gate
from include.validate.gate_params import GateParams
from include.validate.outcome import read_outcome, require_passed
from tests.unit.validate.conftest import CRAWL, Store, generation

WHEN = datetime(2026, 1, 1, tzinfo=UTC)
SUITE = Suite("gate")
STRICTER = GateParams(checks={"near_copy": Bounds(max=0.9)})
SHARE = SUITE.least("share", 0.5, "min_share", "a share", "Mend it.")


def test_a_check_that_raises_fails_the_gate_although_an_earlier_one_had_passed(
    lake: Lake, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise ValueError("a check divides by nothing")

    store(generation(0))
    run_gate(lake, CRAWL, GateParams(), ["en"])
    require_passed(lake, CRAWL)
    with monkeypatch.context() as patch:
        patch.setattr("include.validate.gate.check_rows", broken)
        for _ in range(2):
            with pytest.raises(GateFailed, match=r"gate_can_be_evaluated.*ValueError: a check divides by nothing"):
                run_gate(lake, CRAWL, STRICTER, ["en"])
            with pytest.raises(GateFailed, match="divides by nothing"):
                require_passed(lake, CRAWL)
    assert run_gate(lake, CRAWL, STRICTER, ["en"]).rows_out == 1
    require_passed(lake, CRAWL)


def test_an_exception_out_of_the_library_fails_every_expectation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise RuntimeError("no store")

    monkeypatch.setattr("include.validate.data_docs.load_gx", broken)
    [finding] = evaluate(Figures({"share": 0.9}), [SHARE], tmp_path, "test", WHEN)
    assert not finding.passed
    assert finding.error == "Great Expectations failed with RuntimeError: no store"


def test_a_result_that_is_missing_or_without_a_value_is_no_success() -> None:
    assert SHARE.finding(None, Figures({"share": 0.9})).error == "Great Expectations returned no result for it"
    figures = Figures()
    figures.measure(["share", "other"], lambda: {"share": float("nan")})
    assert figures.errors == dict.fromkeys(("share", "other"), "it has no value")
    assert SHARE.finding(None, figures).passed is False


def test_an_outcome_of_before_does_not_survive_a_broken_gate(
    lake: Lake, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    store(generation(0))
    with monkeypatch.context() as patch:
        patch.setattr("include.validate.generations_gate.write_summary", broken)
        with pytest.raises(GateFailed, match="No space left on device"):
            run_gate(lake, CRAWL, GateParams(), ["en"])
    outcome = read_outcome(lake, CRAWL)
    assert outcome is not None
    assert (outcome.passed, outcome.fingerprint) == (False, "")
