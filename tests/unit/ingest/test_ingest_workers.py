"""Supervised workers: whatever an item does to its process, its neighbours come through and nothing is left behind."""

import functools
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from include.errors import WorkersFailed
from include.ingest.workers.pool import CHUNK_BYTES, WINDOW, Limits, supervised_map
from include.ingest.workers.process import SLOTS
from include.ingest.workers.shared import NOTHING, Abandoned, Heartbeat
from include.settings import PROJECT
from tests.unit.ingest import worker_functions
from tests.unit.ingest.worker_functions import measure, note_pid, obey, work_a_little

LIMITS = Limits(workers=2, seconds_per_item=20, memory_bytes=1 << 30, recycle_after=10_000)
IMPATIENT = Limits(workers=2, seconds_per_item=0.3, memory_bytes=256 << 20, recycle_after=10_000)


def run(function: Callable[[Any], Any], items: Iterable[Any], limits: Limits = LIMITS) -> list[Any]:
    return list(supervised_map(function, items, limits, len))


def children() -> list[psutil.Process]:
    """The workers of this process, also dead ones that nobody has waited for."""
    return [child for child in psutil.Process().children() if _is_worker(child)]


def _is_worker(child: psutil.Process) -> bool:
    try:
        return "include.ingest.workers.child" in child.cmdline()
    except psutil.ZombieProcess:
        return True


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    yield
    assert children() == []


def with_neighbours(*orders: str) -> tuple[list[str], list[str]]:
    """Each order between harmless items, and the results if all were harmless."""
    items = [item for order in orders for item in ("before", order, "after")]
    return items, [item.upper() for item in items]


def abandoned(orders: list[str], limits: Limits = LIMITS) -> list[Abandoned]:
    """What became of the orders, once it is proved that their neighbours came through in order."""
    items, expected = with_neighbours(*orders)
    results = run(obey, items, limits)
    assert len(results) == len(expected)
    for place, (result, harmless) in enumerate(zip(results, expected, strict=True)):
        if place % 3 != 1:
            assert result == harmless
    return results[1::3]


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_results_are_those_of_map_in_the_same_order_whatever_the_number_of_workers(workers: int) -> None:
    draw = random.Random(7)
    sizes = [draw.choice((0, 10, 1_000, 200_000, 3_000_000)) for _ in range(120)]
    items = [draw.randbytes(size) for size in sizes]
    limits = Limits(workers, seconds_per_item=20, memory_bytes=1 << 30, recycle_after=40)
    assert run(measure, iter(items), limits) == list(map(measure, items))


def test_without_items_no_worker_starts() -> None:
    assert run(measure, []) == []


def test_workers_are_replaced_after_their_items_and_no_more_start_than_there_are_chunks(tmp_path: Path) -> None:
    note = functools.partial(note_pid, folder=str(tmp_path))
    items = [str(number) for number in range(640)]  # ten chunks
    limits = Limits(workers=1, seconds_per_item=20, memory_bytes=1 << 30, recycle_after=128)
    assert run(note, items, limits) == items
    assert len(list(tmp_path.iterdir())) == 5

    for file in tmp_path.iterdir():
        file.unlink()
    run(note, items[:64], Limits(workers=8, seconds_per_item=20, memory_bytes=1 << 30, recycle_after=128))
    assert len(list(tmp_path.iterdir())) == 1


def test_a_native_parser_that_hangs_costs_its_page_only() -> None:
    assert abandoned(["parse", "extract"], IMPATIENT) == [Abandoned("page_time", "took more than 0.3 s")] * 2


def test_an_item_that_sleeps_is_abandoned_by_the_clock() -> None:
    limits = Limits(workers=2, seconds_per_item=0.1, memory_bytes=256 << 20, recycle_after=10_000)
    assert abandoned(["sleep"], limits) == [Abandoned("page_time", "took more than 0.1 s")]


def test_an_item_that_wants_too_much_memory_is_abandoned() -> None:
    expected = Abandoned("page_memory", "its process met the limit of memory")
    limits = Limits(workers=2, seconds_per_item=20, memory_bytes=70 << 20, recycle_after=10_000)
    assert abandoned(["hoard", "hoard in native code"], limits) == [expected] * 2


def test_an_item_that_ends_its_process_is_blamed_itself() -> None:
    assert abandoned(["segfault", "exit"]) == [
        Abandoned("page_crash", "its process was ended by SIGSEGV"),
        Abandoned("page_crash", "its process ended with code 3"),
    ]


def test_an_error_in_the_function_is_a_result() -> None:
    assert abandoned(["raise", "panic"]) == [
        Abandoned("page_error", "ValueError: a page without sense"),
        Abandoned("page_error", "Panic: in native code"),
    ]


def test_what_the_function_prints_is_no_message(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "rewrap.workers")
    assert abandoned(["print"]) == ["PRINT"]  # type: ignore[comparison-overlap]
    assert "looks like a message" in caplog.text


@pytest.mark.parametrize("workers", [1, 3])
def test_bad_items_give_the_same_results_whatever_the_number_of_workers(workers: int) -> None:
    items, expected = with_neighbours("exit", "raise", "segfault", "raise")
    results = run(obey, items, Limits(workers, 20, 1 << 30, 10_000))
    reasons = [result.reason if isinstance(result, Abandoned) else result for result in results]
    for place, reason in zip((1, 4, 7, 10), ("page_crash", "page_error", "page_crash", "page_error"), strict=True):
        expected[place] = reason
    assert reasons == expected


