"""Workers that are killed at any moment, and workers that work at the same time."""

import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from chained import Chained
from documents import CRAWL
from generating import CHUNK, PAGES, assert_exactly_once, expected, generate, never, page, plan, stored

from include.lake import Lake
from include.rephrase import worker
from include.rephrase.collect import collect_generations
from include.rephrase.params import RephraseParams
from include.rephrase.teacher import Teacher

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["generating", "duckdb"])
SECONDS = 0.01
"""Per answer: a whole dump takes about a second."""


def work(lake: Lake, params: RephraseParams, notes: Path, crawl: str = CRAWL, seconds: float = SECONDS) -> BaseProcess:
    """A worker in a process of its own."""
    process = FORKS.Process(target=_work, args=(lake.root, params, notes, crawl, seconds))
    process.start()
    return process


def _work(root: Path, params: RephraseParams, notes: Path, crawl: str, seconds: float) -> None:
    worker.LOOK_AGAIN = 0.2
    notes.with_suffix(".began").touch()
    generate(Lake(root), params, lambda: Chained(notes, seconds), crawl)


def finish(process: BaseProcess) -> None:
    process.join(60)
    assert process.exitcode == 0


def count(notes: Path) -> int:
    return len(notes.read_text().split()) if notes.exists() else 0


def wait_until(happened: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < until
        time.sleep(0.005)


def test_twenty_kills_at_random_moments_lose_nothing_and_repeat_at_most_a_chunk_each(
    lake: Lake, teacher: Teacher, tmp_path: Path
) -> None:
    params = plan(lake, teacher, [page(number, 4) for number in range(30)] + [PAGES[3]])
    notes = tmp_path / "notes"
    notes.touch()
    moments = random.Random(4)
    lost = killed = 0
    while killed < 20:
        before = Counter(notes.read_text().split())
        process = work(lake, params, notes)
        time.sleep(moments.uniform(0.05, 0.6))  # a random moment is what is tested
        process.kill()
        process.join()
        killed += process.exitcode == -signal.SIGKILL
        made = Counter(notes.read_text().split()) - before
        kept = {row["generation_key"] for row in stored(lake)}
        assert len(set(made) - kept) <= CHUNK, "at most a chunk was not committed"
        lost += len(set(made) - kept)
    finish(work(lake, params, notes))
    made = Counter(notes.read_text().split())
    assert set(made) == set(expected(lake))
    assert made.total() - len(made) == lost, "what was committed was not made again"
    assert_exactly_once(lake)
    generate(lake, params, never)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_kill_in_the_middle_of_a_commit(lake: Lake, teacher: Teacher, tmp_path: Path, moment: str) -> None:
    commit = 3
    params = plan(lake, teacher)
    notes = tmp_path / "notes"
    process = FORKS.Process(target=_die_in_commit, args=(lake.root, params, notes, commit, moment))
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    done = commit if moment == "after" else commit - 1
    assert len(stored(lake)) == CHUNK * done
    finish(work(lake, params, notes))
    assert count(notes) == len(expected(lake)) + (CHUNK if moment == "before" else 0)
    assert_exactly_once(lake)
    left = list((lake.root / "store").glob("*/.*.tmp"))
    assert len(left) == (moment == "before")
    for file in left:
        os.utime(file, (0, 0))
    generate(lake, params, never)
    assert not list((lake.root / "store").glob("*/.*.tmp")), "what was half written is removed when it is old"


def _die_in_commit(root: Path, params: RephraseParams, notes: Path, commit: int, moment: str) -> None:
    replace, commits = Path.replace, iter(range(1, 100))

    def deadly(self: Path, target: Path) -> Path:
        dies = "results-" in str(target) and next(commits) == commit
        if dies and moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        replace(self, target)
        if dies:
            os.kill(os.getpid(), signal.SIGKILL)
        return target

    Path.replace = deadly  # type: ignore[method-assign]
    _work(root, params, notes, CRAWL, 0.0)


def test_two_workers_on_the_same_unit_make_everything_once(lake: Lake, teacher: Teacher, tmp_path: Path) -> None:
    params = plan(lake, teacher)
    notes = tmp_path / "notes"
    for process in [work(lake, params, notes) for _ in range(2)]:
        finish(process)
    assert Counter(notes.read_text().split()) == Counter(expected(lake).keys())
    assert_exactly_once(lake)


def test_a_worker_that_waits_goes_on_when_the_other_is_killed(lake: Lake, teacher: Teacher, tmp_path: Path) -> None:
    params = plan(lake, teacher)
    first, second = tmp_path / "first", tmp_path / "second"
    killed = work(lake, params, first, seconds=0.2)
    wait_until(lambda: count(first) > 0)
    waiting = work(lake, params, second)
    wait_until(second.with_suffix(".began").exists)
    seen = count(first)
    wait_until(lambda: count(first) > seen + 2)
    assert not count(second), "one worker at a time"
    killed.kill()
    finish(waiting)
    assert_exactly_once(lake)


def test_workers_of_two_dumps_make_their_common_pages_once(lake: Lake, teacher: Teacher, tmp_path: Path) -> None:
    pages = [page(number, 4) for number in range(12)]
    params = plan(lake, teacher, pages[:9])
    plan(lake, teacher, pages[3:], crawl="T-2")
    notes = tmp_path / "notes"
    for process in [work(lake, params, notes, crawl) for crawl in (CRAWL, "T-2")]:
        finish(process)
    keys = set(expected(lake)) | set(expected(lake, "T-2"))
    assert Counter(notes.read_text().split()) == Counter(keys)
    assert_exactly_once(lake, CRAWL, "T-2")


def test_kills_between_collecting_and_its_end_leave_the_old_table_or_the_new(lake: Lake, teacher: Teacher) -> None:
    params = plan(lake, teacher, [page(number, 4) for number in range(10)])
    generate(lake, params)
    moments = random.Random(5)
    for _ in range(5):
        collecting = FORKS.Process(target=_collect, args=(lake.root,))
        collecting.start()
        time.sleep(moments.uniform(0.02, 0.3))
        collecting.kill()
        collecting.join()
        if manifest := lake.manifest("generations", CRAWL):
            assert manifest.rows == lake.read("generations", CRAWL).num_rows
    assert_exactly_once(lake)
    assert collect_generations(lake, CRAWL).rows_out == 30


def _collect(root: Path) -> None:
    collect_generations(Lake(root), CRAWL)
