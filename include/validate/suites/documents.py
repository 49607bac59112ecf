"""The suite that decides over the documents of a dump: its table and the reports of ingest, as figures."""

from math import ceil

from include.lake import Lake
from include.ledger import StageReport
from include.validate.documents_params import DocumentsGateParams
from include.validate.expected import Expected, Suite
from include.validate.figures import Figures, one_row
from include.validate.history import Comparison, Profile

NOT_NULL = ("doc_id", "url", "text", "content_hash", "language")
UNIQUE = ("doc_id", "content_hash")
_NOT_TO_KEEP = ("http_status", "not_html", "language")
"""Reasons that say nothing of the quality of the pages."""


def measure(lake: Lake, report: StageReport, this: Profile, comparison: Comparison) -> Figures:
    """The figures of the table ``documents`` and of its report."""
    figures = Figures()
    with lake.query() as db:
        db.read_parquet([str(file) for file in lake.files("documents", report.crawl)]).create_view("documents")
        figures.measure(["documents"], lambda: one_row(db, "SELECT count(*) AS documents FROM documents"))
        bad = {f"without_{column}": f"{column} IS NULL" for column in NOT_NULL}
        bad["empty_texts"] = "NOT regexp_matches(text, '\\S')"
        figures.count(db, "documents", bad, shown="coalesce(doc_id, url)")
        for column in UNIQUE:
            repeated = f"(SELECT {column} FROM documents GROUP BY {column} HAVING count({column}) > 1)"
            figures.count(db, repeated, {f"repeated_{column}": "true"}, shown=column)
    figures.measure(["lost_documents", "incomplete_files", "failed_share"], lambda: _of_report(report, figures, this))
    judged = this.rows - sum(report.rejected.get(reason, 0) for reason in _NOT_TO_KEEP)
    figures.measure(["accepted_share"], lambda: {"accepted_share": report.rows_out / max(1, judged)})
    figures.measure(comparison.figures, lambda: comparison.figures)
    return figures


def _of_report(report: StageReport, figures: Figures, this: Profile) -> dict[str, float]:
    return {
        "lost_documents": abs(report.rows_out - figures.values["documents"]),
        "incomplete_files": len(report.detail["incomplete_files"]),
        "failed_share": sum(report.failed.values()) / max(1, this.rows),
    }


def expectations(params: DocumentsGateParams, files: int) -> list[Expected]:
    """All expectations, in the order in which they are reported.

    Args:
        files: of the dump.
    """
    suite = Suite("documents_gate")
    damaged = "The table 'documents' is damaged: run the last step of ingest (deduplicate) again on this dump."
    incomplete = ceil(params.max_incomplete_share * files)
    return [
        suite.least(
            "documents", 1, "", "the dump has documents",
            "All pages were rejected, or the source is empty: see the reasons in the report of the stage ingest.",
        ),
        *(suite.no_rows(f"without_{column}", f"every document has its {column}", damaged) for column in NOT_NULL),
        *(suite.no_rows(f"repeated_{column}", f"no two documents share their {column}", damaged) for column in UNIQUE),
        suite.no_rows("empty_texts", "every text has a letter or another sign", damaged),
        suite.no_rows("lost_documents", "the table has as many documents as the report of ingest says", damaged),
        suite.most(
            "incomplete_files", incomplete, "max_incomplete_share", "nearly every file was read to its end",
            "The report of the stage ingest names the files: replace them or wait for the source, and run it again.",
        ),
        suite.most(
            "failed_share", params.max_failed_share, "max_failed_share", "few pages failed",
            "See the failed rows of the lake's table rejected_pages: their reason and detail say what went wrong.",
        ),
        suite.least(
            "accepted_share", params.min_accepted_share, "min_accepted_share",
            "enough pages in a kept language become documents",
            "See which reason rejects most in the report of the stage ingest, read some of its rows in rejected_pages, "
            "then mend the bound under 'ingest'.",
        ),
        suite.most(
            "accepted_share_is_plausible", params.max_accepted_share, "max_accepted_share", "some pages are rejected",
            "No crawl is that clean: see whether the bounds under 'ingest' still filter.", "warning",
            figure="accepted_share",
        ),
        suite.between(
            "volume_ratio", params.min_volume_ratio, params.max_volume_ratio, "min_volume_ratio, max_volume_ratio",
            "there is as much text as in earlier dumps (over their median)",
            "Look whether the source lists all files, and which reason rejects more pages than before.",
        ),
        suite.nobody(
            "drifted_languages", f"a change of at most {params.max_language_drift} each", "max_language_drift",
            "languages have the shares that they had in earlier dumps",
            "Read some texts of that language in documents and rejected_pages: are they in it? If the crawl has "
            "changed indeed, raise the bound for this run.",
        ),
        suite.nobody(
            "drifted_reasons", f"a change of at most {params.max_reason_drift} each", "max_reason_drift",
            "reasons reject the share of pages that they did in earlier dumps",
            "Were bounds under 'ingest' changed? If not, read some rows with that reason in rejected_pages.", "warning",
        ),
    ]  # fmt: skip
