"""Reads the files of one batch: a row per page, a row per file, and what benchmarks and pages have in common."""

from collections import Counter, deque
from collections.abc import Generator, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import partial
from typing import Any

import pyarrow as pa

from include.ingest import contamination, quality
from include.ingest.columnar_index import read_plan
from include.ingest.contamination import FOUND, load_benchmarks
from include.ingest.decide import set_columns
from include.ingest.markdown import plain
from include.ingest.opt_outs.apply import REASON
from include.ingest.opt_outs.lists import matcher_for
from include.ingest.page import Body, Reading, body_of, content_hash, head_of, read_page
from include.ingest.plan import Batch, ranges_file
from include.ingest.policy import FetchPolicy
from include.ingest.ranges import FetchedRecord, fetch_ranges
from include.ingest.source import open_file
from include.ingest.warc import FileReport, Record, read_records
from include.ingest.workers.pool import Limits, supervised_map
from include.ingest.workers.shared import Abandoned
from include.lake import Lake
from include.params import IngestParams
from include.schemas import PAGE, WARC_FILE

ROWS_AT_ONCE = 512
"""Rows held as Python objects before they become Arrow: at 10 kB of text each, 5 MB."""
RECYCLE_AFTER = 50_000
LISTED = pa.schema([("doc_id", pa.string()), ("url", pa.string()), *[f for f in FOUND if f.name != "row"]])


@dataclass(frozen=True)
class Machine:
    """What reads, and how it behaves towards a source: changes no data."""

    workers: int
    policy: FetchPolicy


class Texts:
    """Measures what follows from texts alone, many at once; loaded once per batch."""

    def __init__(self, params: IngestParams) -> None:
        found = params.contamination
        self.cuts = found.action == "cut"
        self.benchmarks = load_benchmarks(found.files, found.words, found.overlap_words, found.overlap)

    def measure(self, pages: pa.Table) -> pa.Table:
        """The pages with their signals: of the text without the marks of Markdown, which are no words."""
        texts = [None if text is None else plain(text) for text in pages["text"].to_pylist()]
        signals = quality.signals(pa.array(texts, pa.string()))
        return set_columns(pages, {name: signals[name] for name in signals.column_names})

    def measure_again(self, pages: pa.Table) -> pa.Table:
        """The same, and the content's hash, for texts that have changed."""
        hashes = [None if text is None else content_hash(text) for text in pages["text"].to_pylist()]
        return self.measure(set_columns(pages, {"content_hash": pa.array(hashes, pa.string())}))

    def find_benchmarks(self, pages: pa.Table) -> tuple[pa.Table, pa.Table]:
        """The pages, contaminated ones marked or cut, and the list of what they share (schema LISTED)."""
        found = contamination.find(pages["text"].cast(pa.large_string()).combine_chunks(), self.benchmarks)
        if not found.num_rows:
            return pages, LISTED.empty_table()
        texts, marks = pages["text"].to_pylist(), list[str | None]([None] * pages.num_rows)
        spans: dict[int, list[dict[str, Any]]] = {}
        for span in found.to_pylist():
            spans.setdefault(span["row"], []).append(span)
        for row, shared in spans.items():
            kept = None
            if self.cuts:
                kept = contamination.cut(texts[row], [(span["start_char"], span["end_char"]) for span in shared])
            if kept is None:
                first = shared[0]
                marks[row] = f"{first['benchmark']}, item {first['item']}: {first['ngram']}"
            else:
                texts[row] = kept
        pages = set_columns(
            pages, {"text": pa.array(texts, pa.string()), "contaminated_by": pa.array(marks, pa.string())}
        )
        listed = found.append_column("doc_id", pages["doc_id"].take(found["row"]))
        return pages, listed.append_column("url", pages["url"].take(found["row"])).select(LISTED.names).cast(LISTED)


def read_batch_files(
    lake: Lake, crawl: str, shard: str, batch: Batch, params: IngestParams, machine: Machine, fingerprint: str
) -> None:
    """Write ``pages``, ``contamination`` and ``warc_files`` of one batch; the last of them makes it finished.

    Raises:
        SourceUnavailable: the network failed for good; nothing is written.
    """
    texts = Texts(params)
    place = {"crawl": crawl, "shard": shard, "fingerprint": fingerprint}
    reader = _Reader(lake, crawl, batch, params, machine)
    with ExitStack() as stack:
        rows = stack.enter_context(closing(reader.rows()))  # ends the workers, whatever happens
        pages = stack.enter_context(lake.stream(PAGE, layer="pages", **place))
        listed = stack.enter_context(lake.stream(LISTED, layer="contamination", **place))
        for table in _in_tables(rows):
            marked, shared = texts.find_benchmarks(table)
            changed = texts.cuts and shared.num_rows
            pages.write((texts.measure_again if changed else texts.measure)(marked))
            listed.write(shared)
    lake.write(pa.Table.from_pylist(reader.files, WARC_FILE), layer="warc_files", **place)


