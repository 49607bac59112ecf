"""The stages of ingest: plan the batches of a dump, extract each one, bring them together without duplicates.

A batch is a few WARC files, read as one stream; batches can run at the same time, on any machine that sees the lake.
"""

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from math import ceil
from typing import Any

import pyarrow as pa

from include.errors import BadInput
from include.ingest.contamination import load_benchmarks
from include.ingest.dedup import split_duplicates
from include.ingest.health import check_health
from include.ingest.page import Rules, judge_page
from include.ingest.source import is_remote, list_files, open_file
from include.ingest.warc import read_records
from include.lake import Lake, fingerprint, write_atomically
from include.ledger import StageReport, recall, record
from include.params import IngestParams
from include.schemas import PAGE

VERSION = "1"
MAX_BATCHES = 1_000
"""A dump of Common Crawl has 90,000 files, and Airflow maps a task over at most 1,024 values."""
ROWS_AT_ONCE = 1_000
"""Rows held as Python objects before they become Arrow."""
_NOT_DECISIVE = {"files_per_batch", "max_failed_share", "benchmarks"}
"""Params that do not change a batch's rows (the benchmarks' content does, and is hashed itself)."""
_OTHER_THAN_HTML = ("http_status", "not_html")


def plan_batches(lake: Lake, crawl: str, source: str, params: IngestParams, contact: str) -> list[str]:
    """List the dump's files and write one file list per batch to ``batches/<crawl>``; returns the batches' names.

    Batches (and their pages and reports) that an earlier plan had and this one has not are removed.

    Raises:
        BadInput: the source cannot be read or has no WARC files.
    """
    listing = list_files(source, crawl, contact)
    files = [asdict(file) for file in listing.files]
    size = max(params.files_per_batch, ceil(len(files) / MAX_BATCHES))
    groups = [files[start : start + size] for start in range(0, len(files), size)]
    names = [f"batch-{index:04d}" for index in range(len(groups))]
    folder = lake.path("batches", crawl)
    for name, group in zip(names, groups, strict=True):
        plan = {"source": listing.root, "batches": len(names), "files": group}
        write_atomically(folder / f"{name}.json", json.dumps(plan, indent=1).encode())
    for stale in sorted({path.stem for path in folder.glob("batch-*.json")} - set(names)):
        shutil.rmtree(lake.path("pages", crawl, stale), ignore_errors=True)
        (lake.path("reports", crawl) / f"extract-{stale}.json").unlink(missing_ok=True)
        (folder / f"{stale}.json").unlink()
    return names


def extract_batch(lake: Lake, crawl: str, shard: str, params: IngestParams, contact: str) -> StageReport:
    """Read the WARC files of one batch and write a row per page to ``pages/<crawl>/<shard>``.

    The report counts every WARC record: those that are no pages as ``skipped_<type>``.

    Raises:
        BadInput: there is no such batch, or a benchmark file is unusable.
        SourceUnavailable: the network failed for good; nothing is written.
    """
    plan = _read_plan(lake, crawl, shard)
    rules = Rules(params, load_benchmarks(params.benchmarks, params.contamination_words))
    decided_by = _batch_fingerprint(crawl, plan, rules)
    stage = f"extract-{shard}"
    done = _recall_if_current(lake, crawl, stage, decided_by)
    if done and lake.is_current(decided_by, "pages", crawl, shard):
        return done

    counts: Counter[str] = Counter()
    skipped: Counter[str] = Counter()
    rows = _rows(crawl, plan, rules, contact, counts, skipped)
    table = pa.Table.from_batches(_in_batches(rows), schema=PAGE)
    lake.write(table, layer="pages", crawl=crawl, shard=shard, fingerprint=decided_by)
    by_status = _count_reasons(table)
    report = StageReport(
        stage=stage,
        crawl=crawl,
        rows_in=counts["records"],
        rows_out=by_status["kept"].total(),
        rejected=_sorted(by_status["rejected"] + skipped),
        failed=_sorted(by_status["failed"]),
        detail={
            "fingerprint": decided_by,
            "pages": table.num_rows - sum(by_status["rejected"][reason] for reason in _OTHER_THAN_HTML),
            "files": len(plan["files"]),
            "bytes": counts["bytes"],
            "unreadable_files": sorted(set(_select(table, "unreadable_file"))),
            "damaged_files": sorted(set(_select(table, "truncated_record"))),
        },
    )
    return record(lake, report)


