"""Files kept for the next reading: never an old state, never more bytes than allowed."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from faulty_server import FaultyServer, serving

from include.ingest import fetch
from include.ingest.cache import ABANDONED_SECONDS, Cache
from include.ingest.fetch import RetryingStream
from include.ingest.policy import FetchPolicy, SourceUnavailable
from include.ingest.transport import Version

NAMES = [f"{number}.warc" for number in range(6)]
SIZE = 100_000
PROJECT = Path(__file__).resolve().parents[3]
READ = """
import sys
from pathlib import Path
from include.ingest.cache import Cache
from include.ingest.fetch import RetryingStream
from include.ingest.policy import FetchPolicy
address, folder, bound = sys.argv[1:]
policy = FetchPolicy("test", requests_per_second=1e4, cache=Path(folder), cache_bytes=int(bound))
for round in range(5):
    for number in range(6):
        assert RetryingStream(f"{address}/{number}.warc", policy).read() == bytes([number]) * 100_000
        cache = Cache(Path(folder), int(bound))
        with cache._locked():
            size = sum(stat.st_size for _, stat in cache.entries())
        assert size <= int(bound), size
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FaultyServer]:
    (tmp_path / "dump").mkdir()
    for number, name in enumerate(NAMES):
        (tmp_path / "dump" / name).write_bytes(bytes([number]) * SIZE)
    with serving(tmp_path / "dump") as running:
        yield running


def policy(tmp_path: Path, files: int = 10, attempts: int = 2) -> FetchPolicy:
    bound = files * SIZE + 1_000
    return FetchPolicy("test", 1e4, attempts, cache=tmp_path / "cache", cache_bytes=bound)


def read(server: FaultyServer, name: str, policy: FetchPolicy, size: int = -1) -> bytes:
    stream = RetryingStream(f"{server.address}/{name}", policy)
    try:
        return stream.read(size)
    finally:
        stream.close()


def kept(tmp_path: Path) -> int:
    """Bytes in the cache."""
    return sum(stat.st_size for _, stat in Cache(tmp_path / "cache", 0).entries())


def test_a_file_is_sent_once_and_asked_for_each_time(server: FaultyServer, tmp_path: Path) -> None:
    for _ in range(3):
        assert read(server, NAMES[1], policy(tmp_path)) == b"\x01" * SIZE
    assert server.count(NAMES[1]) == 3
    server.fault(NAMES[1], cuts=[0] * 9)  # nothing of a body would arrive now
    assert read(server, NAMES[1], policy(tmp_path)) == b"\x01" * SIZE


def test_a_changed_file_is_fetched_anew(server: FaultyServer, tmp_path: Path) -> None:
    read(server, NAMES[1], policy(tmp_path))
    (server.folder / NAMES[1]).write_bytes(b"new" * SIZE)
    assert read(server, NAMES[1], policy(tmp_path)) == b"new" * SIZE
    assert read(server, NAMES[1], policy(tmp_path)) == b"new" * SIZE


def test_a_file_that_was_not_read_to_its_end_is_not_kept(server: FaultyServer, tmp_path: Path) -> None:
    read(server, NAMES[1], policy(tmp_path), size=10)
    assert kept(tmp_path) == 0


def test_a_file_whose_transfer_broke_is_kept_whole(
    server: FaultyServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "FIRST_WAIT_SECONDS", 0.0)
    server.fault(NAMES[2], cuts=[40_000])
    assert read(server, NAMES[2], policy(tmp_path)) == b"\x02" * SIZE
    assert kept(tmp_path) == SIZE
    assert read(server, NAMES[2], policy(tmp_path)) == b"\x02" * SIZE


def test_a_file_that_failed_leaves_nothing(
    server: FaultyServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "FIRST_WAIT_SECONDS", 0.0)
    server.fault(NAMES[2], cuts=[40_000, 10, 10])
    with pytest.raises(SourceUnavailable):
        read(server, NAMES[2], policy(tmp_path))
    assert kept(tmp_path) == 0


def test_the_file_that_was_not_used_for_longest_goes_first(server: FaultyServer, tmp_path: Path) -> None:
    for number, name in enumerate(NAMES[:3]):
        read(server, name, policy(tmp_path, files=3))
        cache = Cache(tmp_path / "cache", 10**9)
        file, _ = cache.find(f"{server.address}/{name}") or pytest.fail("not kept")
        os.utime(file.fileno(), (1_000 + number, 1_000 + number))
        file.close()
    read(server, NAMES[0], policy(tmp_path, files=3))  # used again
    read(server, NAMES[3], policy(tmp_path, files=3))
    cache = Cache(tmp_path / "cache", 10**9)
    assert [cache.find(f"{server.address}/{name}") is not None for name in NAMES[:4]] == [True, False, True, True]
    assert len(list(cache.folder.glob("*.json"))) == 3


def test_a_file_larger_than_the_bound_is_read_but_not_kept(server: FaultyServer, tmp_path: Path) -> None:
    small = FetchPolicy("test", 1e4, cache=tmp_path / "cache", cache_bytes=SIZE - 1)
    assert read(server, NAMES[1], small) == b"\x01" * SIZE
    assert kept(tmp_path) == 0


@pytest.mark.parametrize("fault", [{"etag": None}, {"length": False}])
def test_a_file_that_nothing_could_tell_from_a_later_one_is_not_kept(
    server: FaultyServer, tmp_path: Path, fault: dict[str, object]
) -> None:
    server.fault(NAMES[1], **fault)
    assert read(server, NAMES[1], policy(tmp_path)) == b"\x01" * SIZE
    assert kept(tmp_path) == 0


def test_what_a_killed_process_left_is_removed_when_room_is_needed(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 1_000)
    copy = cache.begin("http://x/a", Version(800, '"1"')) or pytest.fail("there is room")
    assert cache.begin("http://x/b", Version(800, '"1"')) is None, "a file in the making counts with its full size"
    [part] = tmp_path.glob("*.part")
    long_ago = part.stat().st_mtime - ABANDONED_SECONDS - 60
    os.utime(part, (long_ago, long_ago))
    other = cache.begin("http://x/b", Version(800, '"1"'))
    assert other is not None
    copy.discard()
    other.discard()
    assert list(tmp_path.glob("*.part")) == []


def test_a_damaged_entry_is_as_good_as_none(server: FaultyServer, tmp_path: Path) -> None:
    read(server, NAMES[1], policy(tmp_path))
    for file in (tmp_path / "cache").iterdir():
        file.write_bytes(file.read_bytes()[:-1])
    assert read(server, NAMES[1], policy(tmp_path)) == b"\x01" * SIZE


def test_three_processes_share_a_cache_within_its_bound(server: FaultyServer, tmp_path: Path) -> None:
    command = [sys.executable, "-c", READ, server.address, str(tmp_path / "cache"), str(int(3.5 * SIZE))]
    (tmp_path / "cache").mkdir()
    running = [subprocess.Popen(command, cwd=PROJECT, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    errors = [process.communicate(timeout=60)[1] for process in running]
    assert [process.returncode for process in running] == [0] * 3, errors
