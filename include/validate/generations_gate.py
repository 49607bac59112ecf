"""Decides over the generations of a dump as a whole, once every row has its verdict."""

from dataclasses import replace
from typing import Any

from include.lake import Lake
from include.ledger import StageReport, record
from include.validate.deciding import decide, summary_path
from include.validate.figures import rows
from include.validate.gate_params import GateParams
from include.validate.generations_report import gate_report
from include.validate.history import Comparison, Profile, compare, compared_with
from include.validate.outcome import raise_if_failed, write_outcome
from include.validate.suites import collapse
from include.validate.suites.drift import drifts
from include.validate.suites.generations import GROUPS, expectations, measure
from include.validate.summary import write_summary

STAGE = "gate"
_EXAMPLES = """
    SELECT * EXCLUDE (file_row_number) FROM quarantined
    WHERE file_row_number IN (SELECT min(file_row_number) FROM quarantined GROUP BY reason)
"""


def conclude(lake: Lake, crawl: str, key: str, params: GateParams, earlier: list[Profile]) -> StageReport:
    """Evaluate the suite over the tables of the gate; write Data Docs, summary, report and outcome.

    Args:
        key: fingerprint of all that decided over the rows, which the gate's tables carry.

    Raises:
        GateFailed: a critical expectation failed or could not be evaluated.
    """
    report = gate_report(lake, crawl, STAGE, params.drift.min_rows)
    this = Profile(**report.detail["profile"])
    drifted = compare(this, earlier, drifts(params.drift, GROUPS), params.drift.min_rows, "generations")
    alike = collapse.figures(report.detail["collapse"], params.collapse)
    comparison = Comparison(drifted.figures | alike.figures, drifted.not_judged | alike.not_judged)
    expected = [item for item in expectations(params) if item.name not in comparison.not_judged]
    figures = measure(lake, crawl, comparison)
    outcome = decide(lake, crawl, "generations", key, figures, expected, compared_with(earlier, params))
    judged = {
        "warnings": list(outcome.warnings),
        "compared_with": [other.crawl for other in earlier],
        "not_judged": comparison.not_judged,
    }
    report = replace(report, detail=report.detail | judged)
    write_summary(summary_path(lake, crawl, "generations"), report, outcome.expectations, _examples(lake, crawl))
    record(lake, report)
    # Last of all: until it is there, require_passed sees tables that no outcome vouches for.
    write_outcome(lake, outcome)
    raise_if_failed(lake, outcome)
    return report


def _examples(lake: Lake, crawl: str) -> dict[str, dict[str, Any]]:
    """The first quarantined row of each reason."""
    with lake.query() as db:
        [file] = lake.files("quarantined", crawl)
        db.read_parquet(str(file), file_row_number=True).create_view("quarantined")
        return {row["reason"]: row for row in rows(db, _EXAMPLES)}
