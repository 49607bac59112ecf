"""Streams over a faulty server: every file arrives byte for byte or ends in a clear error, in bounded requests."""

import gc
import hashlib
import http.server
import threading
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from faulty_server import Chaos, FaultyServer, serving

from include import __version__
from include.errors import BadInput
from include.ingest import fetch, transport
from include.ingest.fetch import RetryingStream, open_file, read_all
from include.ingest.policy import FetchPolicy, FileChanged, SourceUnavailable

POLICY = FetchPolicy("me@example.org", requests_per_second=1e4, attempts=5, stall_seconds=1.0, min_bytes_per_second=2e4)
IMPATIENT = replace(POLICY, stall_seconds=0.2)
CONTENT = b"".join(hashlib.sha256(b"%d" % number).digest() for number in range(90_000))  # 2.9 MB without repetition


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "FIRST_WAIT_SECONDS", 0.002)
    monkeypatch.setattr(transport, "SLOW_DOWN_SECONDS", 0.01)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FaultyServer]:
    (tmp_path / "a.warc.gz").write_bytes(CONTENT)
    with serving(tmp_path) as running:
        yield running


def stream(server: FaultyServer, policy: FetchPolicy = POLICY, **part: int) -> RetryingStream:
    return RetryingStream(f"{server.address}/a.warc.gz", policy, **part)


def read(server: FaultyServer, size: int = 100_000) -> bytes:
    file = stream(server)
    return b"".join(iter(lambda: file.read(size), b""))


def test_a_sound_file_costs_one_request_that_says_who_asks(server: FaultyServer) -> None:
    assert read(server) == CONTENT
    assert [(seen.agent, seen.range) for seen in server.seen] == [(f"Rewrap/{__version__} (+me@example.org)", "")]


@pytest.mark.parametrize("status", sorted(transport.TRANSIENT_STATUS))
def test_a_busy_server_is_asked_again(server: FaultyServer, status: int) -> None:
    server.fault("*", statuses=[status] * 4)
    assert read(server) == CONTENT
    assert server.count("a.warc.gz") == 5


@pytest.mark.parametrize("status", sorted(transport.TRANSIENT_STATUS))
def test_a_server_that_stays_busy_is_given_up_by_name_after_the_set_attempts(server: FaultyServer, status: int) -> None:
    server.fault("*", statuses=[status] * 99)
    with pytest.raises(SourceUnavailable, match=rf"a\.warc\.gz: no answer after 5 attempts, .*{status}.* run again"):
        read(server)
    assert server.count("a.warc.gz") == 5


@pytest.mark.parametrize(
    ("status", "error"), [(404, FileNotFoundError), (410, FileNotFoundError), (401, PermissionError), (400, OSError)]
)
def test_what_asking_again_cannot_mend_is_asked_once(server: FaultyServer, status: int, error: type[OSError]) -> None:
    server.fault("*", statuses=[status])
    with pytest.raises(error, match=rf"a\.warc\.gz .*{status}"):
        read(server)
    assert len(server.seen) == 1


@pytest.mark.parametrize("as_date", [False, True])
def test_a_pause_that_the_server_asks_for_is_kept(server: FaultyServer, as_date: bool) -> None:
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)  # whole seconds: 1 to 2 from now
    server.fault("*", statuses=[503], retry_after=until if as_date else "1")
    assert read(server) == CONTENT
    first, second = server.times()
    assert 0.9 <= second - first <= 3


def test_a_pause_of_hours_is_not_waited_for(server: FaultyServer) -> None:
    server.fault("*", statuses=[429] * 9, retry_after="7200")
    with pytest.raises(SourceUnavailable, match="asks for a pause of 7200 s"):
        read(server)
    assert len(server.seen) == 1


def test_a_cut_transfer_goes_on_where_it_was(server: FaultyServer) -> None:
    server.fault("*", cuts=[1_500_000, 700_000])
    assert read(server) == CONTENT
    starts = [int(seen.range[6:-1]) for seen in server.seen[1:]]
    assert len(starts) == 2
    assert 1_000_000 < starts[0] < 1_500_000 < starts[1] < 2_200_000


