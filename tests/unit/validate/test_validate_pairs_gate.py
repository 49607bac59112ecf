"""The gate on preference pairs: each expectation fails by its own damage; a missing judgement is not a low one."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pyarrow as pa
import pytest

from include.errors import BadInput, GateFailed
from include.lake import Lake
from include.ledger import StageReport, record
from include.schemas import CORPUS, PREFERENCE_PAIR
from include.validate.outcome import read_outcome, require_passed
from include.validate.pairs_gate import run_pairs_gate
from include.validate.pairs_params import PairsGateParams
from include.validate.suites.pairs import expectations, measure
from tests.unit.validate.conftest import evaluated

CRAWL = "SAMPLE-2026-01"
PARAMS = PairsGateParams()
Rows = list[dict[str, Any]]


def judgements(*scores: float | None) -> list[dict[str, Any]]:
    return [{"score": score, "output": f"Score: {score}"} for score in scores]


def pair(number: int) -> dict[str, Any]:
    return {
        "pair_id": f"pair{number:02d}",
        "round": 1,
        "crawl": CRAWL,
        "doc_id": f"doc{number:02d}",
        "prompt": f"Tell me of the number {number}.",
        "chosen": f"It comes after {number - 1} and before {number + 1}.",
        "rejected": f"Nothing is known about {number} here.",
        "chosen_score": 4.0,
        "rejected_score": 2.5,
        "chosen_judgements": judgements(4, None, 4),
        "rejected_judgements": judgements(2, 3, None),
        "candidates": 4,
        "model": "smollm2",
        "judge": "smollm2",
    }


def store(lake: Lake, rows: Rows, prompts: int = 30, heldout: str = "never paired") -> None:
    table = pa.Table.from_pylist(rows, schema=PREFERENCE_PAIR)
    lake.write(table, layer="pairs", crawl=CRAWL, fingerprint="written by hand")
    aside = pa.Table.from_pylist([{"doc_id": heldout}], schema=CORPUS)
    lake.write(aside, layer="heldout", crawl=CRAWL, fingerprint="written by hand")
    record(lake, StageReport("pairs", CRAWL, prompts, len(rows), {"tie": prompts - len(rows)}))


def failed(lake: Lake) -> set[str]:
    outcome = read_outcome(lake, CRAWL, "pairs")
    assert outcome is not None
    assert [finding.error for finding in outcome.expectations] == [None] * len(outcome.expectations)
    return {finding.name for finding in outcome.expectations if not finding.passed}


def spoil(rows: Rows) -> None:
    rows[0].update(pair_id=None)
    rows[1].update(round=None, model=None, judge=None)
    rows[2].update(prompt=None)
    rows[3].update(chosen=None)
    rows[4].update(rejected=None)
    rows[5].update(chosen_score=None)
    rows[6].update(rejected_score=None)
    rows[7].update(chosen=" \n")
    rows[8].update(pair_id=rows[9]["pair_id"])


def confuse(rows: Rows) -> None:
    rows[0].update(chosen=rows[0]["rejected"])
    rows[1].update(chosen_score=2.5, chosen_judgements=judgements(2, 3))
    rows[2].update(chosen_score=7.0, chosen_judgements=judgements(7, 7))
    rows[3].update(rejected_judgements=judgements(2.5, None, None))
    rows[4].update(contaminated_by="arc: item 7")
    rows[5].update(doc_id="held out")
    rows[6].update({name: rows[7][name] for name in ("prompt", "chosen", "rejected")})


CASES: list[tuple[set[str], int, Callable[[Rows], object]]] = [
    (
        {
            *("without_pair_id", "without_round", "without_prompt", "without_chosen", "without_rejected"),
            *("without_chosen_score", "without_rejected_score", "without_model", "without_judge"),
            *("empty_texts", "repeated_pair_id"),
        },
        30,
        spoil,
    ),
    (
        {
            *("chosen_is_rejected", "no_better", "out_of_scale", "too_few_judgements", "contaminated"),
            *("made_of_heldout", "repeated_pairs"),
        },
        30,
        confuse,
    ),
    (
        {"pair_yield", "pair_yield_is_good", "score_spread", "length_gap"},
        9000,
        lambda rows: [
            row.update(
                rejected_score=3.9, rejected_judgements=judgements(3.9, 3.9), chosen=row["chosen"] + " And on." * 9
            )
            for row in rows
        ],
    ),
    (
        # As a parser does that reads -1 where it finds no score.
        {"missing_counted_as_low"},
        30,
        lambda rows: rows[3].update(rejected_score=1.0, rejected_judgements=judgements(2, 2, None)),
    ),
    ({"pairs", "pair_yield", "pair_yield_is_good"}, 30, lambda rows: rows.clear()),
]


@pytest.mark.parametrize("number", range(len(CASES) - 1))
def test_each_expectation_can_fail_and_only_by_its_own_damage(lake: Lake, number: int) -> None:
    names, prompts, damage = CASES[number]
    rows = deepcopy([pair(place) for place in range(20)])
    damage(rows)
    store(lake, rows, prompts, heldout="held out")
    found = evaluated(measure(lake, CRAWL, prompts, PARAMS), expectations(PARAMS, with_heldout=True))
    assert [finding.error for finding in found] == [None] * len(found)
    assert {finding.name for finding in found if not finding.passed} == names


def test_a_round_without_pairs_fails_and_says_what_has_no_value(lake: Lake) -> None:
    store(lake, [])
    with pytest.raises(GateFailed, match=r"pairs: observed 0, allowed at least 1\. Read some judgements"):
        run_pairs_gate(lake, CRAWL, PARAMS)
    outcome = read_outcome(lake, CRAWL, "pairs")
    assert outcome is not None
    with pytest.raises(GateFailed, match="no model may be trained on its preference pairs"):
        require_passed(lake, CRAWL, "pairs")
    errors = {finding.name: finding.error for finding in outcome.expectations if finding.error}
    assert errors == dict.fromkeys(("score_spread", "length_gap"), "it has no value")


def test_every_expectation_has_a_case_that_fails() -> None:
    assert {item.name for item in expectations(PARAMS, True)} == set().union(*(names for names, _, _ in CASES))


def test_a_sound_round_passes_once_although_some_judgements_could_not_be_read(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(lake, [pair(place) for place in range(20)])
    report = run_pairs_gate(lake, CRAWL, PARAMS)
    assert failed(lake) == set()
    assert report.detail == {"passed": True, "warnings": []}
    require_passed(lake, CRAWL, "pairs")
    assert "20 pairs" in (lake.path("data_docs", CRAWL, "pairs") / "summary.html").read_text()
    monkeypatch.setattr("include.validate.deciding.data_docs.build", lambda *_: pytest.fail("judged again"))
    assert run_pairs_gate(lake, CRAWL, PARAMS) == report


def test_pairs_that_no_stage_reports_are_refused(lake: Lake) -> None:
    with pytest.raises(BadInput, match="no pairs yet"):
        run_pairs_gate(lake, CRAWL, PARAMS)
