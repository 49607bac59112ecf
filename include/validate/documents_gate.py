"""The gate on the documents of one dump: decides whether anything may be made from them."""

from dataclasses import asdict
from html import escape
from pathlib import Path

from include.errors import BadInput
from include.lake import Lake, fingerprint
from include.ledger import StageReport, recall, record
from include.validate import data_docs
from include.validate.documents import expectations, measure
from include.validate.documents_params import DocumentsGateParams
from include.validate.history import Comparison, Tally, compare, recall_earlier, tally, usual
from include.validate.outcome import (
    Outcome,
    raise_if_failed,
    read_outcome,
    table_digest,
    write_outcome,
)
from include.validate.pages import cell, findings_table, number, table, write_page

VERSION = "1"
STAGE = "documents_gate"


def run_documents_gate(lake: Lake, crawl: str, earlier: list[str], params: DocumentsGateParams) -> StageReport:
    """Validate the table ``documents``; write Data Docs, the report and the outcome.

    Args:
        earlier: dumps to compare with. Those that were not ingested here or failed this gate are passed over.

    Raises:
        BadInput: the dump is not ingested yet, or by an older version.
        GateFailed: a critical expectation failed or could not be evaluated.
    """
    import pandas

    lake.files("documents", crawl)
    ingested = recall(lake, crawl, "ingest")
    if ingested is None:
        raise BadInput(
            f"There is no report of ingest on {crawl}. Run it first: python -m include.cli ingest --crawl {crawl}"
        )
    this, others = tally(ingested), recall_earlier(lake, crawl, earlier)
    digest = table_digest(lake, crawl, "documents")
    key = fingerprint(VERSION, digest, asdict(ingested), [asdict(other) for other in others], params.model_dump())
    current = _current(lake, crawl, key)
    if current is not None:
        outcome, report = current
        raise_if_failed(lake, outcome)
        return report

    comparison = compare(this, others, params)
    expected = [
        item for item in expectations(params, ingested.detail["files"]) if item.name not in comparison.not_judged
    ]
    figures = pandas.DataFrame([measure(lake, ingested, this, comparison)])
    findings = data_docs.build(lake, crawl, "documents", {"dump": figures}, expected, f"{crawl}-{key[:8]}")
    outcome = Outcome(
        crawl=crawl,
        passed=all(finding.passed for finding in findings if finding.severity == "critical"),
        fingerprint=key,
        judged=str(digest),
        expectations=tuple(findings),
        warnings=tuple(str(finding) for finding in findings if finding.severity == "warning" and not finding.passed),
        data_docs=str(_summary_path(lake, crawl).relative_to(lake.root)),
        layer="documents",
    )
    report = _report(ingested, outcome, comparison, others)
    _write_summary(_summary_path(lake, crawl), report, outcome, this, others)
    record(lake, report)
    # Last of all: until it is there, nothing vouches for the report.
    write_outcome(lake, outcome)
    raise_if_failed(lake, outcome)
    return report


def _current(lake: Lake, crawl: str, key: str) -> tuple[Outcome, StageReport] | None:
    """The last outcome and report, if they were made from the same inputs."""
    outcome, report = read_outcome(lake, crawl, "documents"), recall(lake, crawl, STAGE)
    if outcome is None or report is None or outcome.fingerprint != key:
        return None
    return (outcome, report) if (lake.root / outcome.data_docs).exists() else None


def _summary_path(lake: Lake, crawl: str) -> Path:
    return lake.path("data_docs", crawl, "documents") / "summary.html"


def _report(ingested: StageReport, outcome: Outcome, comparison: Comparison, others: list[Tally]) -> StageReport:
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


def _write_summary(path: Path, report: StageReport, outcome: Outcome, this: Tally, others: list[Tally]) -> None:
    detail = report.detail
    extent = f"A sample: {escape(str(detail['sampled']))}." if detail["sampled"] else "The whole dump."
    body = [
        f"<p>{this.pages} pages, <strong>{report.rows_out} documents</strong>. {extent} "
        f"Compared with {escape(', '.join(detail['compared_with'])) or 'no earlier dump'}. "
        '<a href="index.html">Great Expectations\' own pages</a></p>',
        "<h2>Expectations</h2>",
        findings_table(outcome.expectations),
        *(f"<p>Not judged: {escape(name)}, because {escape(why)}.</p>" for name, why in detail["not_judged"].items()),
        "<h2>Languages</h2>",
        _shares_table("language", this.languages, usual(other.languages for other in others)),
        "<h2>Why pages were rejected</h2>",
        _shares_table("reason", this.reasons, usual(other.reasons for other in others)),
    ]
    write_page(path, f"Gate of the documents of {report.crawl}", body)


def _shares_table(head: str, this: dict[str, float], before: dict[str, float]) -> str:
    names = sorted({*this, *before}, key=lambda name: (-this.get(name, 0.0), name))
    return table(
        (head, "share", "median of earlier dumps"),
        (
            cell(name) + number(f"{this.get(name, 0.0):.4f}") + number(f"{before[name]:.4f}" if name in before else "")
            for name in names
        ),
    )
