"""The meter, the spend ledger, and the end of a budget."""

from pathlib import Path
from typing import Any

import pytest

from include.errors import BadInput
from include.lake import Lake
from include.rephrase.budget import WRITE_SECONDS, Meter, budget_message
from include.rephrase.engines.base import Result
from include.rephrase.params import RephraseParams
from include.rephrase.spend import session_files, sessions, spent_on

CRAWL = "T-1"


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def params(budget: dict[str, float] | None = None, **settings: Any) -> RephraseParams:
    return RephraseParams.model_validate({"budget": budget or {}, **settings})


def results(count: int, prompt_tokens: int = 70, tokens: int = 30) -> list[Result]:
    return [Result(f"k{n}", "text", "stop", None, prompt_tokens, tokens) for n in range(count)]


def test_without_a_budget_nothing_stops(lake: Lake, clock: Clock) -> None:
    with Meter(lake, CRAWL, "0-10", params(), clock) as meter:
        clock.now += 1e9
        meter.add(results(10))
        assert meter.reason_to_stop() is None


def test_tokens_are_prompt_and_output_tokens_together(lake: Lake, clock: Clock) -> None:
    with Meter(lake, CRAWL, "0-10", params({"tokens": 1000}), clock) as meter:
        meter.add(results(9))
        assert meter.reason_to_stop() is None
        meter.add(results(1))
        assert meter.reason_to_stop() == "rephrase.budget.tokens is 1,000 and 1,000 are spent"


def test_gpu_time_is_the_engines_life_on_all_its_gpus(lake: Lake, clock: Clock) -> None:
    settings = params({"gpu_hours": 2}, engine={"tensor_parallel_size": 4})
    with Meter(lake, CRAWL, "0-10", settings, clock) as meter:
        clock.now += 1799
        assert meter.reason_to_stop() is None
        clock.now += 1
        assert meter.reason_to_stop() == "rephrase.budget.gpu_hours is 2 and 2 are spent"
    clock.now += 3600  # the engine is closed
    assert spent_on(lake, CRAWL).gpu_hours == 2


def test_an_endpoints_time_costs_nothing_but_its_tokens_do(lake: Lake, clock: Clock) -> None:
    settings = params(
        {"money": 3},
        engine={"kind": "endpoint"},
        rates={"million_prompt_tokens": 10_000, "million_output_tokens": 20_000},
    )
    with Meter(lake, CRAWL, "0-10", settings, clock) as meter:
        clock.now += 1e6
        meter.add(results(1, prompt_tokens=100, tokens=50))
        assert meter.reason_to_stop() is None
        meter.add(results(1, prompt_tokens=0, tokens=50))
        assert meter.reason_to_stop() == "rephrase.budget.money is 3 USD and 3 are spent"
    assert spent_on(lake, CRAWL).gpu_hours == 0


def test_money_is_gpu_time_and_tokens_at_the_prices_of_that_time(lake: Lake, clock: Clock) -> None:
    rates = {"gpu_hour": 2.0, "million_output_tokens": 1_000_000, "currency": "EUR"}
    with Meter(lake, CRAWL, "0-10", params(rates=rates), clock) as meter:
        clock.now += 1800
        meter.add(results(1, tokens=3))
    assert spent_on(lake, CRAWL).money == pytest.approx(4.0)
    dearer = Meter(lake, CRAWL, "0-10", params({"money": 4}, rates=rates | {"gpu_hour": 200.0}), clock)
    assert dearer.reason_to_stop() == "rephrase.budget.money is 4 EUR and 4 are spent"


def test_two_meters_at_once_spend_one_budget(lake: Lake, clock: Clock) -> None:
    settings = params({"tokens": 1000})
    with Meter(lake, CRAWL, "0-10", settings, clock) as one, Meter(lake, CRAWL, "10-20", settings, clock) as other:
        one.add(results(5))
        other.add(results(4))
        assert one.reason_to_stop() is None
        other.add(results(1))
        clock.now += 10  # what others spend is looked up every few seconds
        assert one.reason_to_stop() == other.reason_to_stop() == "rephrase.budget.tokens is 1,000 and 1,000 are spent"
    assert len(session_files(lake, CRAWL)) == 2


