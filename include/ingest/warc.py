"""Reads WARC files record by record, in bounded memory, and turns damage into records that say what was wrong.

fastwarc runs in quirks mode and decodes nothing: with its own decoding one bad chunk header ends the whole file, and a
record that is cut off passes silently. So lengths are checked and payloads decoded here.
"""

import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO, cast

from fastwarc.stream_io import BrotliReader, GzipReader, WarcReader, ZstdReader
from fastwarc.warc import ArchiveIterator

from include.ingest.source import RetryingStream, SourceUnavailable, explain

GZIP_MAGIC = b"\x1f\x8b\x08"
CHUNK_HEADER = re.compile(rb"(?:\r?\n)?([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]{0,200})?\r?\n")
PIECE = 1 << 20


@dataclass(frozen=True)
class Record:
    """One WARC record, or the damage found in its place."""

    type: str
    """WARC-Type, lower-case; ``damage`` where the file could not be read on."""
    offset: int
    """Position of the record in the (compressed) file."""
    id: str = ""
    url: str = ""
    fetched_at: datetime | None = None
    status: int | None = None
    """HTTP status; None for records without HTTP headers."""
    mime: str = ""
    """Declared MIME type, lower-case; empty if none was declared."""
    charset: str = ""
    robots: tuple[str, ...] = ()
    """Values of ``X-Robots-Tag``."""
    payload: bytes = b""
    too_large: str = ""
    """How large the payload is, if it is above the bound; the payload is then empty."""
    failure: str = ""
    """``truncated_record`` or ``unreadable_file``; empty for a sound record."""
    detail: str = ""

    @property
    def is_page(self) -> bool:
        """Whether the record becomes a row of the table ``pages``; all others are only counted."""
        return bool(self.failure) or self.type in ("response", "resource")


def read_records(stream: RetryingStream, max_bytes: int) -> Iterator[Record]:
    """All records of a WARC file. Damage ends the file with a record of its own; what came before is kept.

    Args:
        stream: the file, plain or compressed (gzip, zstd, lz4).
        max_bytes: payloads larger than this, before or after decoding, are not kept.

    Raises:
        SourceUnavailable: the network failed for good.
    """
    last: Record | None = None
    try:
        for raw in ArchiveIterator(cast(BinaryIO, stream), parse_http=False, quirks_mode=True, auto_decode="none"):
            last = _read_record(raw, max_bytes)
            yield last
    except SourceUnavailable:
        raise
    except Exception as error:
        if last is None:
            yield _damage(0, "unreadable_file", explain(error))
        elif not last.failure:
            yield _damage(last.offset, "truncated_record", f"damaged after this offset: {explain(error)}")
        return
    if last is None:
        problem = "holds no WARC record" if stream.position else "is empty"
        yield _damage(0, "unreadable_file", f"the file {problem}")
    elif not last.failure and _ends_within_a_member(stream.tail):
        yield _damage(last.offset, "truncated_record", "the file ends in the middle of the record after this offset")


def _damage(offset: int, failure: str, detail: str) -> Record:
    return Record(type="damage", offset=offset, failure=failure, detail=detail)


def _ends_within_a_member(tail: bytes) -> bool:
    """Whether the file's last bytes begin a gzip member that never ends: too short for fastwarc to see a record."""
    start = tail.rfind(GZIP_MAGIC)
    if start < 0:
        return False
    member = zlib.decompressobj(31)
    try:
        member.decompress(tail[start:], PIECE)
    except zlib.error:  # the magic number stood in the data by chance
        return False
    return not member.eof and not member.unconsumed_tail


def _read_record(raw: Any, max_bytes: int) -> Record:
    head = {
        "type": str(raw.record_type),
        "offset": raw.stream_pos,
        "id": raw.headers.get("WARC-Record-ID") or "",
        "url": (raw.headers.get("WARC-Target-URI") or "").strip().strip("<>"),
        "fetched_at": raw.record_date,
    }
    declared = (raw.headers.get("Content-Length") or "").strip()
    if not (declared.isascii() and declared.isdigit()):
        detail = f"Content-Length is {declared!r}: the record's end is not known"
        return Record(**head, failure="truncated_record", detail=detail)
    try:
        fields = _http_fields(raw) if head["type"] in ("response", "resource") else {}
        expected = raw.content_length
        if not fields or expected > max_bytes:
            # Reads past what is not kept, to notice a cut inside it.
            seen = sum(map(len, iter(lambda: raw.reader.read(PIECE), b"")))
            body, fields = b"", {**fields, "too_large": f"{expected} bytes"} if fields else {}
        else:
            body = b"".join(iter(lambda: raw.reader.read(PIECE), b""))
            seen = len(body)
    except SourceUnavailable:
        raise
    except Exception as error:
        return Record(**head, failure="truncated_record", detail=explain(error))
    if seen < expected:
        return Record(**head, failure="truncated_record", detail=f"{seen} of {expected} bytes are there")
    for encoding in fields.pop("encodings", ()):
        body = _decode(body, encoding, max_bytes)
        if len(body) > max_bytes:
            body, fields = b"", {**fields, "too_large": f"more than {max_bytes} bytes once decoded from {encoding}"}
            break
    return Record(**head, **fields, payload=body)


def _http_fields(raw: Any) -> dict[str, Any]:
    """What the record's HTTP headers say; for records without them, its WARC Content-Type."""
    if not raw.is_http:
        return {"mime": _mime(raw.headers.get("Content-Type"))}
    raw.parse_http()
    http = raw.http_headers
    return {
        # A status line without a number is no success.
        "status": http.status_code or 0,
        "mime": _mime(http.get("Content-Type")),
        "charset": raw.http_charset or "",
        "robots": tuple(http.get_multiple("X-Robots-Tag")),
        "encodings": [
            name.strip().lower()
            for header in ("Transfer-Encoding", "Content-Encoding")
            for name in reversed((http.get(header) or "").split(","))
            if name.strip()
        ],
    }


def _mime(content_type: str | None) -> str:
    return (content_type or "").partition(";")[0].strip().lower()


def _decode(body: bytes, encoding: str, max_bytes: int) -> bytes:
    """At most ``max_bytes + 1`` bytes of the decoded body; the body itself where it is not what its header claims."""
    if encoding == "chunked":
        return _join_chunks(body)
    reader = _reader(body, encoding)
    decoded = bytearray()
    try:
        while reader and len(decoded) <= max_bytes:
            part = reader.read(min(64 << 10, max_bytes + 1 - len(decoded)))
            if not part:
                break
            decoded += part
    except OSError:  # a cut or false encoding: keep what was decoded, as browsers do
        pass
    return bytes(decoded) or body


def _join_chunks(body: bytes) -> bytes:
    """Own code, because fastwarc's reader drops a last chunk that is cut, which is often the whole page."""
    joined, position = bytearray(), 0
    while (header := CHUNK_HEADER.match(body, position)) and (size := int(header[1], 16)):
        joined += body[header.end() : header.end() + size]
        position = header.end() + size
    return bytes(joined) or body


def _reader(body: bytes, encoding: str) -> WarcReader | None:
    """The decoder of an HTTP coding; None for identity and codings that nobody uses."""
    data = io.BytesIO(body)
    match encoding:
        case "gzip" | "x-gzip":
            return GzipReader(data)
        case "deflate" if body[:1] == b"\x78":
            return GzipReader(data, zlib=True)
        case "deflate":  # without its zlib header, as many servers send it: supplied here
            return GzipReader(io.BytesIO(b"\x78\x9c" + body), zlib=True)
        case "br":
            return BrotliReader(data)
        case "zstd":
            return ZstdReader(data)
    return None
