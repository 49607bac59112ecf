"""What a person is told of a gate's warnings, and what they said (Airflow asks: plugins/gates.py)."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from include.errors import GateFailed
from include.lake import Lake, fingerprint, write_atomically

if TYPE_CHECKING:
    from include.validate.outcome import Finding, Outcome


@dataclass(frozen=True)
class Decision:
    """An answer to the warnings of one outcome."""

    approved: bool
    by: str
    """A user's name, or that nobody answered."""
    about: str
    """Fingerprint of the outcome's inputs: another outcome is another question."""


def identity(outcome: "Outcome") -> str:
    """Fingerprint of all that an outcome was decided by."""
    return fingerprint(outcome.fingerprint, outcome.compared)


def record_decision(lake: Lake, outcome: "Outcome", approved: bool, by: str) -> None:
    """Write ``gate/<crawl>/<layer>/approval.json``; a later answer replaces it."""
    decision = Decision(approved, by, identity(outcome))
    write_atomically(_path(lake, outcome), json.dumps(asdict(decision), indent=1, ensure_ascii=False).encode())


def read_decision(lake: Lake, outcome: "Outcome") -> Decision | None:
    """The answer to this outcome's warnings, or None: an answer to another outcome says nothing of this one."""
    try:
        content = json.loads(_path(lake, outcome).read_bytes())
    except FileNotFoundError:
        return None
    decision = Decision(**content)
    return decision if decision.about == identity(outcome) else None


def raise_if_rejected(lake: Lake, outcome: "Outcome") -> None:
    """Raise GateFailed if a person has rejected what the gate let pass with warnings."""
    decision = read_decision(lake, outcome)
    if decision is not None and not decision.approved:
        raise GateFailed(
            f"The {outcome.layer} of {outcome.crawl}, which the gate let pass with warnings, were rejected by "
            f"{decision.by}: nothing is made from them.\n"
            + "\n".join(f"  {warning}" for warning in outcome.warnings)
            + f"\nEvidence: {lake.root / outcome.data_docs}\nMend the cause and run the gate again, or clear the task "
            "'approve' of the run in Airflow: then the question is asked anew."
        )


def question(warned: Iterable["Finding"], page: str) -> str:
    """The evidence, in Markdown: a list of the warnings with what was expected, seen and allowed.

    Args:
        page: Markdown, where all figures are.
    """
    lines = [
        f"- **{_plain(one.claim)}** (`{one.name}`)\n"
        f"    - {_plain(one.seen)}; allowed: {_plain(one.bound)}\n"
        f"    - {_plain(one.advice)}"
        for one in warned
    ]
    return "\n".join([*lines, "", f"All figures: {page}"])


def _path(lake: Lake, outcome: "Outcome") -> Path:
    return lake.path("gate", outcome.crawl, outcome.layer) / "approval.json"


def _plain(text: str) -> str:
    """Text that no Markdown is read in: what was observed may quote a page."""
    return "".join(f"\\{sign}" if sign in "\\`*_{}[]<>()#+!|~" else sign for sign in text).replace("\n", " ")