def deduplicate(lake: Lake, crawl: str, params: IngestParams) -> StageReport:
    """Bring all batches of the plan together: ``documents`` (ordered by content hash) and ``rejected_pages``.

    Raises:
        BadInput: a batch is missing, too many records failed, or no page was kept.
    """
    shards = _planned(lake, crawl)
    reports = _batch_reports(lake, crawl, shards, params)
    check_health(crawl, reports, params)
    files = [lake.files("pages", crawl, shard) for shard in shards]
    digests = [
        [file.sha256 for file in manifest.files]
        for shard in shards
        if (manifest := lake.manifest("pages", crawl, shard))
    ]
    decided_by = fingerprint(VERSION, "deduplicate", crawl, shards, digests)
    done = _recall_if_current(lake, crawl, "ingest", decided_by)
    if done and all(lake.is_current(decided_by, layer, crawl) for layer in ("documents", "rejected_pages")):
        return done

    parted = split_duplicates(lake, files)
    lake.write(parted.rejected, layer="rejected_pages", crawl=crawl, fingerprint=decided_by)
    lake.write(parted.documents, layer="documents", crawl=crawl, fingerprint=decided_by)
    rejected = sum((Counter(report.rejected) for report in reports), Counter[str]())
    rejected["exact_duplicate"] += parted.duplicates
    detail: dict[str, Any] = {key: sum(report.detail[key] for report in reports) for key in ("pages", "files", "bytes")}
    for key in ("unreadable_files", "damaged_files"):
        detail[key] = sorted(name for report in reports for name in report.detail[key])
    for key in ("emails", "phones"):
        detail[key] = sum(parted.documents[key].to_pylist())
    report = StageReport(
        stage="ingest",
        crawl=crawl,
        rows_in=sum(report.rows_in for report in reports),
        rows_out=parted.documents.num_rows,
        rejected=_sorted(rejected),
        failed=_sorted(sum((Counter(report.failed) for report in reports), Counter[str]())),
        detail={"fingerprint": decided_by, **detail},
    )
    return record(lake, report)


def _rows(
    crawl: str, plan: dict[str, Any], rules: Rules, contact: str, counts: Counter[str], skipped: Counter[str]
) -> Iterator[dict[str, Any]]:
    """Rows of all page records of a batch; counts what it reads on the way."""
    for file in plan["files"]:
        stream = open_file(plan["source"], file["path"], contact)
        for found in read_records(stream, rules.params.max_record_bytes):
            counts["records"] += 1
            if found.is_page:
                yield judge_page(found, crawl, file["path"], rules)
            else:
                skipped[f"skipped_{found.type}"] += 1
        counts["bytes"] += stream.position
        stream.close()


def _in_batches(rows: Iterator[dict[str, Any]]) -> Iterator[pa.RecordBatch]:
    pending: list[dict[str, Any]] = []
    for row in rows:
        pending.append(row)
        if len(pending) == ROWS_AT_ONCE:
            yield pa.RecordBatch.from_pylist(pending, schema=PAGE)
            pending = []
    if pending:
        yield pa.RecordBatch.from_pylist(pending, schema=PAGE)


def _count_reasons(table: pa.Table) -> dict[str, Counter[str]]:
    counted: dict[str, Counter[str]] = {status: Counter() for status in ("kept", "rejected", "failed")}
    for group in table.group_by(["status", "reason"]).aggregate([([], "count_all")]).to_pylist():
        counted[group["status"]][group["reason"] or "kept"] = group["count_all"]
    return counted


def _select(table: pa.Table, reason: str) -> list[str]:
    import pyarrow.compute as pc

    paths: list[str] = table.filter(pc.equal(table["reason"], reason))["warc_path"].to_pylist()
    return paths


def _read_plan(lake: Lake, crawl: str, shard: str) -> dict[str, Any]:
    try:
        plan: dict[str, Any] = json.loads((lake.path("batches", crawl) / f"{shard}.json").read_bytes())
    except FileNotFoundError:
        raise BadInput(
            f"Crawl {crawl} has no batch {shard!r}. Plan it first: 'python -m include.cli ingest'."
        ) from None
    return plan


def _planned(lake: Lake, crawl: str) -> list[str]:
    """The batches of a complete plan, in order."""
    shards = sorted(path.stem for path in lake.path("batches", crawl).glob("batch-*.json"))
    if not shards or any(_read_plan(lake, crawl, shard)["batches"] != len(shards) for shard in shards):
        raise BadInput(f"Crawl {crawl} has no complete plan of batches. Run 'python -m include.cli ingest' for it.")
    return shards


def _batch_reports(lake: Lake, crawl: str, shards: list[str], params: IngestParams) -> list[StageReport]:
    rules = Rules(params, load_benchmarks(params.benchmarks, params.contamination_words))
    reports, missing = [], []
    for shard in shards:
        decided_by = _batch_fingerprint(crawl, _read_plan(lake, crawl, shard), rules)
        report = _recall_if_current(lake, crawl, f"extract-{shard}", decided_by)
        if report and lake.is_current(decided_by, "pages", crawl, shard):
            reports.append(report)
        else:
            missing.append(shard)
    if missing:
        raise BadInput(
            f"Crawl {crawl}: {len(missing)} of {len(shards)} batches are not extracted with these params and files "
            f"({', '.join(missing[:5])}{', ...' if len(missing) > 5 else ''}). Extract these batches again."
        )
    return reports


def _batch_fingerprint(crawl: str, plan: dict[str, Any], rules: Rules) -> str:
    """Of all that decides a batch's rows. A local folder may move: its files carry their own versions."""
    source = plan["source"] if is_remote(plan["source"]) else ""
    params = rules.params.model_dump(mode="json", exclude=_NOT_DECISIVE)
    return fingerprint(VERSION, "extract", crawl, source, plan["files"], params, rules.benchmarks.digest)


def _recall_if_current(lake: Lake, crawl: str, stage: str, decided_by: str) -> StageReport | None:
    """The stage's report if it is about exactly these inputs: a kill can leave one that is not beside the table."""
    report = recall(lake, crawl, stage)
    return report if report and report.detail.get("fingerprint") == decided_by else None


def _sorted(counts: Counter[str]) -> dict[str, int]:
    return {reason: count for reason, count in sorted(counts.items()) if count}
