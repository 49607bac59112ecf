"""What no file can make the reader exceed: memory, expansion, repeated work."""

import io
import subprocess
import sys
from pathlib import Path

import pytest
from warc_files import http, page, read, record, repeated, zipped

from include.ingest import members
from include.ingest.feed import Feed
from include.ingest.warc import FileReport, read_records

pytestmark = pytest.mark.timeout(60)


def test_a_member_that_expands_without_measure_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "BOMB_BYTES", 8 << 20)
    head = record("response", b"", 1, Content_Length=str(1 << 40)).rstrip() + b"\r\n\r\n"
    found, report = read(zipped([page(0)]) + repeated(head, bytes(1 << 20), 64) + zipped([page(2)]))
    assert [one.failure for one in found] == ["", "truncated_record", ""]
    assert report.damage == {"bomb": 1}


class Counted(io.BytesIO):
    given = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.given += len(data)
        return data


@pytest.mark.parametrize("declared", ["400000", "99999999999"])
def test_lengths_that_swallow_each_other_cost_linear_time(declared: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Feed, "SPARE", 1 << 20)
    monkeypatch.setattr(Feed, "KEPT", 256 << 10)
    swallows = record("response", http(b"x" * 300), 1, Content_Length=declared)
    stream = Counted(page(0) + swallows * 8_000 + page(2))
    report = FileReport()
    list(read_records(stream, 1 << 20, report))
    assert report.complete
    assert stream.given <= 4 * report.bytes + (4 << 20)


MEASURE = """
import sys
from include.ingest.warc import FileReport, read_records

def peak():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))

report = FileReport()
before = peak()
with open(sys.argv[1], "rb") as stream:
    for one in read_records(stream, 5 << 20, report):
        del one
print(peak() - before, report.records["response"], report.failed.total())
"""


def with_bomb(path: Path) -> None:
    body = repeated(b"<html>", bytes(1 << 20), 512)
    path.write_bytes(zipped([page(0), page(1, body, Content_Encoding="gzip"), page(2)]))


def with_chunked_bomb(path: Path) -> None:
    body = repeated(b"<html>", bytes(1 << 20), 512)
    chunked = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (body[:1000], body[1000:])) + b"0\r\n\r\n"
    path.write_bytes(zipped([page(0), page(1, chunked, Content_Encoding="gzip", Transfer_Encoding="chunked"), page(2)]))


def with_huge_member(path: Path) -> None:
    head, tail = page(1, b"").removesuffix(b"\r\n\r\n"), b"\r\n\r\n"
    block = head.split(b"\r\n\r\n", 1)[1]
    head = head.replace(b"Content-Length: %d" % len(block), b"Content-Length: %d" % (len(block) + (512 << 20)))
    path.write_bytes(zipped([page(0)]) + repeated(head, bytes(1 << 20), 512, tail) + zipped([page(2)]))


def with_huge_plain_record(path: Path) -> None:
    head = record("resource", b"", 1, Content_Type="text/html", Content_Length=str(512 << 20)).removesuffix(b"\r\n\r\n")
    with path.open("wb") as out:
        out.write(page(0) + head)
        out.seek(512 << 20, io.SEEK_CUR)  # a hole: takes no room on the disk
        out.write(b"\r\n\r\n" + page(2))


def with_endless_headers(path: Path) -> None:
    endless = repeated(b"WARC/1.0\r\nWARC-Type: response\r\n", b"X: y\r\n" * 100_000, 300)
    http_endless = repeated(
        page(1, b"").split(b"\r\n\r\n")[0] + b"\r\n\r\nHTTP/1.1 200 OK\r\n", b"X: y\r\n" * 100_000, 300
    )
    path.write_bytes(zipped([page(0)]) + endless + http_endless + zipped([page(2)]))


@pytest.mark.parametrize(
    ("write", "sound", "failed"),
    [
        (with_bomb, 3, 0),
        (with_chunked_bomb, 3, 0),
        (with_huge_member, 3, 0),
        (with_huge_plain_record, 2, 0),
        (with_endless_headers, 2, 2),
    ],
)
def test_no_file_takes_more_than_64_mib(write: object, sound: int, failed: int, tmp_path: Path) -> None:
    assert callable(write)
    write(tmp_path / "hostile")
    command = [sys.executable, "-c", MEASURE, str(tmp_path / "hostile")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=True)
    grown_kib, responses, failures = map(int, done.stdout.split())
    assert grown_kib < 64 << 10
    assert (responses, failures) == (sound, failed)
