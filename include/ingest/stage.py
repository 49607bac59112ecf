"""A dump from its extracted batches to documents: duplicates found, documents put together.

Batches (:mod:`include.ingest.batch`) can be extracted at the same time, on any machine that sees the lake, and so can
bands be searched.
"""

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from include.errors import BadInput
from include.ingest.batch import DECIDING, VERSION, in_order, recall_batch
from include.ingest.decide import Decider
from include.ingest.dedup import exact, host_lines, index
from include.ingest.dedup.assemble import Assembled, assemble, made_from
from include.ingest.dedup.bands import find_pairs
from include.ingest.dedup.clusters import build_clusters
from include.ingest.dedup.narrow import contents, signed_shards
from include.ingest.health import check_health
from include.ingest.plan import planned
from include.ingest.privacy import COUNTERS
from include.ingest.read import Texts
from include.lake import Lake, fingerprint, write_atomically
from include.ledger import StageReport, recall_if_current, record
from include.params import IngestParams

BAND_ROWS_PER_TASK = 20_000_000
"""Rows of band hashes that one task groups: seconds of work, so that small dumps need one task and large ones many."""
ROWS_PER_PART = 5_000_000
"""Documents whose lines are counted together."""
_SUMS = ("pages", "files", "bytes")
_NAMES = ("incomplete_files", "damaged_files", "unreadable_files")


def plan_bands(lake: Lake, crawl: str, earlier: list[str], params: IngestParams) -> list[list[int]]:
    """Find exact duplicates, and say which bands are to be grouped together, each group by a task of its own.

    Which earlier dumps are compared with is settled here: another one may be indexed while this one is worked on.

    Args:
        earlier: dumps released before this one, oldest first; those that were not ingested here do not count.

    Raises:
        BadInput: a batch is missing, too many records failed, or no page was kept.
    """
    reports = _batch_reports(lake, crawl, params)
    check_health(crawl, reports, params)
    exact.find_exact(lake, crawl)
    indexed = set(lake.crawls("dedup_index"))
    write_atomically(_earlier_file(lake, crawl), json.dumps([dump for dump in earlier if dump in indexed]).encode())
    rows = sum(shard.rows for shard in signed_shards(lake, crawl))
    size = max(1, BAND_ROWS_PER_TASK // max(1, rows))
    return [list(range(params.dedup.bands))[start : start + size] for start in range(0, params.dedup.bands, size)]


def find_near_duplicates(lake: Lake, crawl: str, bands: Iterable[int], params: IngestParams) -> None:
    """Group these bands, unless that has been done. Raises BadInput if no bands were planned."""
    earlier = _earlier(lake, crawl)
    for band in bands:
        find_pairs(lake, crawl, band, earlier, params.dedup)


def assemble_documents(lake: Lake, crawl: str, params: IngestParams) -> StageReport:
    """Bring all batches of the plan together: ``documents`` and ``rejected_pages``, and the index of later dumps.

    Raises:
        BadInput: a batch is missing, or too many records failed.
    """
    reports = _batch_reports(lake, crawl, params)
    check_health(crawl, reports, params)
    # Nothing to do, unless an earlier dump was indexed anew since.
    find_near_duplicates(lake, crawl, range(params.dedup.bands), params)
    build_clusters(lake, crawl, _earlier(lake, crawl), params.dedup)
    parts = sum(shard.rows for shard in signed_shards(lake, crawl)) // ROWS_PER_PART + 1
    for part in range(parts):
        host_lines.find_host_lines(lake, crawl, part, parts, params.dedup)
    min_words = params.quality.gopher_quality.min_words
    pages = [contents(lake, "pages", crawl, [shard]) for shard in planned(lake, crawl)]
    rules = params.model_dump(mode="json", include={*DECIDING, "dedup", "score"})
    decided_by = fingerprint(VERSION, "documents", crawl, pages, made_from(lake, crawl, parts), rules)
    done = recall_if_current(lake, crawl, "ingest", decided_by)
    if done and all(lake.is_current(decided_by, layer, crawl) for layer in ("documents", "rejected_pages")):
        index.add_to_index(lake, crawl, params.dedup)
        return done
    texts, decider = Texts(params), Decider(params)

    def remeasure(pages: pa.Table) -> pa.Table:
        return decider.score(texts.measure(pages))  # content_hash stays: it tells pages apart as they were extracted

    assembled = assemble(lake, crawl, parts, params.dedup, min_words, remeasure, decided_by, decider.decide)
    index.add_to_index(lake, crawl, params.dedup)
    return record(lake, _report(lake, crawl, reports, assembled, decided_by))


def _report(lake: Lake, crawl: str, reports: list[StageReport], assembled: Assembled, decided_by: str) -> StageReport:
    masked = dict.fromkeys(map("{}s".format, COUNTERS), 0)
    for file in lake.files("documents", crawl):
        table = pq.read_table(file, columns=list(masked))
        for name in masked:
            masked[name] += pc.sum(table[name]).as_py() or 0
    return StageReport(
        stage="ingest",
        crawl=crawl,
        rows_in=sum(report.rows_in for report in reports),
        rows_out=assembled.documents,
        rejected=in_order(_added(report.rejected for report in reports) + assembled.rejected),
        failed=in_order(_added(report.failed for report in reports)),
        detail={
            "fingerprint": decided_by,
            **{key: sum(report.detail[key] for report in reports) for key in _SUMS},
            **{key: sorted(name for report in reports for name in report.detail[key]) for key in _NAMES},
            "sampled": reports[0].detail["sampled"],
            "languages": in_order(_added(report.detail["languages"] for report in reports)),
            "repeated_lines_removed": assembled.lines_removed,
            "documents_shortened": assembled.documents_shortened,
            **masked,
        },
    )


def _batch_reports(lake: Lake, crawl: str, params: IngestParams) -> list[StageReport]:
    reports, missing = [], []
    for shard, batch in planned(lake, crawl).items():
        report = recall_batch(lake, crawl, shard, batch, params)
        reports += [report] if report else []
        missing += [] if report else [shard]
    if missing:
        raise BadInput(
            f"Crawl {crawl}: {len(missing)} of {len(missing) + len(reports)} batches are not extracted with these "
            f"params and files ({', '.join(missing[:5])}{', ...' if len(missing) > 5 else ''}). Extract these batches "
            "again."
        )
    return reports


def _earlier(lake: Lake, crawl: str) -> list[str]:
    """The dumps that :func:`plan_bands` has settled on."""
    try:
        earlier: list[str] = json.loads(_earlier_file(lake, crawl).read_bytes())
    except FileNotFoundError:
        raise BadInput(
            f"Crawl {crawl} has no plan of bands. Run the task plan_bands, or 'python -m include.cli ingest', first."
        ) from None
    return earlier


def _earlier_file(lake: Lake, crawl: str) -> Path:
    return lake.path("batches", crawl) / "earlier.json"


def _added(counts: Iterable[dict[str, int]]) -> Counter[str]:
    return sum((Counter(each) for each in counts), Counter[str]())
