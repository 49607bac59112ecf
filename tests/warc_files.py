"""Small WARC files written by hand, in Common Crawl's form: one gzip member per record."""

import gzip
import io
import random
import struct
import uuid
import zlib
from collections import Counter
from pathlib import Path

from whole_ingest import CRAWL as CRAWL

from include.ingest.feed import CAUSES
from include.ingest.warc import FileReport, Record, read_records

PROSE = (
    "The old mill stands beside the river, and every spring the water rises to its lowest step. People who have lived "
    "in the village for a long time say that the wheel turned day and night in their childhood. They remember the "
    "smell of fresh flour, the carts that came from the hills, and the miller who gave the children warm bread. Today "
    "the building is a small museum with a garden, and visitors walk through it with a guide from the school."
)
WORDS = Path(__file__).with_name("prose_words.txt").read_text().splitlines()
ADJECTIVES, NOUNS, VERBS = (line.split() for line in WORDS)


def prose(number: int) -> str:
    """A text that no other number has, nor anything like it: five sentences of unlike words."""
    draw = random.Random(number)
    sentences = []
    for _ in range(5):
        one, two, three, four = draw.sample(NOUNS, 4)
        first, second = draw.sample(ADJECTIVES, 2)
        does, did = draw.sample(VERBS, 2)
        sentences.append(
            f"The {first} {one} {does} the {two} of a {three}, and nobody {did} that {second} {four} with it."
        )
    return f"{' '.join(sentences)} This is the story of house number {number}."


def html(text: str, head: str = "") -> str:
    paragraphs = "".join(f"<p>{part}</p>" for part in text.split("\n"))
    return (
        f"<!DOCTYPE html><html><head><title>A page</title>{head}</head><body><nav><a href='/'>Home</a></nav>"
        f"<main><article><h1>The mill</h1>{paragraphs}</article></main></body></html>"
    )


def record(kind: str, block: bytes, number: int = 0, url: str = "", **headers: str) -> bytes:
    """One WARC record; its id is made from ``number``."""
    fields = {
        "WARC-Type": kind,
        "WARC-Record-ID": f"<urn:uuid:{uuid.UUID(int=number + 1)}>",
        "WARC-Date": "2026-01-02T03:04:05Z",
        "WARC-Target-URI": url or f"https://www.example.org/page/{number}",
        "Content-Type": f"application/http; msgtype={kind}",
        "Content-Length": str(len(block)),
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return b"WARC/1.0\r\n" + head.encode() + b"\r\n" + block + b"\r\n\r\n"


def http(body: bytes, status: str = "200 OK", content_type: str | None = "text/html", **headers: str) -> bytes:
    fields = {"Content-Type": content_type, **{name.replace("_", "-"): value for name, value in headers.items()}}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value is not None)
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body


def page(number: int, body: str | bytes | None = None, **http_options: str | None) -> bytes:
    """A response record with an HTML page; without a body, prose that no other number has."""
    content = html(prose(number)) if body is None else body
    content = content.encode() if isinstance(content, str) else content
    return record("response", http(content, **http_options), number)


def zipped(records: list[bytes]) -> bytes:
    return b"".join(gzip.compress(one, mtime=0) for one in records)


def write_dump(folder: Path, files: dict[str, bytes], crawl: str = CRAWL) -> Path:
    """A dump in Common Crawl's layout; ``files`` maps paths to contents."""
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    listing = folder / "crawl-data" / crawl / "warc.paths.gz"
    listing.parent.mkdir(parents=True, exist_ok=True)
    listing.write_bytes(gzip.compress("".join(f"{path}\n" for path in files).encode(), mtime=0))
    return folder


def repeated(head: bytes, block: bytes, times: int, tail: bytes = b"") -> bytes:
    """One gzip member over ``head``, ``block`` many times and ``tail``, without ever holding that: ``block`` is
    compressed once, in a form that can follow itself.
    """
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    parts = [deflate.compress(data) + deflate.flush(zlib.Z_FULL_FLUSH) for data in (head, block, tail)]
    crc, size = zlib.crc32(head), len(head) + times * len(block) + len(tail)
    for _ in range(times):
        crc = zlib.crc32(block, crc)
    trailer = struct.pack("<II", zlib.crc32(tail, crc), size % (1 << 32))
    return b"\x1f\x8b\x08" + bytes(7) + parts[0] + parts[1] * times + parts[2] + deflate.flush() + trailer


def read(content: bytes, max_bytes: int = 5 << 20) -> tuple[list[Record], FileReport]:
    """All records, after checking what holds for every file: each is sound or failed, and the report says so."""
    report = FileReport()
    found = list(read_records(io.BytesIO(content), max_bytes, report))
    assert report.complete
    assert report.bytes == len(content)
    assert report.records == Counter(one.type for one in found if not one.failure)
    assert report.failed == Counter(one.failure for one in found if one.failure)
    assert report.total == len(found)
    assert report.damage.total() == report.failed.total()
    assert report.damage.keys() <= CAUSES.keys()
    return found, report
