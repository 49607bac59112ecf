"""One pace per host for all processes of this machine, measured by the server."""

import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path

import pytest
from faulty_server import FaultyServer, serving

from include.errors import BadInput
from include.ingest import ratelimit
from include.ingest.policy import FetchPolicy
from include.ingest.ratelimit import pause, wait_for_turn

PROJECT = Path(__file__).resolve().parents[3]
READ_MANY = """
import sys
from include.ingest.fetch import RetryingStream
from include.ingest.policy import FetchPolicy
for _ in range(int(sys.argv[2])):
    assert RetryingStream(sys.argv[1], FetchPolicy("test", requests_per_second=20)).read() == b"x" * 100
"""


def readers(server: FaultyServer, processes: int, files: int) -> None:
    """Processes that read at the same time."""
    command = [sys.executable, "-c", READ_MANY, f"{server.address}/a.warc", str(files)]
    running = [subprocess.Popen(command, cwd=PROJECT) for _ in range(processes)]
    assert [process.wait(60) for process in running] == [0] * processes


def test_two_processes_share_one_pace(tmp_path: Path) -> None:
    (tmp_path / "a.warc").write_bytes(b"x" * 100)
    with serving(tmp_path) as server:
        server.too_fast = 25  # answers 403 above it
        readers(server, processes=2, files=12)
        times = server.times()
    assert len(times) == 24, "nothing was refused"
    assert times[-1] - times[0] >= 22 / 20, "24 requests at 20 per second"
    busiest = max(sum(start <= moment < start + 0.5 for moment in times) for start in times)
    assert busiest <= 0.5 * 20 + 2, "no half second has more than its share (two were due within a scheduler's delay)"


def test_a_pause_that_one_process_is_asked_for_holds_for_the_other(tmp_path: Path) -> None:
    (tmp_path / "a.warc").write_bytes(b"x" * 100)
    with serving(tmp_path) as server:
        server.fault("*", statuses=[0, 0, 0, 503], retry_after="1")
        readers(server, processes=2, files=6)
        times = server.times()
    assert len(times) == 13
    longest = max(range(12), key=lambda n: times[n + 1] - times[n])
    assert times[longest + 1] - times[longest] >= 0.95
    assert longest <= 5, "at most what was under way when the server asked for the pause came after it"


def test_who_waits_already_keeps_a_pause_too() -> None:
    host = uuid.uuid4().hex
    wait_for_turn(host, 2.0)
    waiting = threading.Thread(target=wait_for_turn, args=(host, 2.0))  # its turn is in half a second
    waiting.start()
    pause(host, 0.9)
    waiting.join(0.7)
    assert waiting.is_alive()
    waiting.join()


def test_no_turn_is_given_twice_however_many_ask() -> None:
    host = uuid.uuid4().hex
    threads = [threading.Thread(target=lambda: [wait_for_turn(host, 1_000.0) for _ in range(60)]) for _ in range(6)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.monotonic() - began >= 359 / 1_000


def test_hosts_do_not_wait_for_each_other() -> None:
    one, other = uuid.uuid4().hex, uuid.uuid4().hex
    pause(one, 60)
    began = time.monotonic()
    wait_for_turn(other, 1.0)
    assert time.monotonic() - began < 0.5


@pytest.mark.parametrize("content", [b"", b"damaged", ratelimit._STATE.pack(4e9, 4e9)])
def test_a_damaged_or_absurd_state_does_not_stop_anybody(content: bytes) -> None:
    host = uuid.uuid4().hex
    wait_for_turn(host, 1000.0)
    newest = max(ratelimit._folder().iterdir(), key=lambda file: file.stat().st_mtime_ns)
    newest.write_bytes(content)
    began = time.monotonic()
    wait_for_turn(host, 1000.0)
    assert time.monotonic() - began < 0.5


def test_the_pace_of_one_process_is_even() -> None:
    host = uuid.uuid4().hex
    began = time.monotonic()
    for _ in range(11):
        wait_for_turn(host, 50.0)
    assert 10 / 50 <= time.monotonic() - began < 1


def test_the_default_manners_are_modest() -> None:
    policy = FetchPolicy("me@example.org")
    assert policy.requests_per_second <= 5
    assert policy.cache is None


@pytest.mark.parametrize(
    "wrong", [{"requests_per_second": 0}, {"attempts": 0}, {"stall_seconds": -1}, {"cache_bytes": 0}]
)
def test_manners_without_meaning_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(BadInput, match=f"{next(iter(wrong))} of a source is"):
        FetchPolicy("me@example.org", **wrong)  # type: ignore[arg-type]
