"""One batch of a dump: its files read into ``pages``, decided over, and signed for the search of duplicates.

Each part is done again only if what decides it has changed: other thresholds decide over what was read, without reading
it again.
"""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from include.ingest import extract
from include.ingest.benchmarks import read_items
from include.ingest.decide import Decider
from include.ingest.dedup.narrow import contents, scheme, sign_pages, signature_schema
from include.ingest.opt_outs.apply import apply_to_pages
from include.ingest.opt_outs.lists import matcher_for
from include.ingest.plan import Batch, read_batch
from include.ingest.read import Machine, read_batch_files
from include.lake import Lake, fingerprint
from include.ledger import StageReport, recall_if_current, record
from include.params import IngestParams

VERSION = "2"
_READING = {
    "kind", "max_record_bytes", "page_seconds", "page_memory_bytes", "opt_outs", "mask", "language_model",
    "contamination",
}  # fmt: skip
"""Params that decide the table ``pages``; the plan holds which files are read."""
DECIDING = {"languages", "min_language_score", "min_language_share", "quality"}
"""Params that decide over its signals."""
_OTHER_THAN_HTML = ("http_status", "not_html")


def extract_batch(lake: Lake, crawl: str, shard: str, params: IngestParams, machine: Machine) -> StageReport:
    """Read the files of one batch into ``pages/<crawl>/<shard>``, decide over them, and sign those that are kept.

    The report counts every WARC record: those that are no pages as ``skipped_<type>``.

    Raises:
        BadInput: there is no such batch, or a benchmark file or a model is unusable.
        SourceUnavailable: the network failed for good; nothing is written.
    """
    batch = read_batch(lake, crawl, shard)
    reading = _reading_fingerprint(crawl, batch, params)
    if _is_read(lake, crawl, shard, reading):
        # Lists of opt-outs may have grown since: what they name goes, the rest need not be read again.
        apply_to_pages(lake, crawl, shard, matcher_for(lake, crawl))
    else:
        read_batch_files(lake, crawl, shard, batch, params, machine, reading)
    return recall_batch(lake, crawl, shard, batch, params) or _sign(lake, crawl, shard, batch, params, machine.workers)


def recall_batch(lake: Lake, crawl: str, shard: str, batch: Batch, params: IngestParams) -> StageReport | None:
    """The batch's report, if all its tables were made from these files and params."""
    if not _is_read(lake, crawl, shard, _reading_fingerprint(crawl, batch, params)):
        return None
    decided_by = _deciding_fingerprint(lake, crawl, shard, params)
    report = recall_if_current(lake, crawl, f"extract-{shard}", decided_by)
    return report if report and lake.is_current(decided_by, "signatures", crawl, shard) else None


class _Signed(NamedTuple):
    """What came of one row group of ``pages``."""

    rows: int
    signatures: pa.Table
    reasons: list[dict[str, Any]]
    """status, reason and count_all."""
    languages: list[dict[str, Any]]
    """language and count_all."""


def _sign(lake: Lake, crawl: str, shard: str, batch: Batch, params: IngestParams, threads: int) -> StageReport:
    """Decide over the batch's pages, write the signatures of the kept ones, and count."""
    decided_by = _deciding_fingerprint(lake, crawl, shard, params)
    counted: dict[str, Counter[str]] = {status: Counter() for status in ("kept", "rejected", "failed")}
    languages: Counter[str] = Counter()
    rows = 0
    place = {"layer": "signatures", "crawl": crawl, "shard": shard, "fingerprint": decided_by}
    with lake.stream(signature_schema(params.dedup), **place) as signatures:
        for part in _signed(lake, crawl, shard, params, threads):
            rows += part.rows
            signatures.write(part.signatures)
            for row in part.reasons:
                counted[row["status"]][row["reason"] or "kept"] += row["count_all"]
            languages.update({row["language"]: row["count_all"] for row in part.languages if row["language"]})
    return record(lake, _report(lake, crawl, shard, batch, decided_by, rows, counted, languages))


