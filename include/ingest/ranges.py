"""Wanted records as byte ranges of WARC files: joined where they lie close, fetched, cut apart and checked."""

import base64
import hashlib
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from include.ingest.fetch import RetryingStream, locate
from include.ingest.policy import FetchPolicy, SourceUnavailable, explain
from include.ingest.transport import PIECE

GAP = 1 << 20
"""Bytes between two records that are read and thrown away rather than asked for separately: at 4 requests per second
and 20 MB/s a request costs more. With this gap marin read 294 MB instead of 1.54 GB per WARC file (its issue 7917)."""
LONGEST = 64 << 20
"""Of a range: what is lost when one fails, and the measure of progress."""
HEADERS = 1 << 20
"""Room for the WARC and HTTP headers of a record beside its payload."""
GIVE_UP_AFTER = 3
"""Ranges in a row that could not be had: each of them took all attempts, so the source is down."""
_GZIP = b"\x1f\x8b"
_CONTENT_LENGTH = re.compile(rb"\r?\ncontent-length:[ \t]*(\d{1,15})[ \t]*\r?\n", re.IGNORECASE)
_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")


class WantedRecord(NamedTuple):
    """One record as the index describes it; ``digest`` is the SHA-1 of its payload in base 32, or empty."""

    offset: int
    length: int
    digest: str
    url: str


@dataclass(frozen=True)
class ByteRange:
    """Bytes ``start`` to ``end`` (exclusive) of a WARC file, and the wanted records in it by offset."""

    path: str
    start: int
    end: int
    records: tuple[WantedRecord, ...]


@dataclass(frozen=True)
class FetchedRecord:
    """A wanted record's own bytes (one gzip member), or the reason why there are none."""

    path: str
    record: WantedRecord
    data: bytes = b""
    failure: str = ""
    """``unreadable_range``, ``no_record`` (something else lies there), ``too_large`` or ``digest_mismatch``."""
    detail: str = ""

    def stream(self) -> "RecordStream":
        """The record for a reader of WARC files, at its place in its file."""
        return RecordStream(self.data, self.record.offset)


class RecordStream:
    """One record's bytes with the interface of a RetryingStream; ``position`` counts in the WARC file."""

    def __init__(self, data: bytes, offset: int) -> None:
        self._data, self._offset = data, offset
        self.position = offset

    @property
    def tail(self) -> bytes:
        given = self.position - self._offset
        return self._data[max(0, given - RetryingStream.TAIL) : given]

    def read(self, size: int = -1) -> bytes:
        start = self.position - self._offset
        data = self._data[start:] if size < 0 else self._data[start : start + size]
        self.position += len(data)
        return data

    def tell(self) -> int:
        return self.position

    def close(self) -> None:
        """Nothing is open."""


def coalesce(
    records: Iterable[tuple[str, WantedRecord]], gap: int = GAP, longest: int = LONGEST
) -> Iterator[ByteRange]:
    """Join records that lie at most ``gap`` bytes apart, up to ``longest`` bytes; a record listed twice counts once.

    Args:
        records: (path of the WARC file, record), ordered by path and offset.
    """
    path, members = "", list[WantedRecord]()
    for its_path, record in records:
        if members and its_path == path and record[:2] == members[-1][:2]:
            continue
        if members and not (its_path == path and _joins(members, record, gap, longest)):
            yield _range(path, members)
            members = []
        path = its_path
        members.append(record)
    if members:
        yield _range(path, members)


def fetch_ranges(
    root: str, ranges: Iterable[ByteRange], policy: FetchPolicy, max_bytes: int
) -> Iterator[FetchedRecord]:
    """Every wanted record once, in the order of the ranges, fetched or with its failure.

    One record is in memory at a time. Records whose payload is above ``max_bytes`` are passed over.

    Raises:
        SourceUnavailable: GIVE_UP_AFTER ranges in a row could not be had.
    """
    failed = 0
    for wanted in ranges:
        done = 0
        stream = RetryingStream(locate(root, wanted.path), policy, wanted.start, wanted.end)
        try:
            for record in wanted.records:
                fetched = _fetch(stream, wanted.path, record, max_bytes)
                done += 1
                yield fetched
            failed = 0
        except (OSError, SourceUnavailable) as error:
            failed = failed + 1 if type(error) is SourceUnavailable else 0
            if failed >= GIVE_UP_AFTER:
                raise
            for record in wanted.records[done:]:
                yield FetchedRecord(wanted.path, record, failure="unreadable_range", detail=explain(error))
        finally:
            stream.close()


def payload_digest(member: bytes, max_bytes: int) -> str:
    """SHA-1 in base 32 of the HTTP body in a record, as WARC-Payload-Digest and the index have it.

    Raises:
        ValueError: this is not exactly one record. OverflowError: its payload is larger than ``max_bytes``.
    """
    data = _unpack(member, max_bytes + HEADERS)
    end, length = _END_OF_HEADERS.search(data), _CONTENT_LENGTH.search(data)
    if not (data.startswith(b"WARC/") and end and length and length.start() < end.start()):
        raise ValueError("no WARC record with a Content-Length begins there")
    block = data[end.end() : end.end() + int(length[1])]
    if len(block) < int(length[1]):
        raise ValueError(f"the record has {len(block)} of its {int(length[1])} bytes")
    http = _END_OF_HEADERS.search(block) if block.startswith(b"HTTP/") else None
    payload = block[http.end() :] if http else block
    if len(payload) > max_bytes:
        raise OverflowError(f"{len(payload)} bytes of payload")
    return base64.b32encode(hashlib.sha1(payload).digest()).decode()


def _fetch(stream: RetryingStream, path: str, record: WantedRecord, max_bytes: int) -> FetchedRecord:
    while stream.position < record.offset:
        stream.read(min(PIECE, record.offset - stream.position))
    if record.length > max_bytes + HEADERS:  # passed over on the way to the next one
        return FetchedRecord(path, record, failure="too_large", detail=f"{record.length} bytes packed")
    data = stream.read(record.length)
    try:
        found = payload_digest(data, max_bytes)
    except OverflowError as error:
        return FetchedRecord(path, record, failure="too_large", detail=str(error))
    except ValueError as error:
        return FetchedRecord(path, record, failure="no_record", detail=str(error))
    expected = record.digest.removeprefix("sha1:")
    if expected and found != expected:
        detail = f"the payload's SHA-1 is {found}; the index has {expected}"
        return FetchedRecord(path, record, failure="digest_mismatch", detail=detail)
    return FetchedRecord(path, record, data)


def _unpack(member: bytes, max_bytes: int) -> bytes:
    """Raises ValueError and OverflowError as payload_digest does."""
    if not member.startswith(_GZIP):
        return member
    unpacker = zlib.decompressobj(31)
    try:
        data = unpacker.decompress(member, max_bytes + 1)
    except zlib.error as error:
        raise ValueError(f"damaged gzip member: {error}") from None
    if len(data) > max_bytes:
        raise OverflowError(f"unpacks to more than {max_bytes} bytes")
    if not unpacker.eof or unpacker.unused_data:
        raise ValueError("the bytes are not exactly one gzip member")
    return data


def _joins(members: list[WantedRecord], record: WantedRecord, gap: int, longest: int) -> bool:
    end = members[-1].offset + members[-1].length
    return 0 <= record.offset - end <= gap and record.offset + record.length - members[0].offset <= longest


def _range(path: str, members: list[WantedRecord]) -> ByteRange:
    last = members[-1]
    return ByteRange(path, members[0].offset, last.offset + last.length, tuple(members))
