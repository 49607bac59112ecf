"""What a gate decided about a crawl: the marker that downstream stages ask before they go on."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from include.errors import GateFailed
from include.lake import Lake, fingerprint, write_atomically
from include.ledger import StageReport, recall
from include.validate.approval import raise_if_rejected

Layer = Literal["documents", "generations", "corpus", "pairs"]
"""What a gate is about."""
Observed = int | float | str | None
"""A figure, how many rows are concerned, or who; None if nothing could be observed."""
TABLES: dict[Layer, tuple[str, ...]] = {
    "documents": ("documents",),
    "generations": ("generations",),
    "corpus": ("mix", "real", "heldout"),
    "pairs": ("pairs",),
}
"""The judged tables of each layer."""
_COMMANDS = {"documents": "ingest", "generations": "gate", "corpus": "corpus"}
_CONSEQUENCES = {
    "documents": "nothing may be made from the documents of this dump",
    "generations": "nothing of this dump may be published",
    "corpus": "it may not be published",
    "pairs": "no model may be trained on its preference pairs",
}
_REJECTED = {"documents": "rejected_pages", "generations": "quarantined"}
"""The table of the rejected rows, where there is one."""


@dataclass(frozen=True)
class Finding:
    """One expectation, evaluated."""

    name: str
    severity: str
    """``critical`` blocks; ``warning`` is reported, and a person is asked where ``approval.ask`` says so."""
    claim: str
    """What is expected, in words."""
    passed: bool
    observed: Observed
    bound: str
    advice: str
    """What to do when it fails."""
    error: str | None = None
    """Set when it could not be evaluated; then ``passed`` is False."""

    @property
    def seen(self) -> str:
        return f"could not be evaluated ({self.error})" if self.error else f"observed {self.observed}"

    def __str__(self) -> str:
        return f"{self.name}: {self.seen}, allowed {self.bound}. {self.advice}"


@dataclass(frozen=True)
class Outcome:
    """The last gate of one layer of a crawl."""

    crawl: str
    passed: bool
    fingerprint: str
    """Of everything that decided over the rows: themselves, their checks, recipes, languages, version of the gate.
    Empty when the gate broke, so that the next run evaluates it again."""
    judged: str
    """Of the judged tables alone."""
    expectations: tuple[Finding, ...]
    warnings: tuple[str, ...]
    data_docs: str
    """The summary page, relative to the lake; Great Expectations' own pages lie beside it. Empty: the gate broke."""
    layer: Layer = "generations"
    compared: str = ""
    """Fingerprint of the bounds, and of the earlier dumps that this one was compared with."""

    @property
    def warned(self) -> tuple[Finding, ...]:
        """The warnings, with all that a person needs to judge them."""
        return tuple(one for one in self.expectations if one.severity == "warning" and not one.passed)


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


def current_outcome(
    lake: Lake, crawl: str, layer: Layer, stage: str, key: str, compared: str
) -> tuple[Outcome, StageReport] | None:
    """The last outcome and report of ``stage``, if they were made from the same inputs and could be evaluated."""
    outcome, report = read_outcome(lake, crawl, layer), recall(lake, crawl, stage)
    if outcome is None or report is None or (outcome.fingerprint, outcome.compared) != (key, compared):
        return None
    evaluated = all(finding.error is None for finding in outcome.expectations)
    return (outcome, report) if evaluated and (lake.root / outcome.data_docs).exists() else None


def table_digest(lake: Lake, crawl: str, layer: Layer) -> str | None:
    """Identity of a layer's finished tables, or None if one is not there."""
    manifests = [lake.manifest(table, crawl) for table in TABLES[layer]]
    if not all(manifests):
        return None
    # Rows that a take-down took out need no new judgement of those that stay.
    return fingerprint(*(manifest.identity for manifest in manifests if manifest))


def raise_if_failed(lake: Lake, outcome: Outcome) -> None:
    """Raise GateFailed, naming each critical expectation that failed, the evidence and what to do."""
    if outcome.passed:
        return
    failed = [
        f"  {finding}" for finding in outcome.expectations if finding.severity == "critical" and not finding.passed
    ]
    evidence = f"\nEvidence: {lake.root / outcome.data_docs}" if outcome.data_docs else ""
    if rejected := _REJECTED.get(outcome.layer):
        evidence += f"\nEvery rejected row stands with its reason in the lake's table {rejected}/{outcome.crawl}."
    raise GateFailed(
        f"The gate on the {outcome.layer} of {outcome.crawl} failed: {_CONSEQUENCES[outcome.layer]}.\n"
        + "\n".join(failed)
        + f"{evidence}\nOnce the cause is mended, run the gate again: it takes the new state."
    )


def require_judged(lake: Lake, crawl: str, layer: Layer) -> Outcome:
    """The outcome of the gate on the crawl's current tables, which have passed it.

    Raises:
        GateFailed: the gate has not run, did not pass, was interrupted, or judged other rows.
    """
    outcome, again = read_outcome(lake, crawl, layer), ""
    if layer in _COMMANDS:
        again = f": python -m include.cli {_COMMANDS[layer]} --crawl {crawl}"
    if outcome is None:
        raise GateFailed(f"The gate on the {layer} of {crawl} has not run. Run it first{again}")
    raise_if_failed(lake, outcome)
    judged_these = outcome.judged == table_digest(lake, crawl, layer)
    interrupted = layer == "generations" and not lake.is_current(outcome.fingerprint, "accepted", crawl)
    if not judged_these or interrupted:
        raise GateFailed(
            f"The last gate of {crawl} does not belong to its present {layer}: they changed since, or the gate was "
            f"interrupted. Run it again{again}"
        )
    return outcome


def require_passed(lake: Lake, crawl: str, layer: Layer = "generations") -> None:
    """Return only if the crawl's current tables have passed the gate, and nobody has rejected them.

    Raises:
        GateFailed: as in :func:`require_judged`, or a person said no.
    """
    raise_if_rejected(lake, require_judged(lake, crawl, layer))


def refuse_failed_documents(lake: Lake, crawl: str) -> None:
    """Raise GateFailed if the crawl's current documents were judged and did not pass, or a person rejected them."""
    outcome = read_outcome(lake, crawl, "documents")
    if outcome is not None and outcome.judged == table_digest(lake, crawl, "documents"):
        raise_if_failed(lake, outcome)
        raise_if_rejected(lake, outcome)
