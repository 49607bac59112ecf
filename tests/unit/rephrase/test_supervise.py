"""An engine that dies or hangs: it is restarted, what kills it is found, and the rest goes on."""

from collections.abc import Callable
from pathlib import Path

import pytest
from chained import Chained
from children import start
from documents import CRAWL
from generating import expected, generate, page, plan, stored

from include.errors import BadInput, EngineFailed
from include.lake import Lake
from include.rephrase.collect import collect_generations
from include.rephrase.engines.base import Engine, EngineDied, Request, Result
from include.rephrase.supervise import Supervised
from include.rephrase.teacher import Teacher


class Mortal(Chained):
    """Works on all requests at once; dies of some prompts, and whenever ``fate`` says so."""

    def __init__(self, deadly: set[int], fate: Callable[[], bool] = lambda: False) -> None:
        super().__init__(capacity=32)
        self.deadly, self.fate = deadly, fate

    def results(self, timeout: float) -> list[Result]:
        if self.fate() or self.deadly & {one.seed for one in self._asked}:
            raise EngineDied("the engine's process was killed by SIGSEGV")
        return super().results(timeout)


class Starts:
    """Counts them."""

    def __init__(self, make: Callable[[], Engine]) -> None:
        self.make, self.count = make, 0

    def __call__(self) -> Engine:
        self.count += 1
        return self.make()


def request(number: int) -> Request:
    messages = [{"role": "user", "content": f"Request {number} asks for little."}]
    return Request(f"{number:032x}", f"{number:032x}", "rewrite", "", messages, 0.7, 1.0, 0, 64, number)


def work_off(engine: Engine, count: int, results: dict[int, Result] | None = None) -> dict[int, Result]:
    """Results by number of ``count`` requests, fed as the worker does."""
    results = {} if results is None else results
    given = 0
    while len(results) < count:
        while given < count and given - len(results) < engine.capacity:
            engine.submit(request(given))
            given += 1
        for result in engine.results(1.0):
            number = int(result.generation_key, 16)
            assert number not in results, "answered twice"
            results[number] = result
    return results


@pytest.mark.parametrize("deadly", [{0}, {17}, {31}, {63}, {5, 6}, {0, 40, 63}])
def test_what_kills_the_engine_is_found_and_the_rest_is_answered(deadly: set[int]) -> None:
    starts = Starts(lambda: Mortal(deadly))
    results = work_off(Supervised(starts, max_restarts=24), 64)
    assert {number for number, result in results.items() if result.finish_reason == "error"} == deadly
    assert all("SIGSEGV" in (results[number].error or "") for number in deadly)
    assert starts.count <= 1 + 7 * len(deadly), "a bisection of 32 takes six deaths, and one for what is left over"


def test_a_death_that_does_not_come_again_blames_nobody() -> None:
    moments = iter([False] * 20 + [True] + [False] * 1000)
    starts = Starts(lambda: Mortal(set(), lambda: next(moments)))
    results = work_off(Supervised(starts, max_restarts=3), 64)
    assert {result.finish_reason for result in results.values()} == {"stop"}
    assert starts.count == 2


def test_a_lone_request_is_blamed_only_at_its_second_death() -> None:
    moments = iter([True] + [False] * 10)
    assert work_off(Supervised(lambda: Mortal(set(), lambda: next(moments)), 3), 1)[0].finish_reason == "stop"
    assert work_off(Supervised(lambda: Mortal({0}), 3), 1)[0].finish_reason == "error"


def test_restarts_are_bounded_and_those_found_until_then_are_named() -> None:
    starts = Starts(lambda: Mortal(set(range(8, 24))))
    results: dict[int, Result] = {}
    with pytest.raises(EngineFailed, match=r"died 9 times; rephrase\.engine\.max_restarts is 8\. .*SIGSEGV"):
        work_off(Supervised(starts, max_restarts=8), 32, results)
    assert starts.count == 9
    found = [number for number, result in results.items() if result.finish_reason == "error"]
    assert found
    assert set(found) <= set(range(8, 24))


def test_an_engine_that_does_not_come_up_again_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("include.rephrase.supervise.PAUSE", 0.0)
    first = iter([Mortal({3})])

    def make() -> Engine:
        engine = next(first, None)
        if engine is None:
            raise BadInput("vLLM cannot run the teacher: no memory is free")
        return engine

    starts = Starts(make)
    with pytest.raises(EngineFailed, match=r"did not start 3 times .* no memory is free"):
        work_off(Supervised(starts, max_restarts=24), 8)
    assert starts.count == 4


def test_settings_that_the_engine_refuses_are_not_tried_again() -> None:
    def refuse() -> Engine:
        raise BadInput("max_num_seqs is too large")

    starts = Starts(refuse)
    with pytest.raises(BadInput, match="max_num_seqs"):
        Supervised(starts, max_restarts=24)
    assert starts.count == 1


@pytest.mark.parametrize("how", ["dies", "hangs", "babbles"])
def test_a_page_that_ends_the_engines_process_fails_alone(
    lake: Lake, teacher: Teacher, tmp_path: Path, how: str
) -> None:
    pages = [page(number, 4) for number in range(6)]
    params = plan(
        lake, teacher, [*pages, "This page is a poison for some kernels. It has two sentences."], recipes=["easy"]
    )
    notes = tmp_path / "notes"
    summary = generate(
        lake, params, lambda: Supervised(lambda: start(f"--{how}-of", "poison", "--notes", notes, stall_seconds=1), 24)
    )
    assert (summary["generated"], summary["failed"]) == (7, 1)
    assert collect_generations(lake, CRAWL).failed == {"engine_error": 1}
    failed = [row for row in stored(lake) if row["finish_reason"] == "error"]
    words = {"dies": "SIGABRT", "hangs": "no sign of life", "babbles": "wrote nonsense"}[how]
    assert words in failed[0]["error"]
    good = {row["generation_key"]: row["output"] for row in stored(lake) if row["finish_reason"] != "error"}
    assert good == {key: text for key, text in expected(lake).items() if key != failed[0]["generation_key"]}


def test_an_engine_that_is_killed_once_costs_only_what_was_in_flight(
    lake: Lake, teacher: Teacher, tmp_path: Path
) -> None:
    params = plan(lake, teacher)
    notes, once = tmp_path / "notes", tmp_path / "once"
    summary = generate(
        lake, params, lambda: Supervised(lambda: start("--dies-once", once, "--notes", notes, "--capacity", 4), 1)
    )
    assert summary["failed"] == 0
    made = notes.read_text().split()
    assert set(made) == set(expected(lake))
    assert len(made) - len(set(made)) <= 1, "what it had answered had reached the worker, but for the last"


def test_too_many_deaths_end_the_unit_and_keep_what_was_made(lake: Lake, teacher: Teacher) -> None:
    pages = [page(number, 4) for number in range(4)]
    poison = [f"This page is a poison. It is number {number}." for number in range(8)]
    params = plan(lake, teacher, [*pages, *poison], recipes=["easy"])
    with pytest.raises(EngineFailed, match=r"max_restarts is 3.* generations of unit 0-12 were made and committed"):
        generate(lake, params, lambda: Supervised(lambda: start("--dies-of", "poison"), 3))
    before = {row["generation_key"] for row in stored(lake)}
    assert before, "the culprits that were found, at least"
    generate(lake, params, lambda: Supervised(lambda: start("--dies-of", "poison"), 24))
    assert len(stored(lake)) == 12
    report = collect_generations(lake, CRAWL)
    assert (report.rows_out, report.failed) == (4, {"engine_error": 8})
