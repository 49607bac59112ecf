"""What the worker says while it works, and when it stops by itself."""

import json
import logging

import pytest
from chained import Chained
from documents import CRAWL
from generating import CHUNK, assert_exactly_once, expected, generate, page, plan, stored

from include.errors import BudgetReached
from include.lake import Lake
from include.rephrase.engines.base import Request, Result
from include.rephrase.params import RephraseParams
from include.rephrase.progress import REPORT_EVERY, clear_progress, progress_of
from include.rephrase.teacher import Teacher
from include.rephrase.units import Unit


class Clock:
    """A clock that only moves when it is told to."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("include.rephrase.progress.time.monotonic", clock)
    return clock


def test_progress_is_in_the_log_every_half_minute_also_while_nothing_is_committed(
    lake: Lake, teacher: Teacher, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    assert REPORT_EVERY <= 60

    class Slow(Chained):
        def answer(self, request: Request) -> Result:
            clock.now += 20
            return super().answer(request)

    params = plan(lake, teacher, [page(number, 4) for number in range(4)], recipes=["easy"], chunk_size=1000)
    with caplog.at_level(logging.INFO, "rewrap.worker"):
        generate(lake, params, Slow)
    lines = [line for line in caplog.messages if line.startswith("unit 0-4: ")]
    assert lines[0] == "unit 0-4: 2 of 4 generations, 4 tokens/s, unknown time left, 0 of 0 texts accepted so far"
    assert lines[1].startswith("unit 0-4: 4 of 4 generations")
    assert lines[-1].endswith("about 0:00:00 left, 4 of 4 texts accepted so far")


def test_time_left_follows_the_predicted_tokens(
    lake: Lake, teacher: Teacher, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    class Steady(Chained):
        def answer(self, request: Request) -> Result:
            clock.now += 40
            return super().answer(request)

    params = plan(lake, teacher, [page(number, 4) for number in range(4)], recipes=["easy"], chunk_size=1)
    with caplog.at_level(logging.INFO, "rewrap.worker"):
        generate(lake, params, Steady)
    lines = [line for line in caplog.messages if line.startswith("unit 0-4: ")]
    assert [line.split(" tokens/s, ")[1].split(" left")[0] for line in lines[:4]] == [
        "about 0:02:00", "about 0:01:20", "about 0:00:40", "about 0:00:00",
    ]  # fmt: skip


def test_progress_of_a_dump_is_that_of_its_units_together(lake: Lake, teacher: Teacher) -> None:
    params = plan(lake, teacher, [page(number, 4) for number in range(4)], recipes=["easy"])
    assert progress_of(lake, CRAWL) is None
    for unit in (Unit(0, 3), Unit(3, 4)):
        generate(lake, params, unit=unit)
        file = json.loads((lake.path("progress", CRAWL) / f"{unit}.json").read_bytes())
        assert file["generated"] == file["requests"] == file["chains"] == unit.stop - unit.start
    together = progress_of(lake, CRAWL)
    assert together is not None
    assert (together["generated"], together["accepted"]) == (4, 4)
    clear_progress(lake, CRAWL)
    assert progress_of(lake, CRAWL) is None


def test_the_budget_stops_the_worker_and_more_of_it_goes_on(lake: Lake, teacher: Teacher) -> None:
    params = plan(lake, teacher, [page(number, 4) for number in range(10)], recipes=["easy"])
    tight = params.model_copy(update={"budget": params.budget.model_copy(update={"tokens": 500.0})})
    with pytest.raises(BudgetReached, match=r"budget\.tokens is 500 and \d+ are spent.* run\s+the generate step"):
        generate(lake, tight)
    before = {row["generation_key"] for row in stored(lake)}
    assert CHUNK <= len(before) < 10
    with pytest.raises(BudgetReached):
        generate(lake, tight, lambda: pytest.fail("no engine is started without a budget"))
    engine = Chained()
    generate(lake, params, lambda: engine)
    assert set(engine.asked) == set(expected(lake)) - before
    assert_exactly_once(lake)


def test_an_answer_that_nobody_waits_for_is_left_out(
    lake: Lake, teacher: Teacher, caplog: pytest.LogCaptureFixture
) -> None:
    class Stutters(Chained):
        def results(self, timeout: float) -> list[Result]:
            return 2 * super().results(timeout)

    params = plan(lake, teacher)
    generate(lake, params, Stutters)
    assert "which nobody waits for" in caplog.text
    assert_exactly_once(lake)


def test_the_engine_is_closed_however_the_work_ends(lake: Lake, teacher: Teacher) -> None:
    closed = []

    class Closing(Chained):
        fails = False

        def answer(self, request: Request) -> Result:
            if self.fails and len(self.asked) == 3:
                raise KeyboardInterrupt
            return super().answer(request)

        def close(self) -> None:
            closed.append(self)

    params: RephraseParams = plan(lake, teacher)
    interrupted = Closing()
    interrupted.fails = True
    with pytest.raises(KeyboardInterrupt):
        generate(lake, params, lambda: interrupted)
    assert len(stored(lake)) == 3, "what was in hand is committed"
    last = Closing()
    generate(lake, params, lambda: last)
    assert closed == [interrupted, last]
