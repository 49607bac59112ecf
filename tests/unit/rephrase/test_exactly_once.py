"""The store and the worker, with the scripted engine: what is generated, and how often."""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from documents import CRAWL, write_documents

from include.errors import RewrapError
from include.lake import Lake
from include.params import RephraseParams
from include.rephrase.collect import collect_generations
from include.rephrase.engines.base import Request, Result
from include.rephrase.engines.scripted import ScriptedEngine
from include.rephrase.plan import plan_requests
from include.rephrase.store import Store
from include.rephrase.teacher import Teacher
from include.rephrase.worker import generate, progress_of


class Counting(ScriptedEngine):
    """Remembers what it was asked for; ends badly before request number ``dies_at``."""

    def __init__(self, dies_at: int | None = None) -> None:
        self.asked: list[str] = []
        self.dies_at = dies_at

    def generate(self, requests: Iterable[Request]) -> Iterator[Result]:
        for request in requests:
            if len(self.asked) == self.dies_at:
                raise RuntimeError("the engine died")
            self.asked.append(request.generation_key)
            yield from super().generate([request])


def never() -> ScriptedEngine:
    raise AssertionError("an engine was started without anything to generate")


def test_every_request_is_answered_once(planned: Lake) -> None:
    engine = Counting()
    counts = generate(planned, CRAWL, 5, lambda: engine)
    assert set(Counter(engine.asked).values()) == {1}
    assert counts["generated"] == counts["requests"] == 16
    report = collect_generations(planned, CRAWL)
    assert (report.rows_in, report.rows_out) == (16, 16)
    rows = planned.read("generations", CRAWL).to_pylist()
    assert {row["engine"] for row in rows} == {"scripted"}, "every row says which engine made it"


def test_a_second_run_starts_no_engine(planned: Lake) -> None:
    generate(planned, CRAWL, 5, Counting)
    assert generate(planned, CRAWL, 5, never)["requests"] == 0
    assert progress_of(planned, CRAWL) == {"requests": 0, "generated": 0, "failed": 0, "tokens": 0, "seconds": 0.0}


def test_after_a_death_only_the_uncommitted_chunk_is_made_again(planned: Lake) -> None:
    dying, second = Counting(dies_at=13), Counting()
    with pytest.raises(RuntimeError, match="the engine died"):
        generate(planned, CRAWL, 5, lambda: dying)
    generate(planned, CRAWL, 5, lambda: second)
    again = set(dying.asked) & set(second.asked)
    assert again == set(dying.asked[10:]), "two chunks of five were committed, three results were not"
    assert len(set(dying.asked) | set(second.asked)) == 16


def test_a_page_that_comes_back_in_the_next_dump_costs_nothing(
    planned: Lake, teacher: Teacher, texts: list[str]
) -> None:
    generate(planned, CRAWL, 5, Counting)
    write_documents(planned, [*texts[:3], "Only this page is new. It has two sentences."], crawl="T-2")
    plan_requests(planned, "T-2", RephraseParams(), teacher)
    engine = Counting()
    generate(planned, "T-2", 5, lambda: engine)
    assert len(engine.asked) == 4
    assert collect_generations(planned, "T-2").rows_out == 16


def test_a_race_of_two_workers_leaves_one_answer_per_key(planned: Lake) -> None:
    store = Store(planned)
    generate(planned, CRAWL, 5, Counting)
    generations = planned.root / "store"
    one = next(generations.glob("chunk-*.parquet"))
    (generations / "chunk-ffffffffffffffffffffffffffffffff.parquet").write_bytes(one.read_bytes())
    assert store.answers(CRAWL).num_rows == 16
    assert collect_generations(planned, CRAWL).rows_out == 16


def test_collecting_too_early_says_what_to_run(planned: Lake) -> None:
    with pytest.raises(RewrapError, match=r"16 of 16 requests .* Run the generate step"):
        collect_generations(planned, CRAWL)


KILLED = """
import os, signal, sys
from pathlib import Path
from include.lake import Lake
from include.rephrase.engines.scripted import ScriptedEngine
from include.rephrase.worker import generate

class Killed(ScriptedEngine):
    def generate(self, requests):
        for number, result in enumerate(super().generate(requests)):
            if number == int(sys.argv[2]):
                os.kill(os.getpid(), signal.SIGKILL)
            yield result

generate(Lake(Path(sys.argv[1])), "T-1", 5, Killed)
"""


@pytest.mark.parametrize("at", [3, 7, 12])
def test_a_killed_worker_loses_nothing(planned: Lake, project: Path, at: int) -> None:
    worker = subprocess.run(
        [sys.executable, "-c", KILLED, str(planned.root), str(at)],
        cwd=project, env=os.environ | {"PYTHONPATH": str(project)}, check=False,
    )  # fmt: skip
    assert worker.returncode == -signal.SIGKILL
    committed = 16 - Store(planned).missing(CRAWL).num_rows
    assert committed == at // 5 * 5, "at most one chunk is lost"
    engine = Counting()
    generate(planned, CRAWL, 5, lambda: engine)
    assert len(engine.asked) == 16 - committed
    assert collect_generations(planned, CRAWL).rows_out == 16


class Failing(ScriptedEngine):
    """Cannot answer one request."""

    def generate(self, requests: Iterable[Request]) -> Iterator[Result]:
        for number, result in enumerate(super().generate(requests)):
            if number == 2:
                yield Result(result.generation_key, "", "error", "prompt too long", 0, 0)
            else:
                yield result


def test_one_bad_request_stops_nothing_and_keeps_its_reason(planned: Lake) -> None:
    generate(planned, CRAWL, 5, Failing)
    report = collect_generations(planned, CRAWL)
    assert (report.rows_out, report.failed) == (15, {"engine_error": 1})
    errors = [row["error"] for row in planned.read("generations", CRAWL).to_pylist() if row["error"]]
    assert errors == ["prompt too long"]
