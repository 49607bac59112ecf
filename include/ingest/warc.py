"""Reads WARC, WET and ARC files record by record, in bounded memory; reads on after every damaged place.

Own code, because every public reader ends a file at its first damaged gzip member, holds a record whole however large
it is, and lets a record that is cut off pass for a sound one. Here each damaged place becomes one record that says what
was wrong, and :class:`FileReport` proves that nothing else is missing.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from include.ingest import heads
from include.ingest.feed import Damage, Feed, Readable, Unreadable
from include.ingest.http_body import undo_codings
from include.ingest.records import Cursor

WITH_PAYLOAD = ("response", "resource", "conversion")
"""``conversion`` is the text that WET files carry."""
_TYPES = {kind.encode(): kind for kind in ("warcinfo", "request", "metadata", "revisit", "continuation", *WITH_PAYLOAD)}
"""Of WARC 1.1; all others are ``unknown``, so that no file can make up reasons. ARC files begin with ``arc_header``."""
_TYPE = re.compile(rb"\nwarc-type[ \t]*:[ \t]*([a-z]{1,20})[ \t\r]*\n", re.IGNORECASE)
_LENGTH = re.compile(rb"\ncontent-length[ \t]*:([^\r\n]*)", re.IGNORECASE)
_OF_PAGES = heads.only(*("content-length", "content-type", "warc-record-id", "warc-target-uri", "warc-date"))
_OF_HTTP = heads.only("content-type", "content-encoding", "transfer-encoding", "x-robots-tag")
_DIGITS = re.compile(r"[0-9]{1,18}\Z")


@dataclass(slots=True)
class Record:
    """One WARC record, or the damage found in its place."""

    type: str
    """WARC-Type, lower-case; ``damage`` where no record could be made out."""
    offset: int
    """Position of the record in the (compressed) file."""
    id: str = ""
    """Like all that follows only of records with a payload: of the others no more is read than needed to pass them."""
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
    http_head: bytes = b""
    """Status line and headers as they came, at most ``heads.MAX_HEAD`` bytes."""
    wire: bytes = b""
    """The payload before its codings were undone: what the digest is of."""

    @property
    def is_page(self) -> bool:
        """Whether the record becomes a row of the table ``pages``; all others are only counted."""
        return bool(self.failure) or self.type in ("response", "resource")

    @property
    def headers(self) -> Mapping[str, str]:
        """HTTP headers by lower-case name, those of a repeated name joined by a comma. Parsed at each access."""
        return heads.joined(heads.fields(heads.decode(self.http_head)))


@dataclass
class FileReport:
    """What was read of one file; true once the records have been read to the last."""

    complete: bool = False
    """The file was read to its end. False while reading, and for good if the network failed."""
    bytes: int = 0
    """The file's size, as far as it was read."""
    records: Counter[str] = field(default_factory=Counter)
    """Sound records by WARC-Type."""
    failed: Counter[str] = field(default_factory=Counter)
    """Records that were given out with a failure, by that failure."""
    damage: Counter[str] = field(default_factory=Counter)
    """The same failures by cause (``feed.CAUSES``); a file that holds no record has the cause of its first damage."""
    lost_file_bytes: int = 0
    """Bytes of the file that could not be decompressed or stand outside of members."""
    lost_content_bytes: int = 0
    """Decompressed bytes (in plain files bytes) that belong to no record."""

    @property
    def total(self) -> int:
        """Records given out: each is either sound or failed."""
        return self.records.total() + self.failed.total()


def read_records(stream: Readable, max_bytes: int, report: FileReport | None = None) -> Iterator[Record]:
    """All records of a WARC or ARC file, plain or compressed (gzip, zstd, lz4), and one for each damaged place.

    After damage to a gzip member reading goes on at the next sound one, after any other at the next line that begins
    a record; what zstd or lz4 data is damaged ends there. A file without any record gives one ``unreadable_file``.

    Args:
        stream: the file; if it can ``seek``, what a false length swallowed is found however far back it lies.
        max_bytes: payloads larger than this, before or after decoding, are not kept.
        report: is filled while reading.

    Raises:
        SourceUnavailable: the network failed for good.
    """
    return _Reader(stream, max_bytes, report if report is not None else FileReport()).read()


