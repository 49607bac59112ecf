"""Backfills dumps so that each runs exactly once."""

from datetime import datetime

from include.crawls import Crawl
from include.embedded.client import wait_until
from include.embedded.rest import Airflow
from include.errors import BadInput, RewrapError

ACTIVE_RUNS = 2
"""Dumps worked on at once: one is ingested while the other one has the engine."""
DEADLINE = 180.0
"""Seconds for the Dag processor to read one file, on a busy machine."""
ACTIVE = ("queued", "running")
AUTOMATED = ("backfill", "scheduled")
"""Run types after which Airflow plans the next run."""


def backfill(airflow: Airflow, dag_id: str, crawls: list[Crawl], reprocess: bool) -> int:
    """Backfill ``dag_id`` over ``crawls`` and return the backfill's id; a paused Dag is unpaused.

    Dumps that were never run, or whose last run failed, are run; ``reprocess`` runs the finished ones again, too.

    Airflow stores which run of a Dag comes next: the newest dump. After a backfill of that dump the scheduler would run
    it a second time, until the Dag's file is read again, which takes the backfill's runs into account. So the Dag is
    paused until that has happened; a paused Dag's backfill waits, and a run that is under way waits between two tasks.

    Raises:
        BadInput: no dumps were given, the Dag does not know one of them, or others lie between them.
        RewrapError: the Dag's file is not read any more.
    """
    if not crawls:
        raise BadInput("There is nothing to backfill: give at least one dump.")
    was_paused = airflow.is_paused(dag_id)
    airflow.pause(dag_id)
    try:
        backfill_id = _backfill_while_paused(airflow, dag_id, crawls, reprocess)
    except BaseException:
        if not was_paused:
            airflow.unpause(dag_id)
        raise
    airflow.unpause(dag_id)
    return backfill_id


def _backfill_while_paused(airflow: Airflow, dag_id: str, crawls: list[Crawl], reprocess: bool) -> int:
    keys = [crawl.id for crawl in crawls]
    first, last = min(crawl.released for crawl in crawls), max(crawl.released for crawl in crawls)
    airflow.cancel_backfills(dag_id)
    _require_exactly(airflow, dag_id, set(keys), first, last)
    backfill_id = airflow.create_backfill(
        dag_id, first, last, reprocess="completed" if reprocess else "failed", max_active_runs=ACTIVE_RUNS
    )
    _plan_past(airflow, dag_id, keys)
    return backfill_id


def _require_exactly(airflow: Airflow, dag_id: str, keys: set[str], first: datetime, last: datetime) -> None:
    """A backfill takes two dates, not a list: make sure that these dumps, and no others, lie between them."""

    def found() -> set[str]:
        running = {run["partition_key"] for run in airflow.runs(dag_id, keys) if run["state"] in ACTIVE}
        return airflow.backfill_keys(dag_id, first, last) | running

    if not keys <= found():
        airflow.reparse(dag_id)  # it may have been listed a moment ago
        if not wait_until(lambda: keys <= found(), DEADLINE):
            raise BadInput(
                f"The Dag {dag_id} knows no dump {', '.join(sorted(keys - found()))}. Is it in the crawls file that "
                "Airflow was started with (REWRAP_CRAWLS), and is its last day in the past?"
            )
    if others := found() - keys:
        raise BadInput(
            f"Airflow backfills every dump between two dates, and {', '.join(sorted(others))} lie between "
            f"{first:%Y-%m-%d} and {last:%Y-%m-%d}, too. Backfill those as well, or each dump by itself."
        )


def _plan_past(airflow: Airflow, dag_id: str, keys: list[str]) -> None:
    """Have the paused Dag's next run be none of those that the backfill has made."""
    taken = {run["run_after"] for run in airflow.runs(dag_id, keys) if run["run_type"] in AUTOMATED}
    if airflow.next_run_after(dag_id) not in taken:
        return
    airflow.reparse(dag_id)
    if not wait_until(lambda: airflow.next_run_after(dag_id) not in taken, DEADLINE):
        raise RewrapError(
            f"After {DEADLINE:.0f} s Airflow still has not read the file of {dag_id} again. See "
            "<home>/airflow/logs/services/dag-processor.log; then run the same command again."
        )
