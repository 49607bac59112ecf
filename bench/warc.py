"""What reading WARC records costs above bare decompression of the same file, on one core.

In one run, over one file in Common Crawl's form (request, response and metadata per page, one gzip member each) made of
real pages: decompressing its members with isal and with zlib, this project's reader, and fastwarc. All hand out every
payload whole and undecoded. Run it from the project's folder, on one core:
``taskset -c 0 .venv/bin/python -m bench.warc <folder of *.html.gz files>``.
"""

import base64
import gzip
import hashlib
import json
import sys
import tempfile
import time
import uuid
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fastwarc.warc import ArchiveIterator

from include.ingest.members import decompressobj
from include.ingest.warc import FileReport, read_records

PROJECT = Path(__file__).resolve().parent.parent
RESULT = PROJECT / "bench" / "results" / "warc.json"
ROUNDS = 9
SLICE = 32 << 10
MAX_BYTES = 64 << 20

REQUEST = (
    b"GET /a/page.html HTTP/1.1\r\nUser-Agent: bench/1.0 (+https://example.org/bot)\r\nAccept: text/html,*/*;q=0.8\r\n"
    b"Accept-Language: en-US,en;q=0.5\r\nAccept-Encoding: br,gzip\r\nHost: www.example.org\r\n\r\n"
)
RESPONSE = (
    b"HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Type: text/html; charset=utf-8\r\n"
    b"X-Crawler-Transfer-Encoding: chunked\r\nConnection: keep-alive\r\nServer: bench\r\nVary: Accept-Encoding\r\n"
    b"Cache-Control: max-age=0, private\r\nX-Crawler-Content-Encoding: gzip\r\nX-Frame-Options: SAMEORIGIN\r\n\r\n"
)
METADATA = b'fetchTimeMs: 312\r\ncharset-detected: UTF-8\r\nlanguages: {"reliable":true,"text-bytes":3783}\r\n\r\n'


def write_warc(pages: list[bytes], file: Path) -> None:
    with file.open("wb") as out:
        for number, page in enumerate(pages):
            digest = base64.b32encode(hashlib.sha1(page).digest()).decode()
            out.write(_member(3 * number, "request", REQUEST, ""))
            out.write(_member(3 * number + 1, "response", RESPONSE + page, f"WARC-Payload-Digest: sha1:{digest}\r\n"))
            out.write(_member(3 * number + 2, "metadata", METADATA, ""))


def _member(number: int, kind: str, block: bytes, more: str) -> bytes:
    mime = "application/warc-fields" if kind == "metadata" else f"application/http; msgtype={kind}"
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Date: 2026-01-01T00:00:00Z\r\n"
        f"WARC-Record-ID: <urn:uuid:{uuid.UUID(int=number)}>\r\nContent-Length: {len(block)}\r\n"
        f"Content-Type: {mime}\r\nWARC-IP-Address: 192.0.2.1\r\n{more}"
        f"WARC-Target-URI: https://www.example.org/a/page-{number // 3}.html\r\n\r\n"
    )
    return gzip.compress(head.encode() + block + b"\r\n\r\n", 6, mtime=0)


def decompress(file: Path, new: Callable[[int], Any]) -> int:
    """Member by member, as a reader must; returns the number of bytes."""
    size, inflate = 0, None
    with file.open("rb") as stream:
        while chunk := memoryview(stream.read(1 << 20)):
            at = 0
            while at < len(chunk):
                inflate = inflate or new(31)
                given = chunk[at : at + SLICE]
                size += len(inflate.decompress(given))
                at += len(given)
                if inflate.eof:
                    at -= len(inflate.unused_data)
                    inflate = None
    return size


def read(file: Path) -> int:
    report = FileReport()
    with file.open("rb") as stream:
        size = sum(len(record.payload) for record in read_records(stream, MAX_BYTES, report))
    assert report.complete, report
    assert not report.failed, report
    return size


def read_with_fastwarc(file: Path) -> int:
    records = ArchiveIterator(str(file), parse_http=True, quirks_mode=True, auto_decode="none")
    return sum(len(record.reader.read()) for record in records if str(record.record_type) == "response")


def main(folder: Path) -> None:
    pages = [gzip.decompress(file.read_bytes()) for file in sorted(folder.rglob("*.html.gz"))]
    if not pages:
        sys.exit(f"{folder} holds no *.html.gz files.")
    runs: dict[str, Callable[[Path], int]] = {
        "isal": lambda file: decompress(file, decompressobj),
        "zlib": lambda file: decompress(file, zlib.decompressobj),
        "rewrap": read,
        "fastwarc": read_with_fastwarc,
    }
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch, "bench.warc.gz")
        write_warc(pages, file)
        size = runs["isal"](file)
        assert read(file) == read_with_fastwarc(file) == sum(map(len, pages))
        seconds: dict[str, list[float]] = {name: [] for name in runs}
        for _ in range(ROUNDS):  # in turn, so that other work on the machine slows all of them
            for name, run in runs.items():
                start = time.process_time()
                run(file)
                seconds[name].append(time.process_time() - start)
        compressed = file.stat().st_size
    best = {name: min(rounds) for name, rounds in seconds.items()}
    result = {
        "decompressor": decompressobj.__module__,
        "pages": len(pages),
        "bytes": size,
        "compressed_bytes": compressed,
        "cpu_seconds": {name: round(value, 4) for name, value in best.items()},
        "megabytes_per_cpu_second": {name: round(size / value / 1e6) for name, value in best.items()},
        "times_bare_isal": {name: round(value / best["isal"], 2) for name, value in best.items()},
    }
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