def test_a_server_without_ranges_sends_the_file_again_and_nothing_is_doubled(server: FaultyServer) -> None:
    server.fault("*", cuts=[1_500_000], ranges=False)
    assert read(server) == CONTENT
    assert len(server.seen) == 2


def test_a_transfer_that_always_breaks_at_one_place_is_given_up(server: FaultyServer) -> None:
    server.fault("*", cuts=[1_000] + [1_500] * 99)
    with pytest.raises(SourceUnavailable, match="no answer after 5 attempts"):
        read(server)
    assert len(server.seen) <= 7


@pytest.mark.parametrize("status", [503, 404])
def test_a_failed_stream_never_looks_like_one_that_ended(server: FaultyServer, status: int) -> None:
    server.fault("*", cuts=[1_000_000], statuses=[0] + [status] * 9)
    file = stream(server)
    for _ in range(2):
        with pytest.raises((SourceUnavailable, FileNotFoundError)):
            file.read()
    assert file.position == 0


def test_a_transfer_that_breaks_all_the_time_costs_a_bounded_number_of_requests(server: FaultyServer) -> None:
    server.fault("*", cuts=[500_000] * 99)
    assert read(server) == CONTENT
    assert len(server.seen) <= 5 * (1 + len(CONTENT) / fetch.PROGRESS)


def test_a_silent_connection_is_replaced(server: FaultyServer) -> None:
    server.fault("*", silences=[1_000_000])
    began = time.monotonic()
    assert read(server) == CONTENT
    assert 0.2 <= time.monotonic() - began < 5
    assert len(server.seen) == 2


def test_a_dripping_connection_counts_as_a_stall(server: FaultyServer) -> None:
    server.fault("*", drip=5_000)
    with pytest.raises(SourceUnavailable, match=r"only \d+ bytes came in 0\.\d s"):
        stream(server, IMPATIENT).read(100_000)
    assert len(server.seen) == 5


def test_a_slow_reader_is_no_stall(server: FaultyServer) -> None:
    file = stream(server, IMPATIENT)
    first = file.read(100_000)
    time.sleep(2 * IMPATIENT.stall_seconds)  # the reader works on what it has
    assert first + file.read() == CONTENT
    assert len(server.seen) == 1


@pytest.mark.parametrize("etag", ["auto", None])
@pytest.mark.parametrize("ranges", [True, False])
@pytest.mark.parametrize("change", ["longer", "shorter", "other bytes"])
def test_parts_of_two_files_are_never_joined(server: FaultyServer, etag: str | None, ranges: bool, change: str) -> None:
    other = {"longer": CONTENT + b"x", "shorter": CONTENT[:1_000_000], "other bytes": CONTENT[::-1]}[change]
    server.fault("*", cuts=[1_500_000], contents=[CONTENT, other], etag=etag, ranges=ranges)
    with pytest.raises(FileChanged, match=r"a\.warc\.gz .*[Rr]un again|Is it the same file"):
        read(server)
    assert len(server.seen) == 2


def test_a_wrong_content_range_is_not_believed(server: FaultyServer) -> None:
    wrong = [f"bytes 0-9/{len(CONTENT)}", "nonsense", f"bytes 7-{len(CONTENT) - 1}/{len(CONTENT)}"]
    fault = server.fault("*", cuts=[1_500_000], content_ranges=wrong)
    assert read(server) == CONTENT
    assert fault.content_ranges == []
    assert len(server.seen) == 5


def test_a_right_content_range_over_other_bytes_is_noticed(server: FaultyServer) -> None:
    swapped = CONTENT[:1_000_000][::-1] + CONTENT[1_000_000:]
    server.fault("*", cuts=[800_000], contents=[CONTENT, swapped], etag=None)
    with pytest.raises(FileChanged, match="holds other bytes"):
        read(server)


def test_a_file_without_a_declared_length_is_read_to_the_end_of_the_connection(server: FaultyServer) -> None:
    server.fault("*", length=False)
    assert read(server) == CONTENT


