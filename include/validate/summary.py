"""One self-contained page on a gate: it opens without a network, and crawled text in it stays text."""

from collections.abc import Iterable
from html import escape
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from include.ledger import StageReport
from include.validate.outcome import Finding

EXAMPLE_CHARACTERS = 600

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; color: #1a1a1a }
table { border-collapse: collapse; width: 100%; margin: 1rem 0 2rem }
th, td { text-align: left; vertical-align: top; padding: .4rem .6rem; border-bottom: 1px solid #ccc }
td.number { text-align: right; font-variant-numeric: tabular-nums }
.passed { color: #1a6b2f } .critical { color: #a3141d; font-weight: 600 } .warning { color: #7a4b00; font-weight: 600 }
blockquote { margin: .3rem 0; padding: .3rem .8rem; border-left: 3px solid #aaa; white-space: pre-wrap;
             overflow-wrap: anywhere }
"""


def write_summary(path: Path, report: StageReport, findings: Iterable[Finding], quarantined: pa.Table) -> None:
    """Write the page.

    Args:
        quarantined: the rejected rows (JUDGED); the first one of each reason is shown.
    """
    reasons = {**report.rejected, **report.failed}
    body = [
        f"<h1>Gate of {escape(report.crawl)}</h1>",
        f"<p>{report.rows_in} generations, <strong>{report.rows_out} accepted</strong> "
        f"({report.detail['accepted_words']} words), {sum(reasons.values())} quarantined. "
        '<a href="index.html">Great Expectations\' own pages</a></p>',
        "<h2>Expectations</h2>",
        _table(("expectation", "verdict", "observed", "allowed", "what to do"), map(_finding, findings)),
        "<h2>Recipes</h2>",
        _table(
            ("recipe", "generations", "accepted"),
            (
                _cell(recipe) + _number(counts["generations"]) + _number(counts["accepted"])
                for recipe, counts in sorted(report.detail["by_recipe"].items())
            ),
        ),
        "<h2>Why rows were rejected</h2>",
        _table(
            ("reason", "rows"),
            (
                _cell(reason) + _number(count)
                for reason, count in sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
            ),
        ),
        *(_example(reason, quarantined) for reason in sorted(reasons)),
    ]
    page = (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Gate of {escape(report.crawl)}</title>'
        f"<style>{_STYLE}</style></head>\n<body>\n" + "\n".join(body) + "\n</body></html>\n"
    )
    path.write_text(page, encoding="utf-8")


def _cell(content: object) -> str:
    return f"<td>{escape(str(content))}</td>"


def _number(value: int) -> str:
    return f'<td class="number">{value}</td>'


def _table(head: Iterable[str], rows: Iterable[str]) -> str:
    heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    return f"<table><tr>{heads}</tr>\n" + "\n".join(f"<tr>{row}</tr>" for row in rows) + "</table>"


def _finding(finding: Finding) -> str:
    verdict = "passed" if finding.passed else f"failed ({finding.severity})"
    css = "passed" if finding.passed else finding.severity
    observed = f"could not be evaluated: {finding.error}" if finding.error else finding.observed
    advice = "" if finding.passed else finding.advice
    return (
        _cell(finding.claim)
        + f'<td class="{css}">{verdict}</td>'
        + "".join(map(_cell, (observed, finding.bound, advice)))
    )


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
