"""Writes WARC files as Common Crawl does: warcinfo, then request, response, metadata of each page, each gzipped."""

import io
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha1
from http import HTTPStatus
from urllib.parse import urlsplit

import fastwarc.warc as warc
from fastwarc.stream_io import GzipWriter

from include.crawls import Crawl

ROBOT = "RewrapSampleBot/1.0 (pages made up for this project)"


@dataclass(frozen=True)
class Response:
    """What a server answered."""

    url: str
    body: bytes
    content_type: str = "text/html; charset=UTF-8"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


def write_warc(crawl: Crawl, name: str, responses: list[tuple[datetime, Response]], *, cut: bool = False) -> bytes:
    """One WARC file. With ``cut`` it ends in the middle of the last response, as a broken download does."""
    info_id = _uuid(crawl, "warcinfo", name)
    members = [_member("warcinfo", info_id, responses[0][0], {"WARC-Filename": name}, _info(crawl))]
    for when, response in responses:
        members += _page(crawl, info_id, when, response)
    if cut:
        last = members[-2]
        members[-2:] = [last[: len(last) // 2]]
    return b"".join(members)


def _page(crawl: Crawl, info_id: str, when: datetime, response: Response) -> Iterator[bytes]:
    host = urlsplit(response.url).netloc
    request_id, response_id, metadata_id = (
        _uuid(crawl, kind, response.url) for kind in ("request", "response", "metadata")
    )
    common = {"WARC-Warcinfo-ID": f"<urn:uuid:{info_id}>"}
    target = {"WARC-IP-Address": f"192.0.2.{sha1(host.encode()).digest()[0]}", "WARC-Target-URI": response.url}
    concurrent = {"WARC-Concurrent-To": f"<urn:uuid:{request_id}>"}
    request = (
        f"GET {response.url.split(host, 1)[1]} HTTP/1.1\r\nUser-Agent: {ROBOT}\r\nAccept: text/html,*/*;q=0.8\r\n"
        f"Accept-Language: en-US,en;q=0.5\r\nAccept-Encoding: br,gzip\r\nHost: {host}\r\nConnection: Keep-Alive\r\n\r\n"
    )
    kind = {"WARC-Identified-Payload-Type": response.content_type.partition(";")[0]}
    metadata = f"fetchTimeMs: {len(response.body) % 997}\r\n\r\n".encode()
    yield _member("request", request_id, when, common | target, request.encode())
    yield _member(
        "response", response_id, when, common | concurrent | target | kind, _http(when, response), response.body
    )
    fields = common | {"WARC-Concurrent-To": f"<urn:uuid:{response_id}>", "WARC-Target-URI": response.url}
    yield _member("metadata", metadata_id, when, fields, metadata)


def _http(when: datetime, response: Response) -> bytes:
    """HTTP head as Common Crawl stores it: bodies are decoded, the original encoding is kept under another name."""
    fields = {
        "Date": f"{when:%a, %d %b %Y %H:%M:%S GMT}",
        "Server": "nginx",
        "Content-Type": response.content_type,
        **response.headers,
        "X-Crawler-Content-Encoding": "gzip",
        "Content-Length": str(len(response.body)),
    }
    lines = [
        f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}",
        *(f"{k}: {v}" for k, v in fields.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def _info(crawl: Crawl) -> bytes:
    fields = {
        "isPartOf": crawl.id,
        "publisher": "Rewrap sample",
        "description": "Pages made up from CPython's documentation and from articles written for this project",
        "software": "Rewrap, fastwarc",
        "format": "WARC File Format 1.1",
    }
    return "".join(f"{key}: {value}\r\n" for key, value in fields.items()).encode() + b"\r\n"


TYPES = {
    "warcinfo": (warc.warcinfo, "application/warc-fields"),
    "request": (warc.request, "application/http; msgtype=request"),
    "response": (warc.response, "application/http; msgtype=response"),
    "metadata": (warc.metadata, "application/warc-fields"),
}


def _member(
    kind: str, record_id: str, when: datetime, fields: dict[str, str], head: bytes, payload: bytes | None = None
) -> bytes:
    """One record as a gzip member of its own, so that readers can jump to its offset."""
    record_type, content_type = TYPES[kind]
    record = warc.WarcRecord()
    record.init_headers(record_type, record_urn=f"uuid:{record_id}".encode())
    record.headers["WARC-Date"] = f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    record.headers["Content-Type"] = content_type
    for key, value in fields.items():
        record.headers[key] = value
    record.set_bytes_content(head + (payload or b""))
    buffer = io.BytesIO()
    writer = GzipWriter(buffer, compression_level=6)
    record.write(writer, checksum_data=True, payload_digest=None if payload is None else sha1(payload).digest())
    writer.finish()
    return buffer.getvalue()


def _uuid(crawl: Crawl, kind: str, name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, json.dumps([crawl.id, kind, name])))