@pytest.mark.parametrize("seed", range(8))
def test_random_faults_never_change_a_byte(server: FaultyServer, seed: int) -> None:
    server.chaos = Chaos(seed=seed, share=0.8)
    assert read(server, 37_000) == CONTENT
    assert len(server.seen) <= 5 * (1 + len(CONTENT) / fetch.PROGRESS)


def test_no_file_is_held_whole_in_memory(tmp_path: Path) -> None:
    with (tmp_path / "a.warc.gz").open("wb") as file:
        file.truncate(64 << 20)
    with serving(tmp_path) as server:
        file_stream, size = stream(server), 0
        gc.collect()
        server.fault("*", contents=[bytes(64 << 20)])  # the server's own copy is made before measuring
        tracemalloc.start()
        while data := file_stream.read(1 << 20):
            size += len(data)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert size == 64 << 20
    assert peak < 8 << 20


def test_a_part_of_a_file_knows_its_place(server: FaultyServer) -> None:
    file = stream(server, start=1_000_000, end=1_300_000)
    assert (file.tell(), file.read(100)) == (1_000_000, CONTENT[1_000_000:1_000_100])
    assert (file.tell(), file.read()) == (1_000_100, CONTENT[1_000_100:1_300_000])
    assert (file.position, file.read(1)) == (1_300_000, b"")
    assert [seen.range for seen in server.seen] == ["bytes=1000000-1299999"]


def test_a_part_goes_on_where_it_was_and_never_passes_its_end(server: FaultyServer) -> None:
    server.fault("*", cuts=[50_000, 20_000])
    assert stream(server, start=1_000_000, end=1_100_000).read() == CONTENT[1_000_000:1_100_000]
    assert {seen.range.partition("-")[2] for seen in server.seen} == {"1099999"}


def test_parts_of_a_server_without_ranges_are_refused(server: FaultyServer) -> None:
    server.fault("*", ranges=False)
    with pytest.raises(OSError, match="it must know ranges"):
        stream(server, start=1_000_000, end=1_100_000).read()


@pytest.mark.parametrize("start", [len(CONTENT) - 10, len(CONTENT) + 5])
def test_a_part_beyond_the_files_end_is_an_error(server: FaultyServer, start: int) -> None:
    with pytest.raises(FileChanged, match="Is it the same file"):
        stream(server, start=start, end=len(CONTENT) + 100).read()


def test_a_server_that_is_not_there_is_one_clear_message() -> None:
    class Nobody(http.server.BaseHTTPRequestHandler):
        pass

    with http.server.HTTPServer(("127.0.0.1", 0), Nobody) as closed:
        address = f"http://127.0.0.1:{closed.server_address[1]}"
    with pytest.raises(SourceUnavailable, match=r"no answer after 5 attempts, .*ConnectError.*run again"):
        open_file(address, "a.warc.gz", POLICY).read()


def test_a_small_file_has_a_bound(server: FaultyServer) -> None:
    assert read_all(f"{server.address}/a.warc.gz", POLICY, len(CONTENT)) == CONTENT
    with pytest.raises(BadInput, match="larger than 1000 bytes"):
        read_all(f"{server.address}/a.warc.gz", POLICY, 1_000)


def test_streams_of_many_threads_do_not_disturb_each_other(server: FaultyServer) -> None:
    server.chaos = Chaos(seed=1, share=0.5)
    results: list[bytes] = []
    threads = [threading.Thread(target=lambda: results.append(read(server))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [result == CONTENT for result in results] == [True] * 6


def test_the_stream_counts_its_bytes_and_remembers_its_end(tmp_path: Path) -> None:
    (tmp_path / "a.warc").write_bytes(bytes(range(256)) * 10)
    file = open_file(str(tmp_path), "a.warc", "test")
    while file.read(100):
        pass
    assert file.position == 2_560
    with pytest.raises(FileNotFoundError):
        open_file(str(tmp_path), "b.warc", "test").read(1)