def _signed(lake: Lake, crawl: str, shard: str, params: IngestParams, threads: int) -> Iterator[_Signed]:
    """The row groups in their order, as many at a time as there are threads: decoding and C leave the interpreter."""
    decider = Decider(params)

    def sign(path: str, group: int, first: int) -> _Signed:
        pages = decider.decide(pq.ParquetFile(path).read_row_group(group))
        reasons = pages.group_by(["status", "reason"]).aggregate([([], "count_all")]).to_pylist()
        spoken = pages.group_by("language").aggregate([([], "count_all")]).to_pylist()
        return _Signed(pages.num_rows, sign_pages(pages, params.dedup, first), reasons, spoken)

    groups, first = [], 0
    for file in lake.files("pages", crawl, shard):
        metadata = pq.ParquetFile(file).metadata
        for group in range(metadata.num_row_groups):
            groups.append((str(file), group, first))
            first += metadata.row_group(group).num_rows
    waiting = iter(groups)
    with ThreadPoolExecutor(threads) as pool:
        while some := list(islice(waiting, threads)):
            yield from pool.map(sign, *zip(*some, strict=True))


def _report(
    lake: Lake,
    crawl: str,
    shard: str,
    batch: Batch,
    decided_by: str,
    rows: int,
    counted: dict[str, Counter[str]],
    languages: Counter[str],
) -> StageReport:
    files = lake.read("warc_files", crawl, shard).to_pylist()
    skipped = sum((Counter(dict(file["skipped"])) for file in files), Counter[str]())
    counted["rejected"].update({f"skipped_{kind}": count for kind, count in skipped.items()})
    # A file without any record is one failed record, and nobody knows how many pages were in it.
    unreadable = [file["path"] for file in files if file["failed"] == file["records"]]
    other = sum(counted["rejected"][reason] for reason in _OTHER_THAN_HTML)
    return StageReport(
        stage=f"extract-{shard}",
        crawl=crawl,
        rows_in=sum(file["records"] for file in files),
        rows_out=counted["kept"].total(),
        rejected=in_order(counted["rejected"]),
        failed=in_order(counted["failed"]),
        detail={
            "fingerprint": decided_by,
            "pages": rows - other,
            "files": len(files),
            "bytes": sum(file["bytes"] for file in files),
            "incomplete_files": [file["path"] for file in files if not file["complete"]],
            "damaged_files": [f["path"] for f in files if f["failed"] and f["path"] not in unreadable],
            "unreadable_files": unreadable,
            "sampled": batch.sampled,
            "languages": in_order(languages),
        },
    )


def in_order(counts: Counter[str]) -> dict[str, int]:
    """Counts above 0 by name: equal counts give equal reports."""
    return {reason: count for reason, count in sorted(counts.items()) if count}


def _is_read(lake: Lake, crawl: str, shard: str, reading: str) -> bool:
    return all(lake.is_current(reading, layer, crawl, shard) for layer in ("pages", "warc_files"))


def _reading_fingerprint(crawl: str, batch: Batch, params: IngestParams) -> str:
    found = params.contamination
    _, digest = read_items(found.files, min(found.words, found.overlap_words))
    rules = params.model_dump(mode="json", include=_READING, exclude={"contamination": {"files"}})
    return fingerprint(VERSION, "pages", crawl, batch.identity, rules, digest, extract.extractor())


def _deciding_fingerprint(lake: Lake, crawl: str, shard: str, params: IngestParams) -> str:
    rules = params.model_dump(mode="json", include=DECIDING)
    lines = params.dedup.model_dump(include={"line_min_chars", "line_max_chars"})
    with_lines = params.dedup.line_min_documents is not None
    signed = [scheme(params.dedup), lines, with_lines]
    return fingerprint(VERSION, "signatures", contents(lake, "pages", crawl, [shard]), rules, signed)
