"""What the reports of the stage ``ingest`` say of a dump's documents, for comparison with other dumps."""

from include.lake import Lake
from include.ledger import StageReport, recall
from include.validate.history import Profile, shares

NEEDED = ("files", "incomplete_files", "languages", "sampled")
"""What the gate reads of a report's ``detail``."""


def profile(report: StageReport) -> Profile:
    """The dump's pages (all records but those skipped for their type), and how many texts they hold.

    Texts are documents and what was rejected as their duplicate: how much of that there is depends on earlier dumps.
    Languages are those of all texts, before any was rejected.
    """
    rejected = {reason: count for reason, count in report.rejected.items() if not reason.startswith("skipped_")}
    pages = report.rows_out + sum(rejected.values()) + sum(report.failed.values())
    repeated = sum(count for reason, count in rejected.items() if reason.endswith("_duplicate"))
    languages = report.detail["languages"]
    return Profile(
        crawl=report.crawl,
        rows=pages,
        volume=report.rows_out + repeated,
        sampled="the dump is a sample" if report.detail["sampled"] else "",
        groups={"reasons": shares(rejected, pages), "languages": shares(languages, sum(languages.values()))},
    )


def recall_earlier(lake: Lake, crawl: str, earlier: list[str]) -> list[Profile]:
    """The other dumps that can be compared with: ingested by this version, and not refused by this gate."""
    profiles = []
    for other in sorted(set(earlier) - {crawl}):
        report, gate = recall(lake, other, "ingest"), recall(lake, other, "documents_gate")
        refused = gate is not None and not gate.detail["passed"]
        if report and not refused and all(key in report.detail for key in NEEDED):
            profiles.append(profile(report))
    return profiles
