"""The summary of the gate on generations."""

from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import Any

from include.ledger import StageReport
from include.validate.outcome import Finding
from include.validate.pages import cell, findings_table, not_judged, number, table, write_page

EXAMPLE_CHARACTERS = 600


def write_summary(
    path: Path, report: StageReport, findings: Iterable[Finding], examples: dict[str, dict[str, Any]]
) -> None:
    """Write the page.

    Args:
        examples: a rejected row (JUDGED) of each reason.
    """
    reasons = {**report.rejected, **report.failed}
    coverage = report.detail["coverage"]
    overall = coverage["overall"]
    body = [
        f"<p>{report.rows_in} generations, <strong>{report.rows_out} accepted</strong> "
        f"({report.detail['accepted_words']} words), {sum(reasons.values())} quarantined. "
        f"{overall['mean']:.0%} of a document's sentences ended in accepted text (mean over {overall['documents']} "
        f"documents; {overall['without_accepted']} have none). "
        f"Compared with {escape(', '.join(report.detail['compared_with'])) or 'no earlier dump'}. "
        '<a href="index.html">Great Expectations\' own pages</a></p>',
        "<h2>Expectations</h2>",
        findings_table(findings),
        *not_judged(report.detail["not_judged"]),
        "<h2>Recipes</h2>",
        table(
            ("recipe", "generations", "accepted", "documents", "without accepted text", "mean coverage"),
            (
                cell(recipe) + "".join(map(number, (*counts.values(), *_covered(coverage["by_recipe"][recipe]))))
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
        *(_example(reason, examples[reason]) for reason in sorted(reasons)),
    ]
    write_page(path, f"Gate of {report.crawl}", body)


def _covered(of_recipe: dict[str, Any]) -> tuple[int, int, str]:
    return of_recipe["documents"], of_recipe["without_accepted"], f"{of_recipe['mean']:.3f}"


def _example(reason: str, row: dict[str, Any]) -> str:
    said = row["output"] or row["error"] or ""
    stopped = f", stopped at step {escape(row['stopped_at'])}" if row["stopped_at"] else ""
    return (
        f"<h3>{escape(reason)}</h3><p>Recipe {escape(row['recipe'])}, document {escape(row['doc_id'])}, "
        f"segment {row['segment']}, variant {row['variant']}{stopped}</p>"
        f"<p>Source</p><blockquote>{_excerpt(row['source'])}</blockquote>"
        f"<p>Output</p><blockquote>{_excerpt(said)}</blockquote>"
    )


def _excerpt(text: str) -> str:
    cut = text if len(text) <= EXAMPLE_CHARACTERS else text[:EXAMPLE_CHARACTERS] + " …"
    return escape(cut)
