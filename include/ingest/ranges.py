"""Wanted records as byte ranges of WARC files: joined where they lie close, fetched, cut apart and checked."""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from include.ingest.fetch import RetryingStream, locate
from include.ingest.http_body import matches_digest
from include.ingest.policy import FetchPolicy, SourceUnavailable, explain
from include.ingest.transport import PIECE
from include.ingest.warc import Record, read_records

GAP = 1 << 20
"""Bytes between two records that are read and thrown away rather than asked for separately: at 4 requests per second
and 20 MB/s a request costs more. With this gap marin read 294 MB instead of 1.54 GB per WARC file (its issue 7917)."""
LONGEST = 64 << 20
"""Of a range: what is lost when one fails, and the measure of progress."""
HEADERS = 1 << 20
"""Room for the WARC and HTTP headers of a record beside its payload."""
GIVE_UP_AFTER = 3
"""Ranges in a row that could not be had: each of them took all attempts, so the source is down."""


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
    """A wanted record, or the reason why it is not there."""

    path: str
    record: WantedRecord
    found: Record | None = None
    """With its place in the WARC file; None where there is a failure."""
    failure: str = ""
    """``unreadable_range``, ``no_record`` (something else lies there), ``too_large`` or ``digest_mismatch``."""
    detail: str = ""


class _Bytes:
    """A record's bytes as a stream that stands at the record's place in its file."""

    def __init__(self, data: bytes, offset: int) -> None:
        self._data, self._offset = io.BytesIO(data), offset

    def read(self, size: int, /) -> bytes:
        return self._data.read(size)

    def tell(self) -> int:
        return self._offset + self._data.tell()


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


def _fetch(stream: RetryingStream, path: str, wanted: WantedRecord, max_bytes: int) -> FetchedRecord:
    while stream.position < wanted.offset:
        stream.read(min(PIECE, wanted.offset - stream.position))
    if wanted.length > max_bytes + HEADERS:  # passed over on the way to the next one
        return FetchedRecord(path, wanted, failure="too_large", detail=f"{wanted.length} bytes packed")
    data = stream.read(wanted.length)
    first, *others = read_records(_Bytes(data, wanted.offset), max_bytes)
    if first.failure or others:
        detail = first.detail or f"{1 + len(others)} records lie there"
        return FetchedRecord(path, wanted, failure="no_record", detail=detail)
    if first.too_large:
        return FetchedRecord(path, wanted, failure="too_large", detail=first.too_large)
    digest = wanted.digest and f"sha1:{wanted.digest.removeprefix('sha1:')}"
    if digest and not matches_digest(first.wire, digest):
        return FetchedRecord(
            path, wanted, failure="digest_mismatch", detail=f"its payload has not the index's {digest}"
        )
    return FetchedRecord(path, wanted, first)


def _joins(members: list[WantedRecord], record: WantedRecord, gap: int, longest: int) -> bool:
    end = members[-1].offset + members[-1].length
    return 0 <= record.offset - end <= gap and record.offset + record.length - members[0].offset <= longest


def _range(path: str, members: list[WantedRecord]) -> ByteRange:
    last = members[-1]
    return ByteRange(path, members[0].offset, last.offset + last.length, tuple(members))
