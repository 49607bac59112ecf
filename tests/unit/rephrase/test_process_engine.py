"""An engine in a process of its own: what it says, how it dies, and that nothing of it is left."""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from chained import Chained
from children import ENVIRONMENT, start
from still_running import still_running

from include.errors import BadInput
from include.rephrase.engines.base import EngineDied, Request, Result
from include.rephrase.engines.process import ProcessEngine


def request(number: int, text: str = "") -> Request:
    messages = [{"role": "user", "content": f"Seven small words stand in request {number}. {text}"}]
    return Request(f"{number:032x}", f"{number:032x}", "rewrite", "", messages, 0.7, 1.0, 0, 64, number)


def drain(engine: ProcessEngine, count: int, results: list[Result] | None = None) -> list[Result]:
    results = [] if results is None else results
    until = time.monotonic() + 60
    while len(results) < count:
        results += engine.results(1.0)
        assert time.monotonic() < until
    return results


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    before = set(psutil.Process().children(recursive=True))
    yield
    _, alive = psutil.wait_procs(set(psutil.Process().children(recursive=True)) - before, timeout=20)
    assert not still_running(alive)
    assert not [child for child in psutil.Process().children() if child.status() == psutil.STATUS_ZOMBIE]


def test_it_answers_as_the_engine_inside_does() -> None:
    engine = start("--capacity", 3)
    assert (engine.name, engine.version, engine.capacity) == ("scripted", "2", 3)
    requests = [request(number, "“Größe” \u2028 \n ✓") for number in range(9)]
    for one in requests:
        engine.submit(one)
    assert drain(engine, 9) == [Chained().answer(one) for one in requests]
    assert engine.results(0.1) == []
    engine.close()
    engine.close()


def test_what_libraries_print_goes_into_the_log(caplog: pytest.LogCaptureFixture) -> None:
    engine = start("--prints")
    with caplog.at_level(logging.INFO, "rewrap.process"):
        engine.submit(request(1))
        drain(engine, 1)
        engine.close()
    assert {"a library prints", "and so does its C code"} <= set(caplog.messages)


def test_a_refusal_is_bad_input_with_its_reason() -> None:
    with pytest.raises(BadInput, match="max_num_seqs is too large"):
        start("--refuses", "max_num_seqs is too large")


def test_an_engine_that_does_not_start_tells_its_last_words() -> None:
    with pytest.raises(EngineDied, match=r"ended with code 1; its last words: no memory left for this engine"):
        start("--dies-at-start")


def test_an_engine_that_is_not_ready_in_time_is_ended() -> None:
    with pytest.raises(EngineDied, match="not ready within 1 s"):
        start("--starts-slowly", start_seconds=1)


def test_results_from_before_a_death_come_first(tmp_path: Path) -> None:
    engine = start("--dies-of", "poison", "--notes", tmp_path / "notes")
    engine.submit(request(0))
    assert len(drain(engine, 1)) == 1
    for number in range(1, 6):
        engine.submit(request(number, "poison" if number == 5 else ""))
    results: list[Result] = []
    with pytest.raises(EngineDied, match=r"killed by SIGABRT; its last words: .*about to fail in a kernel"):
        drain(engine, 5, results)
    assert [result.generation_key for result in results] == (tmp_path / "notes").read_text().split()[1:]
    engine.close()


def test_a_hang_is_a_death() -> None:
    engine = start("--hangs-of", "poison", stall_seconds=1)
    engine.submit(request(1, "poison"))
    with pytest.raises(EngineDied, match="no sign of life for 1 s"):
        drain(engine, 1)
    engine.close()


def test_an_engine_that_works_slowly_or_has_nothing_to_do_does_not_hang() -> None:
    engine = start("--seconds", 0.3, stall_seconds=1)
    time.sleep(1.2)  # longer than it may be silent when it has work
    for number in range(6):
        engine.submit(request(number))
    assert len(drain(engine, 6)) == 6
    engine.close()


def test_a_death_is_noticed_although_a_child_holds_the_pipe(tmp_path: Path) -> None:
    engine = start("--child", tmp_path / "pid", "--hangs-of", "poison")
    engine.submit(request(1, "poison"))
    os.kill(engine._process.pid, signal.SIGKILL)
    with pytest.raises(EngineDied, match="killed by SIGKILL"):
        drain(engine, 1)
    child = psutil.Process(int((tmp_path / "pid").read_text()))
    engine.close()
    _, alive = psutil.wait_procs([child], timeout=20)
    assert not still_running(alive)


def test_nonsense_is_a_death() -> None:
    engine = start("--babbles-of", "poison")
    engine.submit(request(1, "poison"))
    with pytest.raises(EngineDied, match="wrote nonsense"):
        drain(engine, 1)
    engine.close()


def test_closing_ends_a_hanging_engine_and_its_children(tmp_path: Path) -> None:
    engine = start("--hangs-of", "poison", "--child", tmp_path / "pid")
    for number in range(2000):  # more than a pipe holds: who writes to a hanging process would hang
        engine.submit(request(number, "poison " * 20))
    child = psutil.Process(int((tmp_path / "pid").read_text()))
    engine.close()  # waits for nobody
    _, alive = psutil.wait_procs([child], timeout=20)
    assert not still_running(alive)


PARENT = """
import signal
from children import start
engine = start("--hangs-of", "poison")
print(engine._process.pid, flush=True)
signal.pause()
"""


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM])
def test_an_engine_does_not_outlive_its_worker(sign: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True, env=ENVIRONMENT) as worker:
        assert worker.stdout is not None
        engine = psutil.Process(int(worker.stdout.readline()))
        worker.send_signal(sign)
        worker.wait()
    _, alive = psutil.wait_procs([engine], timeout=20)
    assert not still_running(alive)


def test_an_engine_that_was_killed_while_idle_is_noticed_at_the_next_request() -> None:
    engine = start()
    os.kill(engine._process.pid, signal.SIGKILL)
    engine.submit(request(1))
    with pytest.raises(EngineDied, match="killed by SIGKILL"):
        drain(engine, 1)
    engine.close()
