"""How a dump is compared with earlier ones."""

from dataclasses import asdict
from typing import Any

import pytest

from include.lake import Lake
from include.ledger import StageReport, record
from include.validate.approval import record_decision
from include.validate.figures import NONE
from include.validate.history import Comparison, Drift, Profile, compare, recall_profiles
from include.validate.outcome import Outcome, write_outcome

SPREAD = Drift("drifted_recipes", "recipes", 0.1, "spread")
SHARE = Drift("drifted_accepted", "accepted", 0.1, "share")
SIZE = Drift("drifted_lengths", "lengths", 1.5, "size")


def profile(crawl: str = "NOW", rows: int = 100, **groups: dict[str, float]) -> Profile:
    return Profile(crawl, rows, volume=rows, groups=groups)


def compared(drift: Drift, now: dict[str, float], *before: dict[str, float]) -> Comparison:
    earlier = [profile(f"EARLIER-{number}", **{drift.group: one}) for number, one in enumerate(before)]
    return compare(profile(**{drift.group: now}), earlier, [drift], min_rows=50)


@pytest.mark.parametrize(
    ("drift", "now", "before", "told"),
    [
        (SPREAD, {"qa": 0.5, "easy": 0.5}, [{"qa": 0.45, "easy": 0.55}], NONE),
        (SPREAD, {"qa": 1.0}, [{"easy": 1.0}], "easy from 1.000 to 0.000; qa from 0.000 to 1.000"),
        (SHARE, {"qa": 0.2, "all": 0.5}, [{"qa": 0.9, "all": 0.55}], "qa from 0.900 to 0.200"),
        (SHARE, {"qa": 0.5}, [{"qa": 0.1}, {"qa": 0.5}, {"qa": 0.9}], NONE),  # their median
        (SIZE, {"qa": 80.0}, [{"qa": 120.0}], NONE),
        (SIZE, {"qa": 80.0}, [{"qa": 121.0}], "qa from 121 to 80"),
        (SIZE, {"qa": 0.0, "easy": 0.0}, [{"qa": 3.0, "easy": 0.0}], "qa from 3 to 0"),
    ],
)
def test_what_moved_too_far_is_named(
    drift: Drift, now: dict[str, float], before: list[dict[str, float]], told: str
) -> None:
    comparison = compared(drift, now, *before)
    assert comparison.figures[drift.name] == told
    assert comparison.not_judged == {}


def test_a_recipe_that_no_earlier_dump_has_is_passed_over_aloud() -> None:
    comparison = compared(SIZE, {"qa": 80.0, "table": 5.0}, {"qa": 90.0})
    assert comparison.figures[SIZE.name] == NONE
    assert comparison.not_judged == {"drifted_lengths of table": "no earlier dump has it"}
    none_in_common = compared(SHARE, {"table": 0.5}, {"qa": 0.9})
    assert SHARE.name not in none_in_common.figures
    assert none_in_common.not_judged[SHARE.name] == "no accepted are known of both this dump and an earlier one"
    assert compared(SPREAD, {"qa": 1.0}).not_judged[SPREAD.name] == "there is no earlier dump of 50 rows or more"
    unknown = compare(profile(), [profile("EARLIER", recipes={"qa": 1.0})], [SPREAD], min_rows=50)
    assert unknown.not_judged[SPREAD.name] == "recipes are not known of this dump or of no earlier one"


def test_small_dumps_and_samples_are_no_measure() -> None:
    now, small = profile(rows=100, recipes={"qa": 1.0}), profile("SMALL", rows=10, recipes={"easy": 1.0})
    sample = Profile("SAMPLE", 400, 400, "the dump is a sample", {"recipes": {"qa": 1.0}})
    assert compare(now, [small, sample], [SPREAD], 50) == Comparison(
        {SPREAD.name: NONE}, {"volume_ratio": "the earlier ones are samples"}
    )
    assert compare(small, [now], [SPREAD], 50) == Comparison(
        {"volume_ratio": 0.1}, {SPREAD.name: "the dump has fewer than 50 rows"}
    )


def test_only_what_passed_and_was_not_rejected_is_recalled(lake: Lake) -> None:
    def judge(crawl: str, passed: bool, **detail: Any) -> Outcome:
        record(lake, StageReport("gate", crawl, 0, 0, detail=detail))
        outcome = Outcome(crawl, passed, "key", "", (), ("a warning",), "")
        write_outcome(lake, outcome)
        return outcome

    profiles = {crawl: asdict(profile(crawl)) for crawl in ("A", "B", "C", "D")}
    judge("A", True, profile=profiles["A"])
    judge("B", False, profile=profiles["B"])
    record_decision(lake, judge("C", True, profile=profiles["C"]), approved=False, by="ann")
    judge("D", True, profile={"crawl": "D", "rows": 3})  # as an older version wrote it
    found = recall_profiles(lake, "E", ["D", "C", "B", "A", "E", "NEVER-JUDGED"], "generations", "gate")
    assert found == [profile("A")]
