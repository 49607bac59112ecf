"""Rates out of what earlier runs left in the lake."""

import pytest
from planned_costs import write_raw_report, write_report, write_session

from include.lake import Lake
from include.rephrase.engines.params import EngineParams
from include.rephrase.rates import RecipeCounts, measured_speed, recipe_counts

EASY = {"chains": 30, "generations": 30, "source_tokens": 3000, "prompt_tokens": 6000, "tokens": 2400}
VLLM = EngineParams()


def test_counts_of_all_dumps_are_added_up(lake: Lake) -> None:
    write_report(lake, "T-1", {"easy@2": EASY})
    write_report(lake, "T-2", {"easy@2": EASY, "easy@1": EASY})
    counts = recipe_counts(lake, "words")
    assert counts["easy@2"] == RecipeCounts(60, 60, 6000, 12_000, 4800)
    assert counts["easy@1"].chains == 30


def test_another_teachers_counts_do_not_count(lake: Lake) -> None:
    write_report(lake, "T-1", {"easy@2": EASY}, teacher="other")
    assert recipe_counts(lake, "words") == {}


def test_the_scripted_engine_has_measured_nothing(lake: Lake) -> None:
    write_report(lake, "T-1", {"easy@2": EASY}, engine="scripted")
    write_session(lake, "a", kind="scripted", engine="scripted 1", gpus=0)
    assert recipe_counts(lake, "words") == {}
    assert measured_speed(lake, "words", EngineParams(kind="scripted")) is None
    assert measured_speed(lake, "words", VLLM) is None


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"[]",
        b'{"detail": null}',
        b'{"detail": {"tokens": 5, "engines": ["vllm 1"]}}',
        b'{"detail": {"teacher": "words", "engines": ["vllm 1"], "by_recipe": {"easy@2": 7}}}',
        b'{"detail": {"teacher": "words", "engines": ["vllm 1"], "by_recipe": {"easy@2": {"chains": "many"}}}}',
    ],
)
def test_old_and_damaged_reports_are_passed_over(lake: Lake, content: bytes) -> None:
    write_raw_report(lake, "T-1", content)
    write_report(lake, "T-2", {"easy@2": EASY})
    assert recipe_counts(lake, "words")["easy@2"] == RecipeCounts(**EASY)


def test_an_empty_lake_knows_nothing(lake: Lake) -> None:
    assert recipe_counts(lake, "words") == {}
    assert measured_speed(lake, "words", VLLM) is None


def test_speed_leaves_the_start_of_engines_out(lake: Lake) -> None:
    write_session(lake, "a")
    write_session(lake, "b", crawl="T-9", start_seconds=60.0, seconds=120.0, tokens=12_000)
    speed = measured_speed(lake, "words", VLLM)
    assert speed is not None
    assert (speed.tokens, speed.prompt_tokens, speed.start_seconds) == (150, 200, 50)
    assert speed.origin == "measured with vllm 1 cpu over 120 s"


def test_speed_is_told_per_gpu(lake: Lake) -> None:
    write_session(lake, "a", gpus=4)
    speed = measured_speed(lake, "words", EngineParams(tensor_parallel_size=4))
    assert speed is not None
    assert speed.tokens == 25
    assert measured_speed(lake, "words", VLLM) is None


def test_the_engine_that_ran_last_counts(lake: Lake) -> None:
    write_session(lake, "z", started=1.0)
    write_session(lake, "a", started=2.0, engine="vllm 1 cuda", tokens=600_000)
    speed = measured_speed(lake, "words", VLLM)
    assert speed is not None
    assert speed.tokens == 10_000


@pytest.mark.parametrize(
    "settings",
    [
        {"teacher": "other"},
        {"kind": "endpoint", "gpus": 0},
        {"engine": ""},  # it died before it was ready
        {"tokens": 0},
        {"seconds": 45.0},
    ],
)
def test_runs_that_say_nothing_are_left_out(lake: Lake, settings: dict[str, object]) -> None:
    write_session(lake, "a", **settings)
    assert measured_speed(lake, "words", VLLM) is None


def test_a_damaged_ledger_is_no_measurement(lake: Lake) -> None:
    write_session(lake, "a")
    (lake.path("spend", "T-0") / "b.json").write_text("{}")
    assert measured_speed(lake, "words", VLLM) is not None
