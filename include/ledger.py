"""Stage reports: what went in, what came out, and why the rest did not (DESIGN.md 7.1)."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from include.errors import ConservationError
from include.lake import Lake, write_atomically


@dataclass(frozen=True)
class StageReport:
    """Counts of one stage over one crawl: ``rows_in = rows_out + rejected + failed``."""

    stage: str
    crawl: str
    rows_in: int
    rows_out: int
    rejected: dict[str, int] = field(default_factory=dict)
    """Rows kept aside on purpose, by reason."""
    failed: dict[str, int] = field(default_factory=dict)
    """Rows that could not be processed, by reason."""
    detail: dict[str, Any] = field(default_factory=dict)
    """Further figures (tokens, seconds), outside the conservation check."""

    def check(self) -> None:
        """Raise ConservationError if a row was lost or doubled."""
        accounted = self.rows_out + sum(self.rejected.values()) + sum(self.failed.values())
        if accounted != self.rows_in:
            raise ConservationError(
                f"Stage {self.stage} of {self.crawl}: {self.rows_in} rows went in but {accounted} are accounted for "
                f"(out {self.rows_out}, rejected {self.rejected}, failed {self.failed}). "
                "This is a defect of the stage: keep its inputs and report it."
            )

    def summary(self) -> dict[str, Any]:
        """Counts only: what may travel through XCom."""
        return asdict(self)


def record(lake: Lake, report: StageReport) -> StageReport:
    """Check a report and write it to ``reports/<crawl>/<stage>.json``."""
    report.check()
    path = lake.path("reports", report.crawl) / f"{report.stage}.json"
    write_atomically(path, json.dumps(asdict(report), indent=1, sort_keys=True).encode())
    return report


def recall(lake: Lake, crawl: str, stage: str) -> StageReport | None:
    """The stage's last report, or None."""
    path = lake.path("reports", crawl) / f"{stage}.json"
    return StageReport(**json.loads(path.read_bytes())) if path.exists() else None


def recall_if_current(lake: Lake, crawl: str, stage: str, decided_by: str) -> StageReport | None:
    """The stage's report if it is about exactly these inputs: a kill can leave one that is not beside the table."""
    report = recall(lake, crawl, stage)
    return report if report and report.detail.get("fingerprint") == decided_by else None
