"""Makes the stages' reports true again: what went is a row rejected as ``taken_down``.

Each count is taken from what the tables hold now, and what is missing of the rows that went in is what was taken down:
counted again, the same comes out. Rows that an earlier reason had rejected before stay counted there, but for the
gate's, whose quarantined rows went, too.
"""

from collections.abc import Iterator
from dataclasses import replace

from include.errors import ConservationError
from include.lake import Lake
from include.ledger import StageReport, recall, record
from include.take_down.remove import REASON
from include.take_down.tables import SIGNATURES, tables
from include.validate.generations_report import gate_report


def recount(lake: Lake, crawl: str, min_rows: int) -> None:
    """Correct the reports of a dump's stages that lost rows. Those of corpus and training are made again.

    Args:
        min_rows: as in :func:`include.validate.generations_report.gate_report`.
    """
    for stage, rows_out in _rows_out(lake, crawl):
        if report := recall(lake, crawl, stage):
            _record(lake, report, replace(report, rows_out=rows_out))
    judged = recall(lake, crawl, "gate")
    if judged and all(lake.manifest(layer, crawl) for layer in ("verdicts", "accepted", "coverage")):
        now = gate_report(lake, crawl, "gate", min_rows)
        detail = {**judged.detail, **{name: now.detail[name] for name in now.detail if name != "warnings"}}
        _record(lake, judged, replace(now, rows_in=judged.rows_in, detail=detail))


def _record(lake: Lake, before: StageReport, after: StageReport) -> None:
    """Record the counts of ``after``, what is missing of the rows in as taken down."""
    others = {reason: count for reason, count in after.rejected.items() if reason != REASON}
    gone = after.rows_in - after.rows_out - sum(others.values()) - sum(after.failed.values())
    if gone < before.rejected.get(REASON, 0):
        raise ConservationError(
            f"Stage {before.stage} of {before.crawl} has {after.rows_out} rows where it reported {before.rows_out}: it "
            "was not the take-down that changed them. Run the stage again, then the take-down."
        )
    after = replace(after, rejected=others | ({REASON: gone} if gone else {}))
    if after != before:
        record(lake, after)


def _rows_out(lake: Lake, crawl: str) -> Iterator[tuple[str, int]]:
    """(stage, rows that it gives now) for each but the gate on generations."""
    for table in tables(lake):
        if table.layer == SIGNATURES and table.crawl == crawl:
            yield f"extract-{table.shard}", lake.finished(*table).rows
    if documents := lake.manifest("documents", crawl):
        yield "ingest", documents.rows
        yield "documents_gate", documents.rows
    with lake.query() as query:
        for stage, layer, counted in (("plan", "requests", _PLANNED), ("rephrase", "generations", _WHOLE)):
            if lake.manifest(layer, crawl):
                files = [str(file) for file in lake.files(layer, crawl)]
                [(rows,)] = query.execute(counted, {"files": files}).fetchall()
                yield stage, rows


_PLANNED = "SELECT count(DISTINCT doc_id) FROM read_parquet($files)"
_WHOLE = """
    SELECT count(*) FROM (
        SELECT bool_or(stopped_at IS NULL AND error IS NULL) AS whole FROM read_parquet($files)
        GROUP BY doc_id, recipe, segment
    ) WHERE whole
"""
