"""What every task of ours does around a stage: find the dump's id, apply the run's parameters, report errors well."""

from __future__ import annotations

import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import FrameType
from typing import TYPE_CHECKING, Any

from airflow.sdk import Asset, Param, get_current_context
from airflow.sdk.exceptions import AirflowFailException

from include.errors import BadInput, BudgetReached, ConservationError, GateFailed
from include.stages import Workspace, open_workspace

if TYPE_CHECKING:
    from include.rephrase.estimate import Estimate

log = logging.getLogger("rewrap.tasks")

DEFAULTS: dict[str, Any] = {
    "owner": "data-platform",
    "retries": 2,
    "retry_delay": timedelta(seconds=30),
    "execution_timeout": timedelta(hours=2),
}
"""Of every task; GPU tasks get more time in their Dag."""
FIGURES = ("teacher", "chains", "in_store", "generations", "prompt_tokens", "tokens", "gpu_hours", "money", "currency")
"""Of an estimate, in the asset's event."""


@contextmanager
def workspace_run() -> Iterator[Workspace]:
    """The workspace with this run's parameters.

    Errors that trying again cannot mend fail the task at once, with their message alone.
    """
    _quiet_libraries()
    try:
        with _ending_on_sigterm():
            yield open_workspace(_overrides(get_current_context()["params"]))
    except (BadInput, BudgetReached, GateFailed, ConservationError) as error:
        raise AirflowFailException(str(error)) from None


@contextmanager
def stage_run() -> Iterator[tuple[Workspace, str]]:
    """The workspace, and the dump's id from the partition key."""
    with workspace_run() as work:
        yield work, crawl_of(get_current_context())


def optional(kind: str, title: str, description: str, **schema: Any) -> Param:
    """A field of a trigger form (JSON schema) that may stay empty: then the value of params.yaml holds."""
    return Param(
        None, type=["null", kind], title=title, description=f"{description} Empty leaves params.yaml's.", **schema
    )


def parameter(name: str) -> Any:
    """One parameter of this run."""
    return get_current_context()["params"][name]


def crawl_of(context: Any) -> str:
    """The dump's id: the run's partition key; for a run triggered without one, the parameter ``crawl``.

    Raises:
        BadInput: neither is there.
    """
    crawl = context["dag_run"].partition_key or context["params"].get("crawl")
    if not crawl:
        raise BadInput("This run has no dump: trigger it with a partition key, such as CC-MAIN-2025-47.")
    return str(crawl)


def announce_plan(asset: Asset, estimate: Estimate) -> None:
    """Log what the plan would cost, and put it into the event of ``asset``: run_notes.py makes it the run's note."""
    from include.rephrase.cost_text import headline, text

    for line in text(estimate).splitlines():
        log.info("%s", line)
    figures = {name: getattr(estimate, name) for name in FIGURES}
    get_current_context()["outlet_events"][asset].extra = {**figures, "note": headline(estimate)}


def _overrides(params: Any) -> dict[str, Any]:
    """Parameters named ``section.name`` replace those of params.yaml; an empty one leaves the file's value."""
    overrides: dict[str, Any] = {}
    for name, value in dict(params).items():
        *sections, last = name.split(".")
        if sections and value is not None:
            place = overrides
            for section in sections:
                place = place.setdefault(section, {})
            place[last] = value
    return overrides


@contextmanager
def _ending_on_sigterm() -> Iterator[None]:
    """End the stage as an error would, so that it keeps what it has and takes its engine along.

    Airflow sends SIGTERM when somebody cancels the task, and hands on that of a machine that is taken away; five
    seconds later it kills. A task of ours would otherwise not notice the first.
    """

    def end(number: int, frame: FrameType | None) -> None:
        raise SystemExit(f"ended by {signal.Signals(number).name}")

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _quiet_libraries() -> None:
    for name in ("great_expectations", "httpx", "httpcore", "botocore", "aiobotocore"):
        logging.getLogger(name).setLevel(logging.WARNING)
