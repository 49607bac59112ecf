"""Reading records: encodings, bounds, broken headers."""

import gzip
import zlib
from pathlib import Path

import brotli
import pytest
from warc_files import html, http, page, prose, record, zipped

from include.ingest.source import open_file
from include.ingest.warc import Record, read_records

PAGE_HTML = html(prose(1)).encode()
CHUNKED = b"%x\r\n" % len(PAGE_HTML) + PAGE_HTML + b"\r\n0\r\n\r\n"
RAW_DEFLATE = zlib.compressobj(9, zlib.DEFLATED, -15)


def read(folder: Path, content: bytes, max_bytes: int = 1 << 20) -> list[Record]:
    (folder / "a.warc.gz").write_bytes(content)
    return list(read_records(open_file(str(folder), "a.warc.gz", "test"), max_bytes))


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"Content_Encoding": "gzip"}, gzip.compress(PAGE_HTML)),
        ({"Content_Encoding": "deflate"}, zlib.compress(PAGE_HTML)),
        ({"Content_Encoding": "deflate"}, RAW_DEFLATE.compress(PAGE_HTML) + RAW_DEFLATE.flush()),
        ({"Content_Encoding": "br"}, brotli.compress(PAGE_HTML)),
        ({"Content_Encoding": "identity"}, PAGE_HTML),
        ({"Content_Encoding": "gzip"}, PAGE_HTML),
        ({"Content_Encoding": "br"}, PAGE_HTML),
        ({"Transfer_Encoding": "chunked"}, CHUNKED),
        ({"Transfer_Encoding": "chunked"}, PAGE_HTML),
        ({"Transfer_Encoding": "chunked"}, CHUNKED[:-9]),
        (
            {"Transfer_Encoding": "chunked", "Content_Encoding": "gzip"},
            b"%x\r\n" % len(gzip.compress(PAGE_HTML, mtime=0)) + gzip.compress(PAGE_HTML, mtime=0) + b"\r\n0\r\n\r\n",
        ),
        ({"X_Crawler_Content_Encoding": "gzip"}, PAGE_HTML),
    ],
)
def test_payloads_are_decoded_and_false_claims_are_ignored(
    tmp_path: Path, headers: dict[str, str], body: bytes
) -> None:
    [found] = read(tmp_path, zipped([page(1, body, **headers)]))
    assert PAGE_HTML.startswith(found.payload)
    assert len(found.payload) >= len(PAGE_HTML) - 8


def test_a_payload_cut_inside_its_encoding_keeps_its_beginning(tmp_path: Path) -> None:
    body = gzip.compress(PAGE_HTML)
    [found] = read(tmp_path, zipped([page(1, body[: len(body) // 2], Content_Encoding="gzip")]))
    assert found.payload
    assert PAGE_HTML.startswith(found.payload)


def test_a_bomb_is_too_large_and_never_unpacked(tmp_path: Path) -> None:
    import tracemalloc

    bomb = page(1, gzip.compress(bytes(64 << 20)), Content_Encoding="gzip")
    tracemalloc.start()
    found = read(tmp_path, zipped([bomb, page(2)]), max_bytes=1 << 20)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [one.too_large for one in found] == ["more than 1048576 bytes once decoded from gzip", ""]
    assert found[0].payload == b""
    assert peak < 8 << 20


def test_a_huge_record_is_passed_over_in_pieces(tmp_path: Path) -> None:
    found = read(tmp_path, zipped([page(1, b"x" * (3 << 20)), page(2)]), max_bytes=1 << 20)
    assert [one.too_large for one in found] == [f"{3 << 20} bytes", ""]


def test_a_huge_record_that_is_cut_is_truncated(tmp_path: Path) -> None:
    content = page(1, b"x" * (3 << 20))[: 2 << 20]
    [found] = read(tmp_path, content, max_bytes=1 << 20)
    assert found.failure == "truncated_record"


@pytest.mark.parametrize("length", ["-5", "many", ""])
def test_a_record_without_a_usable_length_is_damage(tmp_path: Path, length: str) -> None:
    broken = record("response", http(PAGE_HTML), 1, Content_Length=length)
    found = read(tmp_path, zipped([page(0), broken, page(2)]))
    assert [one.failure for one in found] == ["", "truncated_record", ""]


def test_an_endless_http_header_does_not_end_the_file(tmp_path: Path) -> None:
    endless = record("response", b"HTTP/1.1 200 OK\r\n" + b"X-Filler: yes\r\n" * 10_000, 1)
    found = read(tmp_path, zipped([page(0), endless, page(2)]))
    assert [one.failure for one in found] == ["", "truncated_record", ""]


def test_warc_headers_with_line_feeds_alone_are_read(tmp_path: Path) -> None:
    head, block = record("response", http(PAGE_HTML), 1).split(b"\r\n\r\n", 1)
    [found] = read(tmp_path, head.replace(b"\r\n", b"\n") + b"\n\n" + block)
    assert (found.status, found.mime, found.url) == (200, "text/html", "https://www.example.org/page/1")


def test_a_dns_record_is_no_html(tmp_path: Path) -> None:
    [found] = read(tmp_path, record("response", b"20260102 example.org. A 192.0.2.1\n", Content_Type="text/dns"))
    assert (found.status, found.mime) == (None, "text/dns")
