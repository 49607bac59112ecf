"""Puts what a plan would cost into the note of its Dag run, where the person who looks at the run sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.listeners import hookimpl
from airflow.plugins_manager import AirflowPlugin

if TYPE_CHECKING:
    from airflow.listeners.types import AssetEvent

LONGEST = 1000
"""Characters of a note: Airflow's column holds no more."""


class PlanNotes:
    """Copies ``extra["note"]`` of an asset event into the note of the Dag run that it came from.

    A task cannot do that: it has neither the database nor a token for the REST API. But the asset event of a task that
    ended well passes through the API server, which calls this there, under every executor.
    """

    @hookimpl
    def on_asset_event_emitted(self, asset_event: AssetEvent) -> None:
        note = asset_event.extra.get("note")
        if isinstance(note, str) and asset_event.source_dag_id and asset_event.source_run_id:
            _write(asset_event.source_dag_id, asset_event.source_run_id, note[:LONGEST])


def _write(dag_id: str, run_id: str, note: str) -> None:
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session
    from sqlalchemy import select

    with create_session() as session:
        run = session.scalar(select(DagRun).where(DagRun.dag_id == dag_id, DagRun.run_id == run_id))
        if run is None:  # deleted meanwhile
            return
        if run.dag_run_note is None:
            run.note = note
        else:
            run.dag_run_note.content = note


class RunNotesPlugin(AirflowPlugin):
    name = "run_notes"
    listeners = [PlanNotes()]  # noqa: RUF012 - this is how Airflow reads it
