"""The report of the gate on generations: counts and coverage, taken from the tables that it has written."""

from typing import TYPE_CHECKING, Any

from include.lake import Lake
from include.ledger import StageReport
from include.validate.outcome import Finding

if TYPE_CHECKING:
    import duckdb

FAILED = ("engine_error",)
"""Reasons that mean "never generated" and not "rejected"."""


def gate_report(lake: Lake, crawl: str, stage: str, findings: list[Finding]) -> StageReport:
    """Every generation is accepted (rows out), rejected or failed.

    ``detail`` has ``accepted_words``, ``accepted_tokens``, ``by_recipe``, ``coverage`` (``overall`` and ``by_recipe``:
    documents, the mean of their coverages, and how many of them have no accepted text at all) and ``warnings``.
    """
    with lake.query() as db:
        for table in ("verdicts", "accepted", "coverage"):
            db.read_parquet([str(file) for file in lake.files(table, crawl)]).create_view(table)
        reasons = {
            row["reason"]: row["rows"]
            for row in _rows(db, "SELECT reason, count(*) AS rows FROM verdicts GROUP BY reason ORDER BY reason")
        }
        by_recipe = _rows(
            db,
            """
            SELECT recipe, count(*) AS generations, count(*) FILTER (accepted) AS accepted
            FROM verdicts GROUP BY recipe ORDER BY recipe
            """,
        )
        [accepted] = _rows(
            db,
            """
            SELECT coalesce(sum(len(regexp_extract_all(text, '\\S+'))), 0)::BIGINT AS words,
                coalesce(sum(completion_tokens), 0)::BIGINT AS tokens
            FROM accepted
            """,
        )
        coverage = _rows(
            db,
            """
            SELECT recipe, count(*) AS documents, round(avg(coverage::DOUBLE), 4) AS mean,
                count(*) FILTER (accepted_sentences = 0) AS without_accepted
            FROM coverage GROUP BY recipe ORDER BY recipe
            """,
        )
    rows_out = reasons.pop(None, 0)
    nothing = {"documents": 0, "mean": 0.0, "without_accepted": 0}
    covered = {row.pop("recipe"): row for row in coverage}
    return StageReport(
        stage=stage,
        crawl=crawl,
        rows_in=rows_out + sum(reasons.values()),
        rows_out=rows_out,
        rejected={reason: count for reason, count in reasons.items() if reason not in FAILED},
        failed={reason: count for reason, count in reasons.items() if reason in FAILED},
        detail={
            "accepted_words": accepted["words"],
            "accepted_tokens": accepted["tokens"],
            "by_recipe": {row.pop("recipe"): row for row in by_recipe},
            "coverage": {"overall": covered.pop(None, nothing), "by_recipe": covered},
            "warnings": [str(finding) for finding in findings if finding.severity == "warning" and not finding.passed],
        },
    )


def _rows(db: "duckdb.DuckDBPyConnection", query: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = db.sql(query).to_arrow_table().to_pylist()
    return rows
