"""What the gate measured over a dump, and how much of it passed: a section of its dataset card."""

from include.lake import Lake
from include.ledger import recall
from include.publish.card.markdown import table
from include.validate.checks import CHECKS

_PASSED = """
    SELECT checked.name AS name, count(*) AS measured, count(*) FILTER (checked.passed) AS passed,
        count(*) FILTER (checked.name = reason) AS decided
    FROM (SELECT unnest(checks) AS checked, reason FROM read_parquet($files))
    GROUP BY ALL
"""


def checks_passed(lake: Lake, crawl: str) -> str:
    """Each row check in the order in which they decide, then how the gate itself went."""
    with lake.query() as db:
        rows = db.execute(_PASSED, {"files": [str(file) for file in lake.files("verdicts", crawl)]}).fetchall()
    found = {name: counts for name, *counts in rows}
    order = [check.name for check in CHECKS if check.name in found]
    lines = [
        [f"`{name}`", f"{measured:,}", f"{passed / measured:.1%}", f"{decided:,}"]
        for name in [*order, *sorted(found.keys() - set(order))]
        for measured, passed, decided in [found[name]]
    ]
    head = ["check", "generations", "pass", "rejected by it first"]
    return f"{table(head, lines)}\n{_warnings(lake, crawl)}"


def _warnings(lake: Lake, crawl: str) -> str:
    gate = recall(lake, crawl, "gate")
    warnings = gate.detail.get("warnings", []) if gate else []
    if not warnings:
        return "No expectation of the gate failed.\n"
    return "Expectations that failed as warnings:\n\n" + "".join(f"- {warning}\n" for warning in warnings)
