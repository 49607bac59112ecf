"""The gate on the documents of one dump: decides whether anything may be made from them."""

from dataclasses import asdict
from html import escape

from include.errors import BadInput
from include.lake import Lake, fingerprint
from include.ledger import StageReport, recall, record
from include.validate.deciding import broken_counts_as_failed, decide, summary_path
from include.validate.documents_params import DocumentsGateParams
from include.validate.documents_profile import NEEDED, profile, recall_earlier
from include.validate.history import Comparison, Drift, Profile, compare, compared_with, usual
from include.validate.outcome import Outcome, current_outcome, raise_if_failed, table_digest, write_outcome
from include.validate.pages import cell, findings_table, not_judged, number, table, write_page
from include.validate.suites.documents import expectations, measure

VERSION = "2"
STAGE = "documents_gate"


def run_documents_gate(lake: Lake, crawl: str, earlier: list[str], params: DocumentsGateParams) -> StageReport:
    """Validate the table ``documents``; write Data Docs, the report and the outcome.

    Args:
        earlier: dumps to compare with. Those that were not ingested here or failed this gate are passed over.

    Raises:
        BadInput: the dump is not ingested yet, or by an older version.
        GateFailed: a critical expectation failed or could not be evaluated.
    """
    lake.files("documents", crawl)
    ingested = recall(lake, crawl, "ingest")
    if ingested is None:
        raise BadInput(
            f"There is no report of ingest on {crawl}. Run it first: python -m include.cli ingest --crawl {crawl}"
        )
    if missing := [key for key in NEEDED if key not in ingested.detail]:
        raise BadInput(
            f"The report of ingest on {crawl} does not say {', '.join(missing)}: an older version wrote it. "
            f"Run it again: python -m include.cli ingest --crawl {crawl}"
        )
    with broken_counts_as_failed(lake, crawl, "documents"):
        return _judge(lake, ingested, recall_earlier(lake, crawl, earlier), params)


def _judge(lake: Lake, ingested: StageReport, others: list[Profile], params: DocumentsGateParams) -> StageReport:
    this, crawl = profile(ingested), ingested.crawl
    digest = table_digest(lake, crawl, "documents")
    key = fingerprint(VERSION, digest, asdict(ingested), params.model_dump())
    current = current_outcome(lake, crawl, "documents", STAGE, key, compared_with(others, params))
    if current is not None:
        raise_if_failed(lake, current[0])
        return current[1]

    comparison = _compare(this, others, params)
    expected = [
        item for item in expectations(params, ingested.detail["files"]) if item.name not in comparison.not_judged
    ]
    figures = measure(lake, ingested, this, comparison)
    outcome = decide(lake, crawl, "documents", key, figures, expected, compared_with(others, params))
    report = _report(ingested, outcome, comparison, others)
    _write_summary(lake, report, outcome, this, others)
    record(lake, report)
    # Last of all: until it is there, nothing vouches for the report.
    write_outcome(lake, outcome)
    raise_if_failed(lake, outcome)
    return report


def _compare(this: Profile, others: list[Profile], params: DocumentsGateParams) -> Comparison:
    drifts = [
        Drift("drifted_languages", "languages", params.max_language_drift, "spread"),
        Drift("drifted_reasons", "reasons", params.max_reason_drift, "spread"),
    ]
    comparison = compare(this, others, drifts, params.min_pages, "pages")
    if this.rows >= params.min_pages:
        return comparison
    few = f"the dump has fewer than {params.min_pages} pages"
    shares = dict.fromkeys(("accepted_share", "accepted_share_is_plausible"), few)
    return Comparison(comparison.figures, shares | comparison.not_judged)


def _report(ingested: StageReport, outcome: Outcome, comparison: Comparison, others: list[Profile]) -> StageReport:
    """It judges a dump as a whole: each document comes out of it."""
    return StageReport(
        stage=STAGE,
        crawl=ingested.crawl,
        rows_in=ingested.rows_out,
        rows_out=ingested.rows_out,
        detail={
            "passed": outcome.passed,
            "warnings": list(outcome.warnings),
            "compared_with": [other.crawl for other in others],
            "not_judged": comparison.not_judged,
            "sampled": ingested.detail["sampled"],
        },
    )


def _write_summary(lake: Lake, report: StageReport, outcome: Outcome, this: Profile, others: list[Profile]) -> None:
    detail = report.detail
    extent = f"A sample: {escape(str(detail['sampled']))}." if detail["sampled"] else "The whole dump."
    body = [
        f"<p>{this.rows} pages, <strong>{report.rows_out} documents</strong>. {extent} "
        f"Compared with {escape(', '.join(detail['compared_with'])) or 'no earlier dump'}. "
        '<a href="index.html">Great Expectations\' own pages</a></p>',
        "<h2>Expectations</h2>",
        findings_table(outcome.expectations),
        *not_judged(detail["not_judged"]),
        "<h2>Languages</h2>",
        _shares_table("language", this.groups["languages"], usual(other.groups["languages"] for other in others)),
        "<h2>Why pages were rejected</h2>",
        _shares_table("reason", this.groups["reasons"], usual(other.groups["reasons"] for other in others)),
    ]
    write_page(summary_path(lake, report.crawl, "documents"), f"Gate of the documents of {report.crawl}", body)


def _shares_table(head: str, this: dict[str, float], before: dict[str, float]) -> str:
    names = sorted({*this, *before}, key=lambda name: (-this.get(name, 0.0), name))
    return table(
        (head, "share", "median of earlier dumps"),
        (
            cell(name) + number(f"{this.get(name, 0.0):.4f}") + number(f"{before[name]:.4f}" if name in before else "")
            for name in names
        ),
    )