def test_twenty_kills_from_outside_lose_nothing_and_double_nothing() -> None:
    draw = random.Random(20)
    items = [draw.randbytes(20_000) for _ in range(1_600)]
    results, next_kill, kills = [], 1, 0
    for result in supervised_map(work_a_little, items, Limits(3, 20, 1 << 30, 10_000), len):
        results.append(result)
        if len(results) >= next_kill and kills < 20:
            draw.choice(children()).kill()
            kills += 1
            next_kill += draw.randrange(20, 100)
    assert kills == 20
    assert results == items


def test_input_is_read_ahead_only_as_far_as_promised() -> None:
    read = 0

    def items() -> Iterator[bytes]:
        nonlocal read
        for _ in range(200):
            read += 1
            yield bytes(CHUNK_BYTES)

    given = 0
    for _ in supervised_map(measure, items(), LIMITS, len):
        given += 1
        assert read - given <= WINDOW * LIMITS.workers
    assert given == 200


def test_a_slow_first_item_does_not_let_the_input_pile_up() -> None:
    read = 0

    def items() -> Iterator[str]:
        nonlocal read
        for number in range(200):
            read += 1
            yield "parse" if number == 0 else "x" * CHUNK_BYTES

    results = supervised_map(obey, items(), IMPATIENT, lambda item: CHUNK_BYTES)
    assert next(results) == Abandoned("page_time", "took more than 0.3 s")
    assert (SLOTS + 1) * IMPATIENT.workers < read <= WINDOW * IMPATIENT.workers
    assert sum(1 for _ in results) == 199


def test_no_worker_is_left_when_the_reader_stops_early() -> None:
    results = supervised_map(measure, (bytes(100_000) for _ in range(1_000)), LIMITS, len)
    next(results)
    assert children()
    results.close()  # type: ignore[attr-defined]
    assert not children()


def test_an_error_of_the_input_comes_through_and_leaves_no_worker() -> None:
    def items() -> Iterator[bytes]:
        yield bytes(2 * CHUNK_BYTES)
        raise ConnectionError("the source went away")

    with pytest.raises(ConnectionError, match="the source went away"):
        run(measure, items())


def test_a_function_that_cannot_be_loaded_fails_with_the_cause() -> None:
    with pytest.raises(WorkersFailed, match=r"(?s)cannot load the function.*the model file is missing"):
        run(worker_functions.Unloadable(), ["one"])


def test_workers_that_die_without_an_item_are_not_started_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(WorkersFailed, match="died one after the other and finished nothing"):
        run(measure, [b"one"])


PARENT = """
import functools, logging, signal, sys
from include.ingest.workers.pool import Limits, supervised_map
from tests.unit.ingest.worker_functions import note_pid
# A shell that starts the suite in the background has it ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
if sys.argv[2] == "handle":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
function = functools.partial(note_pid, folder=sys.argv[1])
items = ["hang" if number % 64 == 63 else "x" * 100 for number in range(256)]
for result in supervised_map(function, items, Limits(2, 600, 1 << 30, 1000), len):
    pass
"""


@pytest.mark.parametrize(
    ("number", "reaction"),
    [(signal.SIGKILL, "none"), (signal.SIGTERM, "none"), (signal.SIGTERM, "handle"), (signal.SIGINT, "none")],
)
def test_no_worker_outlives_its_parent_not_even_one_that_hangs(
    tmp_path: Path, number: signal.Signals, reaction: str
) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path), reaction],
        cwd=PROJECT, env=os.environ | {"PYTHONPATH": str(PROJECT)}, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    watched = psutil.Process(parent.pid)
    workers: list[psutil.Process] = []
    while len(workers) < 2 or not all((tmp_path / str(worker.pid)).exists() for worker in workers):
        assert parent.poll() is None
        time.sleep(0.01)
        workers = watched.children()
    parent.send_signal(number)
    parent.wait(60)
    _, alive = psutil.wait_procs(workers, timeout=60)
    assert not [worker for worker in alive if worker.status() != psutil.STATUS_ZOMBIE]


def _in_a_daemon(connection: Any) -> None:
    connection.send(run(measure, [b"one", b"two"]))


def test_it_works_inside_a_daemonic_process() -> None:
    ours, theirs = multiprocessing.Pipe()
    daemon = multiprocessing.get_context("spawn").Process(target=_in_a_daemon, args=(theirs,), daemon=True)
    daemon.start()
    assert ours.poll(60)
    assert ours.recv() == [measure(b"one"), measure(b"two")]
    daemon.join()


BEATING = """
import sys, time
from include.ingest.workers.shared import Heartbeat
heartbeat = Heartbeat(int(sys.argv[1]))
while True:
    for number in range(100):
        heartbeat.begin(number)
    heartbeat.rest()
"""


def test_a_heartbeat_that_is_read_while_it_is_written_never_looks_old() -> None:
    heartbeat = Heartbeat()
    beating = subprocess.Popen(
        [sys.executable, "-c", BEATING, str(heartbeat.fd)],
        pass_fds=[heartbeat.fd], cwd=PROJECT, env=os.environ | {"PYTHONPATH": str(PROJECT)},
    )  # fmt: skip
    try:
        while (first := heartbeat.read()).number == NOTHING:
            assert beating.poll() is None
        seen: set[int] = set()
        reads = 0
        while reads < 200_000 or len(seen) < 101:
            beat = heartbeat.read()
            seen.add(beat.number)
            reads += 1
            assert beat.number == NOTHING or beat.began >= first.began
    finally:
        beating.kill()
        beating.wait()
        heartbeat.close()