def test_another_dumps_spending_does_not_count(lake: Lake, clock: Clock) -> None:
    with Meter(lake, "T-2", "0-10", params(), clock) as meter:
        meter.add(results(100))
    assert Meter(lake, CRAWL, "0-10", params({"tokens": 1}), clock).reason_to_stop() is None


def test_what_a_killed_worker_had_written_counts(lake: Lake, clock: Clock) -> None:
    killed = Meter(lake, CRAWL, "0-10", params({"gpu_hours": 1}), clock)
    killed.__enter__()
    clock.now += 60
    killed.add(results(5))
    clock.now += 2 * WRITE_SECONDS
    assert killed.reason_to_stop() is None  # also keeps the file young while nothing finishes
    clock.now += 9999  # dead: nobody leaves the context
    spent = spent_on(lake, CRAWL)
    assert (spent.all_tokens, spent.gpu_seconds) == (500, 60 + 2 * WRITE_SECONDS)
    again = Meter(lake, CRAWL, "0-10", params({"tokens": 500}), clock)
    assert again.reason_to_stop() == "rephrase.budget.tokens is 500 and 500 are spent"


def test_a_larger_budget_goes_on(lake: Lake, clock: Clock) -> None:
    with Meter(lake, CRAWL, "0-10", params({"tokens": 500}), clock) as meter:
        meter.add(results(5))
        assert meter.reason_to_stop()
    with Meter(lake, CRAWL, "0-10", params({"tokens": 600}), clock) as meter:
        assert meter.reason_to_stop() is None
        meter.add(results(1))
        assert meter.reason_to_stop() == "rephrase.budget.tokens is 600 and 600 are spent"


def test_a_budget_of_nothing_stops_before_the_engine_starts(lake: Lake, clock: Clock) -> None:
    assert Meter(lake, CRAWL, "0-10", params({"gpu_hours": 0}), clock).reason_to_stop()
    assert session_files(lake, CRAWL) == []


def test_asking_reads_no_files_for_some_seconds(lake: Lake, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    from include.rephrase import budget

    looked: list[str] = []

    def counted(lake: Lake, crawl: str) -> list[Path]:
        looked.append(crawl)
        return session_files(lake, crawl)

    monkeypatch.setattr(budget, "session_files", counted)
    with Meter(lake, CRAWL, "0-10", params({"tokens": 1000}), clock) as meter:
        for _ in range(1000):
            meter.reason_to_stop()
            clock.now += 0.004
    assert looked == [CRAWL]


def test_time_to_start_is_told_apart_from_time_to_generate(lake: Lake, clock: Clock) -> None:
    with Meter(lake, CRAWL, "0-10", params(), clock) as meter:
        clock.now += 45
        meter.ready("vllm 0.32.0 cpu bfloat16")
        clock.now += 100
    [session] = sessions(lake, CRAWL)
    assert (session.start_seconds, session.seconds, session.engine) == (45, 145, "vllm 0.32.0 cpu bfloat16")


def test_a_damaged_ledger_is_named(lake: Lake, clock: Clock) -> None:
    file = lake.path("spend", CRAWL) / "0-10-aa.json"
    file.parent.mkdir(parents=True)
    file.write_text('{"unit": "0-10"}')
    with pytest.raises(BadInput, match=r"0-10-aa\.json is no record of what generation has cost"):
        Meter(lake, CRAWL, "0-10", params({"tokens": 1}), clock).reason_to_stop()


def test_money_in_two_currencies_is_not_added_up(lake: Lake, clock: Clock) -> None:
    with Meter(lake, CRAWL, "0-10", params(), clock):
        clock.now += 3600
    in_euros = Meter(lake, CRAWL, "0-10", params({"money": 5}, rates={"currency": "EUR"}), clock)
    with pytest.raises(BadInput, match=r"counts USD"):
        in_euros.reason_to_stop()


def test_the_message_says_what_is_kept_and_what_to_do(lake: Lake, clock: Clock) -> None:
    with Meter(lake, CRAWL, "0-10", params({"tokens": 1}), clock) as meter:
        meter.add(results(1))
        reason = meter.reason_to_stop()
    assert reason is not None
    message = budget_message(CRAWL, "0-10", reason, made=1200, left=3400)
    for words in (CRAWL, "rephrase.budget.tokens is 1", "1,200", "3,400", "raise the bound", "goes on from there"):
        assert words in message
