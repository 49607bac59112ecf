"""Reading records: encodings, bounds, broken headers."""

import base64
import gzip
import hashlib
import io
import zlib
from datetime import UTC, datetime
from pathlib import Path

import brotli
import pytest
from warc_files import html, http, page, prose, record, zipped

from include.ingest.http_body import matches_digest
from include.ingest.source import SourceUnavailable, open_file
from include.ingest.warc import FileReport, Record, read_records

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


@pytest.mark.parametrize("version", ["warc/1.0", "Warc/1.1", "WARC/0.18"])
def test_versions_are_read_in_any_case(tmp_path: Path, version: str) -> None:
    found = read(tmp_path, zipped([page(1).replace(b"WARC/1.0", version.encode()), page(2)]))
    assert [(one.type, one.failure) for one in found] == [("response", ""), ("response", "")]


def test_http_headers_with_line_feeds_alone_or_without_an_end_are_read(tmp_path: Path) -> None:
    body = PAGE_HTML
    bare = record("response", b"HTTP/1.1 200 OK\nContent-Type: text/html; Charset='UTF-8'\n\n" + body, 1)
    ended = record("response", b"HTTP/1.1 404 Not Found\r\nContent-Type: text/plain", 2)
    found = read(tmp_path, zipped([bare, ended]))
    assert [(one.status, one.mime, one.charset, one.payload) for one in found] == [
        (200, "text/html", "utf-8", body),
        (404, "text/plain", "", b""),
    ]


@pytest.mark.parametrize(
    ("line", "status"),
    [("HTTP/1.0 302 ", 302), ("HTTP/2 200", 200), ("HTTP/1.1 OK", 0), ("<html>", 0), ("http/1.1 200 fine", 200)],
)
def test_the_status_is_read_or_is_no_success(tmp_path: Path, line: str, status: int) -> None:
    [found] = read(tmp_path, zipped([record("response", f"{line}\r\nContent-Type: text/html\r\n\r\nx".encode())]))
    assert found.status == status


def test_names_are_made_safe_for_logs_and_columns(tmp_path: Path) -> None:
    nasty = page(1, content_type="text/html\x00; charset=utf-8", X_Robots_Tag="noai\x1b[31m")
    nasty = nasty.replace(b"https://www.example.org/page/1", b"<https://e.example/\x00\x1b[2Ja\tb\xe2\x80\xae\xff >")
    nasty = nasty.replace(b"<urn:uuid", b"<\x07urn:uuid")
    [found] = read(tmp_path, zipped([nasty]))
    assert found.url == "https://e.example/%00%1B[2Ja%09bâ%C2%80®ÿ"
    assert found.id.startswith("<%07urn:uuid")
    assert found.robots == ("noai%1B[31m",)
    for text in (found.url, found.id, found.mime, found.charset, *found.headers, *found.headers.values()):
        assert text.isprintable()
        text.encode()


def test_all_http_headers_can_be_asked_for(tmp_path: Path) -> None:
    twice = {"Link": "</licence>; rel=license", "LINK": "<a>; rel=b", "TDM_Reservation": "1"}
    [found] = read(tmp_path, zipped([page(1, **twice)]))
    assert found.headers == {
        "content-type": "text/html",
        "link": "</licence>; rel=license, <a>; rel=b",
        "tdm-reservation": "1",
    }
    folded = record("response", b"HTTP/1.1 200 OK\r\nContent-Type: text/html;\r\n\tcharset=koi8-r\r\n\r\n", 1)
    [found] = read(tmp_path, zipped([folded]))
    assert (found.mime, found.charset) == ("text/html", "koi8-r")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-01-02T03:04:05Z", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02T03:04:05.678901Z", datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)),
        ("2026-01-02T03:04:05+02:00", datetime(2026, 1, 2, 1, 4, 5, tzinfo=UTC)),
        ("20260102030405", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", None),
        ("yesterday", None),
    ],
)
def test_dates_are_in_utc_or_unknown(tmp_path: Path, written: str, meant: datetime | None) -> None:
    [found] = read(tmp_path, zipped([record("response", http(b"x"), WARC_Date=written)]))
    assert found.fetched_at == meant


