"""A self-contained page on a gate: it opens without a network, and crawled text in it stays text."""

from collections.abc import Iterable
from html import escape
from pathlib import Path

from include.validate.outcome import Finding

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; color: #1a1a1a }
table { border-collapse: collapse; width: 100%; margin: 1rem 0 2rem }
th, td { text-align: left; vertical-align: top; padding: .4rem .6rem; border-bottom: 1px solid #ccc }
td.number { text-align: right; font-variant-numeric: tabular-nums }
.passed { color: #1a6b2f } .critical { color: #a3141d; font-weight: 600 } .warning { color: #7a4b00; font-weight: 600 }
blockquote { margin: .3rem 0; padding: .3rem .8rem; border-left: 3px solid #aaa; white-space: pre-wrap;
             overflow-wrap: anywhere }
"""


def write_page(path: Path, title: str, body: Iterable[str]) -> None:
    """Write a page of HTML fragments, which must be escaped where they hold anything from outside."""
    path.write_text(
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head>\n<body>\n<h1>{escape(title)}</h1>\n" + "\n".join(body) + "\n</body></html>\n",
        encoding="utf-8",
    )


def findings_table(findings: Iterable[Finding]) -> str:
    return table(("expectation", "verdict", "observed", "allowed", "what to do"), map(_finding, findings))


def not_judged(reasons: dict[str, str]) -> list[str]:
    """A paragraph for each expectation that was left out: what was not looked at must not seem to have passed."""
    return [f"<p>Not judged: {escape(name)}, because {escape(why)}.</p>" for name, why in reasons.items()]


def cell(content: object) -> str:
    return f"<td>{escape(str(content))}</td>"


def number(value: int | str) -> str:
    return f'<td class="number">{value}</td>'


def table(head: Iterable[str], rows: Iterable[str]) -> str:
    heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    return f"<table><tr>{heads}</tr>\n" + "\n".join(f"<tr>{row}</tr>" for row in rows) + "</table>"


def _finding(finding: Finding) -> str:
    verdict = "passed" if finding.passed else f"failed ({finding.severity})"
    css = "passed" if finding.passed else finding.severity
    observed = f"could not be evaluated: {finding.error}" if finding.error else finding.observed
    advice = "" if finding.passed else finding.advice
    return (
        cell(finding.claim)
        + f'<td class="{css}">{verdict}</td>'
        + "".join(map(cell, (observed, finding.bound, advice)))
    )
