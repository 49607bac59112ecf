"""Compares a dump with earlier ones, by what the reports of the stage ``ingest`` say."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median

from include.errors import BadInput
from include.lake import Lake
from include.ledger import StageReport, recall
from include.validate.documents_params import DocumentsGateParams
from include.validate.expected import NONE

NEEDED = ("files", "incomplete_files", "languages", "sampled")
"""What the gate reads of a report's ``detail``."""
MOST_NAMED = 5


@dataclass(frozen=True)
class Tally:
    """The counts of one dump that others are compared with."""

    crawl: str
    pages: int
    """Page records: all WARC records but those that are skipped for their type."""
    texts: int
    """Documents and what was rejected as their duplicate: how much of that there is depends on earlier dumps."""
    reasons: dict[str, float]
    """Share of the pages that each reason rejected."""
    languages: dict[str, float]
    """Share of the texts that have a language, before any language was rejected."""
    sampled: bool


@dataclass(frozen=True)
class Comparison:
    figures: dict[str, float | str]
    """What came of the comparison, by the name of the expectation."""
    not_judged: dict[str, str]
    """Expectations that would say nothing about this dump, and why."""


def tally(report: StageReport) -> Tally:
    """The counts of a report.

    Raises:
        BadInput: an older version wrote the report.
    """
    missing = [key for key in NEEDED if key not in report.detail]
    if missing:
        raise BadInput(
            f"The report of ingest on {report.crawl} does not say {', '.join(missing)}: an older version wrote it. "
            f"Run it again: python -m include.cli ingest --crawl {report.crawl}"
        )
    rejected = {reason: count for reason, count in report.rejected.items() if not reason.startswith("skipped_")}
    pages = report.rows_out + sum(rejected.values()) + sum(report.failed.values())
    repeated = sum(count for reason, count in rejected.items() if reason.endswith("_duplicate"))
    return Tally(
        crawl=report.crawl,
        pages=pages,
        texts=report.rows_out + repeated,
        reasons=_shares(rejected, pages),
        languages=_shares(report.detail["languages"], sum(report.detail["languages"].values())),
        sampled=bool(report.detail["sampled"]),
    )


def recall_earlier(lake: Lake, crawl: str, earlier: list[str]) -> list[Tally]:
    """The other dumps that can be compared with: ingested by this version, and not refused by this gate."""
    tallies = []
    for other in sorted(set(earlier) - {crawl}):
        report, gate = recall(lake, other, "ingest"), recall(lake, other, "documents_gate")
        refused = gate is not None and not gate.detail["passed"]
        if report and not refused and all(key in report.detail for key in NEEDED):
            tallies.append(tally(report))
    return tallies


def compare(this: Tally, earlier: list[Tally], params: DocumentsGateParams) -> Comparison:
    """How far a dump is from the median of the ``earlier`` ones; small ones are left out of it."""
    large = [other for other in earlier if other.pages >= params.min_pages]
    whole = [other for other in large if not other.sampled]
    few = f"the dump has fewer than {params.min_pages} pages" if this.pages < params.min_pages else ""
    none_earlier = "" if large else f"there is no earlier dump of {params.min_pages} pages or more"
    figures: dict[str, float | str] = {}
    not_judged = dict.fromkeys(("accepted_share", "accepted_share_is_plausible"), few) if few else {}
    if this.sampled or not whole:
        not_judged["volume_ratio"] = (
            "the dump is a sample" if this.sampled else none_earlier or "the earlier ones are samples"
        )
    else:
        figures["volume_ratio"] = this.texts / max(1.0, median(other.texts for other in whole))
    drifts: dict[str, tuple[Callable[[Tally], dict[str, float]], float]] = {
        "drifted_languages": (lambda one: one.languages, params.max_language_drift),
        "drifted_reasons": (lambda one: one.reasons, params.max_reason_drift),
    }
    for name, (shares, bound) in drifts.items():
        if few or none_earlier:
            not_judged[name] = few or none_earlier
        else:
            figures[name] = _drifted(shares(this), [shares(other) for other in large], bound)
    return Comparison(figures, not_judged)


def usual(shares: Iterable[dict[str, float]]) -> dict[str, float]:
    """The median of each share; a name that a dump lacks has the share 0 there."""
    known = list(shares)
    return {name: median(one.get(name, 0.0) for one in known) for name in sorted(set().union(*known))}


def _drifted(this: dict[str, float], earlier: list[dict[str, float]], bound: float) -> str:
    """The names whose share moved by more than ``bound``, the furthest first: ``de from 0.100 to 0.310``."""
    before = usual(earlier)
    moves = {name: this.get(name, 0.0) - before.get(name, 0.0) for name in sorted({*this, *before})}
    far = sorted((name for name in moves if abs(moves[name]) > bound), key=lambda name: -abs(moves[name]))
    named = [f"{name} from {before.get(name, 0.0):.3f} to {this.get(name, 0.0):.3f}" for name in far[:MOST_NAMED]]
    more = [f"{len(far) - MOST_NAMED} more"] if len(far) > MOST_NAMED else []
    return "; ".join(named + more) or NONE


def _shares(counts: dict[str, int], total: int) -> dict[str, float]:
    return {name: count / max(1, total) for name, count in sorted(counts.items())}
