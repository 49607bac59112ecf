"""What a gate decided about a crawl: the marker that downstream stages ask before they publish."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from include.errors import GateFailed
from include.lake import Lake, fingerprint, write_atomically

Layer = Literal["documents", "generations"]
"""The table that a gate is about."""
Observed = int | float | str | None
"""A figure, or how many rows are concerned; None if nothing could be observed."""


@dataclass(frozen=True)
class Finding:
    """One expectation, evaluated."""

    name: str
    severity: str
    """``critical`` blocks; ``warning`` only reports."""
    claim: str
    """What is expected, in words."""
    passed: bool
    observed: Observed
    bound: str
    advice: str
    """What to do when it fails."""
    error: str | None = None
    """Set when it could not be evaluated; then ``passed`` is False."""

    def __str__(self) -> str:
        seen = f"could not be evaluated ({self.error})" if self.error else f"observed {self.observed}"
        return f"{self.name}: {seen}, allowed {self.bound}. {self.advice}"


@dataclass(frozen=True)
class Outcome:
    """The last gate of one crawl's documents or generations."""

    crawl: str
    passed: bool
    fingerprint: str
    """Of everything that decided: rows, bounds, recipes, languages, version of the gate."""
    judged: str
    """Of the judged table alone."""
    expectations: tuple[Finding, ...]
    warnings: tuple[str, ...]
    data_docs: str
    """The summary page, relative to the lake; Great Expectations' own pages lie beside it."""
    layer: Layer = "generations"


_CONSEQUENCES = {
    "documents": ("nothing may be made from the documents of this dump", "rejected_pages"),
    "generations": ("nothing of this dump may be published", "quarantined"),
}
"""By layer: what a failed gate means, and the table of the rejected rows."""


def _path(lake: Lake, crawl: str, layer: Layer) -> Path:
    return lake.path("gate", crawl, layer) / "outcome.json"


def write_outcome(lake: Lake, outcome: Outcome) -> None:
    """Write ``gate/<crawl>/<layer>/outcome.json``."""
    path = _path(lake, outcome.crawl, outcome.layer)
    write_atomically(path, json.dumps(asdict(outcome), indent=1, ensure_ascii=False).encode())


def read_outcome(lake: Lake, crawl: str, layer: Layer = "generations") -> Outcome | None:
    """The crawl's last outcome, or None."""
    try:
        content = json.loads(_path(lake, crawl, layer).read_bytes())
    except FileNotFoundError:
        return None
    findings = tuple(Finding(**finding) for finding in content.pop("expectations"))
    return Outcome(expectations=findings, warnings=tuple(content.pop("warnings")), **content)


def table_digest(lake: Lake, crawl: str, layer: Layer) -> str | None:
    """Identity of a finished table, or None if there is none."""
    manifest = lake.manifest(layer, crawl)
    return fingerprint(asdict(manifest)) if manifest else None


def raise_if_failed(lake: Lake, outcome: Outcome) -> None:
    """Raise GateFailed, naming each critical expectation that failed, the evidence and what to do."""
    if outcome.passed:
        return
    failed = [
        f"  {finding}" for finding in outcome.expectations if finding.severity == "critical" and not finding.passed
    ]
    consequence, rejected = _CONSEQUENCES[outcome.layer]
    raise GateFailed(
        f"The gate of {outcome.crawl} failed: {consequence}.\n"
        + "\n".join(failed)
        + f"\nEvidence: {lake.root / outcome.data_docs}; every rejected row stands with its reason in the lake's table "
        f"{rejected}/{outcome.crawl}. Once the cause is mended, run the gate again: it takes the new state."
    )


def require_passed(lake: Lake, crawl: str) -> None:
    """Return only if the crawl's current generations have passed the gate.

    Raises:
        GateFailed: the gate has not run, did not pass, was interrupted, or judged other generations.
    """
    outcome = read_outcome(lake, crawl)
    if outcome is None:
        raise GateFailed(f"The gate of {crawl} has not run. Run it first: python -m include.cli gate --crawl {crawl}")
    raise_if_failed(lake, outcome)
    judged_these = outcome.judged == table_digest(lake, crawl, "generations")
    if not judged_these or not lake.is_current(outcome.fingerprint, "accepted", crawl):
        raise GateFailed(
            f"The last gate of {crawl} does not belong to its present generations: they changed since, or the gate was "
            f"interrupted. Run it again: python -m include.cli gate --crawl {crawl}"
        )


def refuse_failed_documents(lake: Lake, crawl: str) -> None:
    """Raise GateFailed if the gate has judged the crawl's current documents and they did not pass."""
    outcome = read_outcome(lake, crawl, "documents")
    if outcome is not None and outcome.judged == table_digest(lake, crawl, "documents"):
        raise_if_failed(lake, outcome)
