"""The suite that decides over the documents of a dump.

DuckDB reduces the table to a single row of figures (no text and no id leaves it), the reports of ingest give the rest,
and that row is what Great Expectations validates. Each expectation has the name of its figure.
"""

from math import ceil
from typing import Any, Literal

from include.lake import Lake
from include.ledger import StageReport
from include.validate.documents_params import DocumentsGateParams
from include.validate.expected import NONE, Expected
from include.validate.history import Comparison, Tally

NOT_NULL = ("doc_id", "url", "text", "content_hash", "language")
UNIQUE = ("doc_id", "content_hash")
_NOT_TO_KEEP = ("http_status", "not_html", "language")
"""Reasons that say nothing of the quality of the pages."""
Severity = Literal["critical", "warning"]

_FIGURES = f"""
    SELECT count(*) AS documents,
        {", ".join(f"count(*) FILTER ({column} IS NULL) AS without_{column}" for column in NOT_NULL)},
        {", ".join(f"count({column}) - count(DISTINCT {column}) AS repeated_{column}" for column in UNIQUE)},
        count(*) FILTER (NOT regexp_matches(text, '\\S')) AS empty_texts
    FROM documents
"""


def measure(lake: Lake, report: StageReport, this: Tally, comparison: Comparison) -> dict[str, Any]:
    """The figures of the table ``documents`` and of its report, by name."""
    with lake.query() as db:
        db.read_parquet([str(file) for file in lake.files("documents", report.crawl)]).create_view("documents")
        figures: dict[str, Any] = db.sql(_FIGURES).to_arrow_table().to_pylist()[0]
    figures["lost_documents"] = abs(report.rows_out - figures["documents"])
    figures["incomplete_files"] = len(report.detail["incomplete_files"])
    figures["failed_share"] = sum(report.failed.values()) / max(1, this.pages)
    judged = this.pages - sum(report.rejected.get(reason, 0) for reason in _NOT_TO_KEEP)
    figures["accepted_share"] = figures["accepted_share_is_plausible"] = report.rows_out / max(1, judged)
    return figures | comparison.figures


def expectations(params: DocumentsGateParams, files: int) -> list[Expected]:
    """All expectations, in the order in which they are reported.

    Args:
        files: of the dump.
    """
    damaged = "The table 'documents' is damaged: run the last step of ingest (deduplicate) again on this dump."
    incomplete = ceil(params.max_incomplete_share * files)
    return [
        _least(
            "documents", 1, "", "the dump has documents",
            "All pages were rejected, or the source is empty: see the reasons in the report of the stage ingest.",
        ),
        *(_most(f"without_{column}", 0, "", f"every document has its {column}", damaged) for column in NOT_NULL),
        *(_most(f"repeated_{column}", 0, "", f"no two documents share their {column}", damaged) for column in UNIQUE),
        _most("empty_texts", 0, "", "every text has a letter or another sign", damaged),
        _most("lost_documents", 0, "", "the table has as many documents as the report of ingest says", damaged),
        _most(
            "incomplete_files", incomplete, "max_incomplete_share", "nearly every file was read to its end",
            "The report of the stage ingest names the files: replace them or wait for the source, and run it again.",
        ),
        _most(
            "failed_share", params.max_failed_share, "max_failed_share", "few pages failed",
            "See the failed rows of the lake's table rejected_pages: their reason and detail say what went wrong.",
        ),
        _least(
            "accepted_share", params.min_accepted_share, "min_accepted_share",
            "enough pages in a kept language become documents",
            "See which reason rejects most in the report of the stage ingest, read some of its rows in rejected_pages, "
            "then mend the bound under 'ingest'.",
        ),
        _most(
            "accepted_share_is_plausible", params.max_accepted_share, "max_accepted_share", "some pages are rejected",
            "No crawl is that clean: see whether the bounds under 'ingest' still filter.", "warning",
        ),
        Expected(
            "volume_ratio", "dump", "critical", "there is as much text as in earlier dumps",
            f"{params.min_volume_ratio} to {params.max_volume_ratio} of their median (documents_gate.min_volume_ratio, "
            "max_volume_ratio)",
            "Look whether the source lists all files, and which reason rejects more pages than before.",
            "ExpectColumnMinToBeBetween",
            {"column": "volume_ratio", "min_value": params.min_volume_ratio, "max_value": params.max_volume_ratio},
        ),
        _no_culprit(
            "drifted_languages", "critical", params.max_language_drift, "max_language_drift",
            "languages have the shares that they had in earlier dumps",
            "Read some texts of that language in documents and rejected_pages: are they in it? If the crawl has "
            "changed indeed, raise the bound for this run.",
        ),
        _no_culprit(
            "drifted_reasons", "warning", params.max_reason_drift, "max_reason_drift",
            "reasons reject the share of pages that they did in earlier dumps",
            "Were bounds under 'ingest' changed? If not, read some rows with that reason in rejected_pages.",
        ),
    ]  # fmt: skip


def _least(name: str, bound: float, setting: str, claim: str, advice: str) -> Expected:
    return Expected(
        name, "dump", "critical", claim, _named(f"at least {bound}", setting), advice,
        "ExpectColumnMinToBeBetween", {"column": name, "min_value": bound},
    )  # fmt: skip


def _most(name: str, bound: float, setting: str, claim: str, advice: str, severity: Severity = "critical") -> Expected:
    return Expected(
        name, "dump", severity, claim, _named(f"at most {bound}", setting), advice,
        "ExpectColumnMaxToBeBetween", {"column": name, "max_value": bound},
    )  # fmt: skip


def _no_culprit(name: str, severity: Severity, bound: float, setting: str, claim: str, advice: str) -> Expected:
    return Expected(
        name, "dump", severity, claim, _named(f"a change of at most {bound} each", setting), advice,
        "ExpectColumnValuesToBeInSet", {"column": name, "value_set": [NONE]},
    )  # fmt: skip


def _named(bound: str, setting: str) -> str:
    return f"{bound} (documents_gate.{setting})" if setting else bound