class _Reader:
    """The rows of a batch, made by workers from the bodies that its records have."""

    def __init__(self, lake: Lake, crawl: str, batch: Batch, params: IngestParams, machine: Machine) -> None:
        self.files: list[dict[str, Any]] = []
        """Schema WARC_FILE, filled while rows are read."""
        self._lake, self._crawl, self._batch, self._params, self._machine = lake, crawl, batch, params, machine
        self._listed = matcher_for(lake, crawl)
        self._heads: deque[dict[str, Any]] = deque()
        """Of the records that were read and whose rows were not given out yet."""

    def rows(self) -> Generator[dict[str, Any]]:
        params = self._params
        limits = Limits(self._machine.workers, params.page_seconds, params.page_memory_bytes, RECYCLE_AFTER)
        reading = Reading(tuple(params.opt_outs), tuple(params.mask), params.language_model)
        for found in supervised_map(partial(_read, reading=reading), self._bodies(), limits, _size):
            head = self._heads.popleft()
            if isinstance(found, Abandoned):
                found = {"status": "failed", "reason": found.reason, "detail": found.detail}
            yield head | (found or {})

    def _bodies(self) -> Iterator[Body | None]:
        """The bodies of all page records; None where the head decides already."""
        for path, record in self._records():
            head = head_of(record, self._crawl, path)
            if head["status"] == "kept" and (rule := self._listed.match_one(head)):
                head |= {"status": "rejected", "reason": REASON, "detail": rule}
            self._heads.append(head)
            yield body_of(record) if head["status"] == "kept" else None

    def _records(self) -> Iterator[tuple[str, Record]]:
        """(path, record) of all page records."""
        if self._batch.ranges is not None:
            yield from self._chosen_records()
            return
        for file in self._batch.files:
            report, skipped = FileReport(), Counter[str]()
            stream = open_file(self._batch.source, file["path"], self._machine.policy)
            for record in read_records(stream, self._params.max_record_bytes, report):
                if self._is_page(record):
                    yield file["path"], record
                else:
                    skipped[record.type] += 1
            stream.close()
            self.files.append(_file_row(file["path"], report, skipped))

    def _chosen_records(self) -> Iterator[tuple[str, Record]]:
        """The records that were chosen through the index; a file counts as complete if each of them came."""
        paths = [file["path"] for file in self._batch.files]
        reports = {path: FileReport(complete=True) for path in paths}
        ranges = read_plan(ranges_file(self._lake, self._crawl), paths)
        bound = self._params.max_record_bytes
        for fetched in fetch_ranges(self._batch.source, ranges, self._machine.policy, bound):
            report = reports[fetched.path]
            record = fetched.found or _failed(fetched)
            report.bytes += fetched.record.length
            report.complete &= fetched.failure != "unreadable_range"
            (report.failed if record.failure else report.records)[record.failure or record.type] += 1
            yield fetched.path, record
        self.files += [_file_row(path, report, Counter()) for path, report in reports.items()]

    def _is_page(self, record: Record) -> bool:
        return record.is_page or (record.type == "conversion" and self._params.kind == "wet")


def _read(body: Body | None, reading: Reading) -> dict[str, Any]:
    """Runs in a worker."""
    return {} if body is None else read_page(body, reading)


def _size(body: Body | None) -> int:
    return len(body.payload) if body else 0


def _failed(fetched: FetchedRecord) -> Record:
    """What stands in the place of a record that could not be had."""
    place = fetched.record
    if fetched.failure == "too_large":
        return Record("response", place.offset, url=place.url, too_large=fetched.detail)
    return Record("damage", place.offset, url=place.url, failure=fetched.failure, detail=fetched.detail)


def _file_row(path: str, report: FileReport, skipped: Counter[str]) -> dict[str, Any]:
    return {
        "path": path,
        "complete": report.complete,
        "bytes": report.bytes,
        "records": report.total,
        "pages": report.records.total() - skipped.total(),
        "skipped": sorted(skipped.items()),
        "failed": report.failed.total(),
        "lost_bytes": report.lost_file_bytes,
        "damage": ", ".join(f"{cause} {count}" for cause, count in sorted(report.damage.items())),
    }


def _in_tables(rows: Iterator[dict[str, Any]]) -> Iterator[pa.Table]:
    pending: list[dict[str, Any]] = []
    for row in rows:
        pending.append(row)
        if len(pending) == ROWS_AT_ONCE:
            yield pa.Table.from_pylist(pending, PAGE)
            pending = []
    if pending:
        yield pa.Table.from_pylist(pending, PAGE)
