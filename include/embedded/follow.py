"""Follows dumps through Airflow's Dags: a live table on a terminal, a line per change elsewhere."""

import time
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.table import Table

from include.embedded.rest import Airflow
from include.errors import RewrapError
from include.lake import Lake
from include.rephrase.progress import progress_of

DAGS = ("ingest_crawl", "rephrase_crawl", "publish_corpus", "train_model")
"""In the order in which a dump passes them."""
EVERY = 2.0
"""Seconds between two looks."""
STALLED = 1800.0
"""Seconds without any change after which nobody should wait any longer."""
LOG_LINES = 12


@dataclass
class Journey:
    """One dump's way: for each Dag the run that belongs to it, and what it is doing."""

    crawl: str
    states: dict[str, str] = field(default_factory=dict)
    runs: dict[str, str] = field(default_factory=dict)

    @property
    def done(self) -> bool:
        return self.states.get(DAGS[-1]) == "success"


def follow(airflow: Airflow, lake: Lake, crawls: list[str], known_runs: set[str], console: Console) -> None:
    """Return when every dump has passed the last Dag.

    Args:
        known_runs: ids of runs that were there before; only newer ones count.

    Raises:
        RewrapError: a run failed (with the task and the end of its log), or nothing moves any more.
    """
    journeys = [Journey(crawl) for crawl in crawls]
    seen, changed = "", time.monotonic()
    live = Live(console=console, refresh_per_second=2, transient=True) if console.is_terminal else None
    with live or nullcontext():
        while not all(journey.done for journey in journeys):
            time.sleep(EVERY)
            _look(airflow, journeys, known_runs)
            lines = [_line(journey, lake) for journey in journeys]
            if live:
                live.update(_table(lines))
            if (now := "\n".join(" | ".join(line) for line in lines)) != seen:
                if not live:
                    console.print(now, soft_wrap=True)
                seen, changed = now, time.monotonic()
            elif time.monotonic() - changed > STALLED:
                raise RewrapError(
                    f"Nothing has moved for {STALLED / 60:.0f} minutes:\n{now}\nLook at the runs in Airflow's UI and "
                    "at the logs in <home>/airflow/logs, then run the same command again: finished work is kept."
                )


def _look(airflow: Airflow, journeys: list[Journey], known_runs: set[str]) -> None:
    for dag in DAGS:
        for run in airflow.runs(dag, [journey.crawl for journey in journeys]):
            if run["run_id"] in known_runs:
                continue
            journey = next(journey for journey in journeys if journey.crawl == run["partition_key"])
            journey.states[dag], journey.runs[dag] = run["state"], run["run_id"]
            if run["state"] == "failed":
                raise RewrapError(_why(airflow, dag, run["run_id"], journey.crawl))
            if run["state"] == "running":
                journey.states[dag] = _running_task(airflow, dag, run["run_id"])


def _running_task(airflow: Airflow, dag: str, run_id: str) -> str:
    tasks = airflow.task_instances(dag, run_id)
    running = sorted({task["task_id"] for task in tasks if task["state"] == "running"})
    finished = sum(task["state"] == "success" for task in tasks)
    return f"{', '.join(running) or 'waiting'} ({finished}/{len(tasks)})"


def _line(journey: Journey, lake: Lake) -> list[str]:
    cells = [journey.crawl]
    for dag in DAGS:
        state = {"success": "done", "queued": "waiting"}.get(journey.states.get(dag, ""), journey.states.get(dag, "-"))
        if state.startswith("generate"):
            state = _generating(progress_of(lake, journey.crawl)) or state
        cells.append(f"{dag.split('_')[0]}: {state}")
    return cells


def _generating(progress: dict[str, Any] | None) -> str:
    if not progress or not progress["requests"]:
        return ""
    done, wanted, seconds = progress["generated"], progress["requests"], progress["seconds"]
    if not done:
        return f"generate: starting the engine for {wanted}"
    left = (wanted - done) * seconds / done
    rate = progress["tokens"] / max(seconds, 0.1)
    return f"generate {done}/{wanted}, {rate:.0f} tokens/s, {left:.0f} s left, {progress['accepted']} accepted"


def _table(lines: list[list[str]]) -> Table:
    table = Table("dump", *[dag.split("_")[0] for dag in DAGS])
    for line in lines:
        table.add_row(line[0], *[cell.partition(": ")[2] for cell in line[1:]])
    return table


def _why(airflow: Airflow, dag: str, run_id: str, crawl: str) -> str:
    failed = [task for task in airflow.task_instances(dag, run_id) if task["state"] == "failed"]
    if not failed:
        return f"{dag} of {crawl} failed without a failed task (run {run_id}): see it in Airflow's UI."
    task = failed[0]
    log = airflow.task_log(dag, run_id, task["task_id"], task["try_number"], task["map_index"])
    lines = [line for line in log.splitlines() if line.strip()][-LOG_LINES:]
    return (
        f"{dag}.{task['task_id']} failed for {crawl} (run {run_id}). The end of its log:\n  "
        + "\n  ".join(lines)
        + "\nMend what it names; then run the same command again, or clear the task in Airflow's UI."
    )


def known_runs(airflow: Airflow, crawls: list[str]) -> set[str]:
    """Ids of all runs of these dumps so far."""
    return {run["run_id"] for dag in DAGS for run in airflow.runs(dag, crawls)}
