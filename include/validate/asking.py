"""When a person must be asked about a gate's warnings, and what becomes of the answer."""

import json

from include.errors import GateFailed
from include.lake import Lake, write_atomically
from include.validate.approval import identity, raise_if_rejected, read_decision, record_decision
from include.validate.approval_params import ApprovalParams
from include.validate.outcome import Layer, Outcome, require_judged


def open_question(lake: Lake, crawl: str, layer: Layer, params: ApprovalParams, anew: bool = False) -> Outcome | None:
    """The outcome whose warnings are to be asked about, or None: there are none, the parameters say not to ask, or the
    same warnings were approved before.

    Args:
        anew: ask also about what was approved before.

    Raises:
        GateFailed: the gate has not passed the present tables.
    """
    outcome = require_judged(lake, crawl, layer)
    if not outcome.warned or not params.ask:
        return None
    decision = read_decision(lake, outcome)
    return None if decision is not None and decision.approved and not anew else outcome


def note_question(lake: Lake, outcome: Outcome, run: str) -> None:
    """Note that a run of Airflow asks about an outcome.

    Airflow 3.3 keeps the question of a task's first try: were the task cleared after the gate had found something else,
    people would be shown the old evidence and asked to approve of the new.

    Raises:
        GateFailed: the same run has asked about another outcome before.
    """
    path = lake.path("gate", outcome.crawl, outcome.layer) / "asked.json"
    asked: dict[str, str] = json.loads(path.read_bytes()) if path.exists() else {}
    if asked.setdefault(run, identity(outcome)) != identity(outcome):
        raise GateFailed(
            f"The run {run} has asked about other figures of the {outcome.layer} of {outcome.crawl} before, and "
            "Airflow shows the question of a run's first try, whatever is asked later. Trigger a new run for it: "
            "it takes over all finished work and asks about the present figures."
        )
    write_atomically(path, json.dumps(asked, indent=1).encode())


def take_answer(lake: Lake, crawl: str, layer: Layer, about: str, approved: bool, by: str) -> None:
    """Record what ``by`` said of the outcome whose identity is ``about``.

    Raises:
        GateFailed: it was no, or other tables were judged since the question was asked.
    """
    outcome = require_judged(lake, crawl, layer)
    if identity(outcome) != about:
        raise GateFailed(
            f"The gate on the {layer} of {crawl} was run again while the question waited: the answer of {by} is about "
            "what it said before. Clear the task to ask about what it says now."
        )
    record_decision(lake, outcome, approved, by)
    raise_if_rejected(lake, outcome)
