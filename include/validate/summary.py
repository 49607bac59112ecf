"""The summary of the gate on generations."""

from collections.abc import Iterable
from html import escape
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from include.ledger import StageReport
from include.validate.outcome import Finding
from include.validate.pages import cell, findings_table, number, table, write_page

EXAMPLE_CHARACTERS = 600


def write_summary(path: Path, report: StageReport, findings: Iterable[Finding], quarantined: pa.Table) -> None:
    """Write the page.

    Args:
        quarantined: the rejected rows (JUDGED); the first one of each reason is shown.
    """
    reasons = {**report.rejected, **report.failed}
    body = [
        f"<p>{report.rows_in} generations, <strong>{report.rows_out} accepted</strong> "
        f"({report.detail['accepted_words']} words), {sum(reasons.values())} quarantined. "
        '<a href="index.html">Great Expectations\' own pages</a></p>',
        "<h2>Expectations</h2>",
        findings_table(findings),
        "<h2>Recipes</h2>",
        table(
            ("recipe", "generations", "accepted"),
            (
                cell(recipe) + number(counts["generations"]) + number(counts["accepted"])
                for recipe, counts in sorted(report.detail["by_recipe"].items())
            ),
        ),
        "<h2>Why rows were rejected</h2>",
        table(
            ("reason", "rows"),
            (
                cell(reason) + number(count)
                for reason, count in sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
            ),
        ),
        *(_example(reason, quarantined) for reason in sorted(reasons)),
    ]
    write_page(path, f"Gate of {report.crawl}", body)


def _example(reason: str, quarantined: pa.Table) -> str:
    row = quarantined.filter(pc.equal(quarantined["reason"], reason)).slice(0, 1).to_pylist()[0]
    said = row["output"] or row["error"] or ""
    return (
        f"<h3>{escape(reason)}</h3><p>Recipe {escape(row['recipe'])}, document {escape(row['doc_id'])}, "
        f"segment {row['segment']}</p><p>Source</p><blockquote>{_excerpt(row['source'])}</blockquote>"
        f"<p>Output</p><blockquote>{_excerpt(said)}</blockquote>"
    )


def _excerpt(text: str) -> str:
    cut = text if len(text) <= EXAMPLE_CHARACTERS else text[:EXAMPLE_CHARACTERS] + " …"
    return escape(cut)
