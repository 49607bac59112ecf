"""Whether a dump was read well enough to go on: it must not shrink silently."""

from collections import Counter

from include.errors import BadInput
from include.ledger import StageReport
from include.params import IngestParams


def check_health(crawl: str, reports: list[StageReport], params: IngestParams) -> None:
    """Look at the reports of all batches of a dump.

    Raises:
        BadInput: more pages failed or more files were unreadable than ``params.max_failed_share``, or nothing was kept.
    """
    pages = _total(reports, "pages")
    files = _total(reports, "files")
    failed = sum((Counter(report.failed) for report in reports), Counter[str]())
    unreadable, damaged = _names(reports, "unreadable_files"), _names(reports, "damaged_files")
    # An unreadable file is one failed record, but nobody knows how many pages were in it.
    if failed.total() > params.max_failed_share * pages or len(unreadable) > params.max_failed_share * files:
        raise BadInput(
            f"Crawl {crawl}: {failed.total()} of {pages} pages failed ({_listed(failed)}) and {len(unreadable)} of "
            f"{files} files are unreadable; at most a share of {params.max_failed_share} may be. Files: "
            f"{_shortened(unreadable + damaged) or 'see the failed rows of the pages table'}. Replace them, or raise "
            "ingest.max_failed_share if the loss is acceptable; what was extracted is kept."
        )
    if not any(report.rows_out for report in reports):
        rejected = sum((Counter(report.rejected) for report in reports), Counter[str]())
        records = sum(report.rows_in for report in reports)
        raise BadInput(
            f"Crawl {crawl} is empty: of {records} records in {files} files no page was kept ({_listed(rejected)}). "
            "Check the source, and the bounds under 'ingest' in the params."
        )


def _total(reports: list[StageReport], key: str) -> int:
    return sum(report.detail[key] for report in reports)


def _names(reports: list[StageReport], key: str) -> list[str]:
    return sorted(name for report in reports for name in report.detail[key])


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{reason} {count}" for reason, count in sorted(counts.items())) or "none"


def _shortened(names: list[str]) -> str:
    return ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")