def test_the_text_of_a_wet_file_is_kept(tmp_path: Path) -> None:
    [found] = read(tmp_path, zipped([record("conversion", "Überschrift".encode(), 1, Content_Type="text/plain")]))
    assert (found.type, found.mime, found.payload.decode()) == ("conversion", "text/plain", "Überschrift")
    assert not found.is_page


@pytest.mark.parametrize("compress", [bytes, gzip.compress])
def test_arc_files_give_the_same_records(tmp_path: Path, compress: type[bytes]) -> None:
    block = http(PAGE_HTML)
    head = b"1 0 Test\nURL IP-address Archive-date Content-type Archive-length\n"
    parts = [
        b"filedesc://a.arc 192.0.2.1 20200102030405 text/plain %d\n%b\n" % (len(head), head),
        b"http://example.org/a b?c 192.0.2.2 20200102030406 text/html %d\n%b\n" % (len(block), block),
        b"dns:example.org 192.0.2.3 20200102030407 text/dns 4\nfour\n",
    ]
    found = read(tmp_path, b"".join(compress(part) for part in parts))
    assert [one.type for one in found] == ["arc_header", "response", "response"]
    assert (found[1].url, found[1].status, found[1].payload) == ("http://example.org/a b?c", 200, PAGE_HTML)
    assert found[1].fetched_at == datetime(2020, 1, 2, 3, 4, 6, tzinfo=UTC)
    assert (found[2].status, found[2].mime) == (None, "text/dns")


@pytest.mark.parametrize("make", ["base32", "hex"])
def test_a_digest_is_of_the_bytes_on_the_wire(tmp_path: Path, make: str) -> None:
    body = gzip.compress(PAGE_HTML)
    sha1 = hashlib.sha1(body).digest()
    declared = f"sha1:{base64.b32encode(sha1).decode() if make == 'base32' else sha1.hex()}"

    def verdict(digest: str, wire: bytes, **headers: str) -> bool | None:
        block = http(wire, Content_Encoding="gzip", **headers)
        [found] = read(tmp_path, zipped([record("response", block, 1)]))
        assert found.payload == PAGE_HTML
        return matches_digest(found.wire, digest)

    assert verdict(declared, body) is True
    assert verdict(declared, b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body), Transfer_Encoding="chunked") is True
    assert verdict(declared, body + b"\0") is False
    assert verdict("", body) is None
    assert verdict("crc32:00000000", body) is None


class Failing(io.BytesIO):
    def __init__(self, content: bytes, error: Exception) -> None:
        super().__init__(content)
        self.error = error

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        if not data:
            raise self.error
        return data


def test_a_file_the_network_lost_is_never_complete() -> None:
    content = zipped([page(0), page(1)])
    report = FileReport()
    found = read_records(Failing(content[:-40], SourceUnavailable("gone")), 1 << 20, report)
    with pytest.raises(SourceUnavailable):
        list(found)
    assert not report.complete
    report = FileReport()
    found = read_records(Failing(content, PermissionError("no more")), 1 << 20, report)
    assert [one.failure for one in found] == ["", "", "truncated_record"]
    assert (report.complete, report.damage) == (False, {"unreachable": 1})
    report = FileReport()
    [one] = read_records(Failing(b"", FileNotFoundError("a.warc.gz")), 1 << 20, report)
    assert (one.failure, one.detail, report.complete) == ("unreadable_file", "FileNotFoundError: a.warc.gz", False)


def test_made_up_types_are_counted_as_one(tmp_path: Path) -> None:
    found = read(tmp_path, zipped([record("Revisit", b""), record("evil\x00type", b"x"), record("brandnew", b"x")]))
    assert [one.type for one in found] == ["revisit", "unknown", "unknown"]


def test_codings_upon_codings_are_not_undone_for_ever(tmp_path: Path) -> None:
    body = PAGE_HTML
    for _ in range(6):
        body = gzip.compress(body)
    [found] = read(tmp_path, zipped([page(1, body, Content_Encoding=", ".join(["gzip"] * 6))]))
    assert gzip.decompress(gzip.decompress(found.payload)) == PAGE_HTML