class _Reader:
    def __init__(self, stream: Readable, max_bytes: int, report: FileReport) -> None:
        self._max_bytes = max_bytes
        self._report = report
        self._feed = Feed(stream)

    def read(self) -> Iterator[Record]:
        report = self._report
        self._cursor = Cursor(self._feed)
        first: tuple[Record, str] | None = None  # damage before any record: the file may turn out to hold none
        cause = ""
        try:
            for found, cause in self._all():
                if cause:
                    if found.type == "damage" and not report.total:
                        first = first or (found, cause)
                        continue
                    found = self._count_failure(found, cause)
                if first:
                    yield self._count_failure(*first)
                    first = None
                if not cause:
                    report.records[found.type] += 1
                yield found
            yield from self._end(first, failed=bool(cause))
            report.complete = not self._feed.error
        finally:
            report.bytes = self._feed.furthest
            report.lost_content_bytes = self._cursor.skipped

    def _end(self, first: tuple[Record, str] | None, *, failed: bool) -> Iterator[Record]:
        """What has to be said at the file's end, unless damage that reaches up to it said so."""
        error = self._feed.error
        if not self._report.total:
            cause = "unreachable" if error else first[1] if first else "empty"
            why = f": {first[0].detail}" if first else ""
            detail = error or (f"the file holds no WARC record{why}" if self._feed.furthest else "the file is empty")
            yield self._count_failure(Record("damage", 0, failure="unreadable_file", detail=detail), cause)
        elif error and not failed:
            damage = Record("damage", self._feed.offset, failure="truncated_record", detail=error)
            yield self._count_failure(damage, "unreachable")

    def _count_failure(self, record: Record, cause: str) -> Record:
        self._report.failed[record.failure] += 1
        self._report.damage[cause] += 1
        return record

    def _all(self) -> Iterator[tuple[Record, str]]:
        """Every record and every damaged place, each with the cause of its failure, if it has one."""
        cursor = self._cursor
        while True:
            found, cause = Record("damage", -1), ""
            try:
                if not cursor.find_record():
                    return
                found.offset = cursor.place
                self._read_record(found)
            except Damage as damage:
                if found.offset < 0:
                    found.offset = cursor.content.start if isinstance(damage, Unreadable) else cursor.place
                if isinstance(damage, Unreadable):
                    self._report.lost_file_bytes += cursor.recover()
                found.failure, found.detail, cause = "truncated_record", damage.detail, damage.cause
            yield found, cause

    def _read_record(self, record: Record) -> None:
        """Fill in the record at the cursor; where damage is raised, what was known by then stands in it."""
        head = self._cursor.take_head()
        if self._cursor.at_arc:
            fields = heads.parse_arc(head)
            record.type = fields["warc-type"]
        else:
            record.type = _kind(head)
            fields = _fields_of_page(head) if record.type in WITH_PAYLOAD else _length_alone(head)
        if record.type not in WITH_PAYLOAD:
            self._pass_over(self._length(fields))
            return
        record.id = fields.get("warc-record-id", "")
        record.url = heads.url(fields.get("warc-target-uri", ""))
        record.fetched_at = heads.date(fields.get("warc-date", ""))
        self._read_payload(record, fields.get("content-type", ""), self._length(fields))

    def _read_payload(self, record: Record, content_type: str, length: int) -> None:
        cursor = self._cursor
        is_http = content_type[:16].lower() == "application/http"
        head = cursor.take_block_head(length) if is_http else b""
        rest = length - len(head)
        keep = rest <= self._max_bytes
        wire = cursor.take(rest) if keep else b""
        seen = len(head) + (len(wire) if keep else cursor.skip(rest))
        if seen < length or not cursor.ends_record() or cursor.swallowed_record(wire):
            raise self._wrong_end(head + wire, seen, length)
        if is_http and length and not head:
            raise Damage("endless_header", f"its HTTP header has no end within {heads.MAX_HEAD} bytes")
        codings = _read_http(record, head) if is_http else []
        if not is_http:
            record.mime = heads.mime(content_type)
        if not keep:
            record.too_large = f"{rest} bytes"
            return
        record.payload = record.wire = wire
        if codings:
            record.payload, grown = undo_codings(wire, codings, self._max_bytes)
            if grown:
                record.wire = b""
                record.too_large = f"more than {self._max_bytes} bytes once decoded from {grown}"

    def _pass_over(self, length: int) -> None:
        """Go to the end of a record whose payload nobody wants."""
        seen = self._cursor.skip(length)
        if seen < length or not self._cursor.ends_record():
            raise self._wrong_end(b"", seen, length)

    def _length(self, fields: Mapping[str, str]) -> int:
        declared = fields.get("content-length", "")
        if not _DIGITS.match(declared):
            self._cursor.find_after(b"", 0)
            raise Damage("wrong_length", f"Content-Length is {declared[:40]!r}: the record's end is not known")
        if not self._cursor.can_hold(int(declared)):
            raise self._wrong_end(b"", 0, int(declared))
        return int(declared)

    def _wrong_end(self, block: bytes, seen: int, length: int) -> Damage:
        """The damage, with the cursor where reading goes on: the length may have swallowed other records."""
        cause = "cut" if seen < length and not self._cursor.content.framed else "wrong_length"
        self._cursor.find_after(block, seen)
        if seen < length:
            return Damage(cause, f"not all of the {length} bytes are there that the record declares")
        return Damage(cause, f"the record does not end after the {length} bytes that it declares")


def _kind(head: bytes) -> str:
    found = _TYPE.search(head)
    return _TYPES.get(found[1].lower(), "unknown") if found else "unknown"


def _fields_of_page(head: bytes) -> dict[str, str]:
    return heads.first_of_each(heads.fields(heads.decode(head), _OF_PAGES))


def _length_alone(head: bytes) -> dict[str, str]:
    found = _LENGTH.search(head)
    return {"content-length": found[1].decode("latin-1").strip()} if found else {}


def _read_http(record: Record, head: bytes) -> list[str]:
    """Fill in what the HTTP header says; returns the body's codings in the order in which they are undone."""
    record.http_head = head
    text = heads.decode(head)
    pairs = heads.fields(text, _OF_HTTP)
    headers = heads.joined(pairs)
    declared = headers.get("content-type", "")
    record.status, record.mime, record.charset = heads.status(text), heads.mime(declared), heads.charset(declared)
    if "x-robots-tag" in headers:
        record.robots = tuple(value for name, value in pairs if name == "x-robots-tag")
    return [
        name.strip().lower()
        for header in ("transfer-encoding", "content-encoding")
        if header in headers
        for name in reversed(headers[header].split(","))
    ]
