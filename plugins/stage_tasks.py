"""What every task of ours does around a stage: find the dump's id, apply the run's parameters, report errors well."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from airflow.sdk import Param, get_current_context
from airflow.sdk.exceptions import AirflowFailException

from include.errors import BadInput, ConservationError, GateFailed
from include.stages import Workspace, open_workspace

DEFAULTS: dict[str, Any] = {
    "owner": "data-platform",
    "retries": 2,
    "retry_delay": timedelta(seconds=30),
    "execution_timeout": timedelta(hours=2),
}
"""Of every task; GPU tasks get more time in their Dag."""


@contextmanager
def workspace_run() -> Iterator[Workspace]:
    """The workspace with this run's parameters.

    Errors that trying again cannot mend fail the task at once, with their message alone.
    """
    _quiet_libraries()
    try:
        yield open_workspace(_overrides(get_current_context()["params"]))
    except (BadInput, GateFailed, ConservationError) as error:
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


def _overrides(params: Any) -> dict[str, Any]:
    """Parameters named ``section.name`` replace those of params.yaml; an empty one leaves the file's value."""
    overrides: dict[str, Any] = {}
    for name, value in dict(params).items():
        section, dot, key = name.partition(".")
        if dot and value is not None:
            overrides.setdefault(section, {})[key] = value
    return overrides


def _quiet_libraries() -> None:
    for name in ("great_expectations", "httpx", "httpcore", "botocore", "aiobotocore"):
        logging.getLogger(name).setLevel(logging.WARNING)
