"""The report of the gate on generations: counts and coverage, taken from the tables that it has written."""

from dataclasses import asdict
from typing import TYPE_CHECKING

from include.lake import Lake
from include.ledger import StageReport, recall
from include.validate.collapse import measure_collapse
from include.validate.figures import rows
from include.validate.generated import generated_text
from include.validate.history import Profile, shares
from include.validate.quantiles import quantiles

if TYPE_CHECKING:
    import duckdb

FAILED = ("engine_error",)
"""Reasons that mean "never generated" and not "rejected"."""
ALL = "all recipes"
_SAME = ("opening_5", "opening_3_top_10", "length_variation")
"""Figures of collapse that do not depend on how many texts there are."""

_BY_REASON = "SELECT reason, count(*) AS rows FROM verdicts GROUP BY reason ORDER BY reason"
_BY_RECIPE = """
    SELECT recipe, count(*) AS generations, count(*) FILTER (accepted) AS accepted
    FROM verdicts GROUP BY recipe ORDER BY recipe
"""
_LENGTHS = """
    CREATE TABLE lengths AS
    SELECT recipe AS name, len(regexp_extract_all({generated}, '\\S+')) AS words, count(*) AS rows,
        coalesce(sum(completion_tokens), 0)::BIGINT AS tokens
    FROM accepted GROUP BY ALL
"""
_ACCEPTED = """
    SELECT coalesce(sum(words * rows), 0)::BIGINT AS words, coalesce(sum(tokens), 0)::BIGINT AS tokens FROM lengths
"""
_COVERAGE = """
    SELECT recipe, count(*) AS documents, round(avg(coverage::DOUBLE), 4) AS mean,
        count(*) FILTER (accepted_sentences = 0) AS without_accepted
    FROM coverage GROUP BY recipe ORDER BY recipe
"""
_LANGUAGES = "SELECT language, count(*) AS rows FROM verdicts JOIN documents USING (doc_id) GROUP BY language"


def gate_report(lake: Lake, crawl: str, stage: str, min_rows: int) -> StageReport:
    """Every generation is accepted (rows out), rejected or failed.

    ``detail`` has ``accepted_words`` (without sources that are published in front of a text), ``accepted_tokens``,
    ``by_recipe``, ``collapse`` (:mod:`include.validate.collapse`), ``coverage`` (``overall`` and ``by_recipe``:
    documents, the mean of their coverages, and how many of them have no accepted text at all) and the ``profile`` that
    later dumps are compared with.

    Args:
        min_rows: a recipe with fewer has no place of its own in the profile.
    """
    with lake.query() as db:
        for table in ("verdicts", "accepted", "coverage"):
            db.read_parquet([str(file) for file in lake.files(table, crawl)]).create_view(table)
        db.execute(_LENGTHS.format(generated=generated_text()))
        reasons = {row["reason"]: row["rows"] for row in rows(db, _BY_REASON)}
        by_recipe = {row.pop("recipe"): row for row in rows(db, _BY_RECIPE)}
        [accepted] = rows(db, _ACCEPTED)
        coverage = {row.pop("recipe"): row for row in rows(db, _COVERAGE)}
        groups = {"lengths": quantiles(db, min_rows), **_languages(db, lake, crawl)}
    rows_out = reasons.pop(None, 0)
    rows_in = rows_out + sum(reasons.values())
    groups["reasons"] = shares(reasons, rows_in)
    groups["accepted"] = {ALL: rows_out / max(1, rows_in)} | {
        recipe: its["accepted"] / its["generations"]
        for recipe, its in by_recipe.items()
        if its["generations"] >= min_rows
    }
    collapse = measure_collapse(lake, crawl)
    groups["collapse"] = {
        f"{recipe} {name}": of[name] for recipe, of in collapse.items() for name in _SAME if of["texts"] >= min_rows
    }
    nothing = {"documents": 0, "mean": 0.0, "without_accepted": 0}
    return StageReport(
        stage=stage,
        crawl=crawl,
        rows_in=rows_in,
        rows_out=rows_out,
        rejected={reason: count for reason, count in reasons.items() if reason not in FAILED},
        failed={reason: count for reason, count in reasons.items() if reason in FAILED},
        detail={
            "accepted_words": accepted["words"],
            "accepted_tokens": accepted["tokens"],
            "by_recipe": by_recipe,
            "collapse": collapse,
            "coverage": {"overall": coverage.pop(None, nothing), "by_recipe": coverage},
            "profile": asdict(Profile(crawl, rows_in, rows_in, sampled(lake, crawl), groups)),
        },
    )


def _languages(db: "duckdb.DuckDBPyConnection", lake: Lake, crawl: str) -> dict[str, dict[str, float]]:
    """Of the pages that the generations were made from; nothing if the table of documents is gone."""
    if lake.manifest("documents", crawl) is None:
        return {}
    db.read_parquet([str(file) for file in lake.files("documents", crawl)]).create_view("documents")
    counts = {str(row["language"]): row["rows"] for row in rows(db, _LANGUAGES)}
    return {"languages": shares(counts, sum(counts.values()))}


def sampled(lake: Lake, crawl: str) -> str:
    """Why the number of rows says nothing of the dump, or nothing."""
    ingest, plan = recall(lake, crawl, "ingest"), recall(lake, crawl, "plan")
    if ingest is not None and ingest.detail.get("sampled"):
        return "the dump is a sample"
    left_out = plan.rejected.get("beyond_max_documents", 0) if plan is not None else 0
    return "rephrase.max_documents left documents out" if left_out else ""
