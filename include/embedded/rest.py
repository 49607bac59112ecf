"""Airflow's REST API, as far as Rewrap drives it."""

from collections.abc import Iterable
from datetime import datetime
from types import TracebackType
from typing import Any, Literal, Self

import httpx

from include.embedded.client import AirflowRefused, Client, wait_until
from include.errors import RewrapError

Reprocess = Literal["none", "failed", "completed"]


class Airflow:
    """A session with one Airflow. All methods raise AirflowRefused, or RewrapError when it cannot be reached."""

    def __init__(self, url: str, user: str, password: str) -> None:
        self._client = Client(url, user, password)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._client.close()

    # Dags

    def dag(self, dag_id: str) -> dict[str, Any]:
        """Airflow's record of a Dag: ``is_paused``, ``next_dagrun_run_after``, ``file_token`` and more."""
        record: dict[str, Any] = self._client.get(f"/dags/{dag_id}")
        return record

    def wait_for_dags(self, ids: Iterable[str], deadline: float) -> None:
        """Wait at most ``deadline`` seconds until all these Dags are known.

        Raises:
            RewrapError: a Dag is missing; the message holds the import errors.
        """
        wanted = set(ids)

        def missing() -> set[str]:
            known = {dag["dag_id"] for dag in self._client.pages("/dags", "dags")}
            return wanted - known

        if wait_until(lambda: not missing(), deadline):
            return
        errors = [f"{error['filename']}:\n{error['stack_trace']}" for error in self.import_errors()]
        raise RewrapError(
            f"Airflow knows no Dag {', '.join(sorted(missing()))} after {deadline:.0f} s. "
            + ("Import errors:\n" + "\n".join(errors) if errors else "No import errors: is its file in dags/?")
        )

    def import_errors(self) -> list[dict[str, Any]]:
        """Dag files that cannot be read: ``filename`` and ``stack_trace``."""
        return list(self._client.pages("/importErrors", "import_errors"))

    def is_paused(self, dag_id: str) -> bool:
        return bool(self.dag(dag_id)["is_paused"])

    def pause(self, dag_id: str) -> None:
        self._client.call("PATCH", f"/dags/{dag_id}", json={"is_paused": True})

    def unpause(self, dag_id: str) -> None:
        self._client.call("PATCH", f"/dags/{dag_id}", json={"is_paused": False})

    def next_run_after(self, dag_id: str) -> datetime | None:
        """When the Dag's stored next run is due; None when it has none.

        REST does not show that run's partition key, but its time is the same as that of any other run of the partition.
        """
        due = self.dag(dag_id)["next_dagrun_run_after"]
        return datetime.fromisoformat(due) if due else None

    def reparse(self, dag_id: str) -> None:
        """Have the Dag's file read again now instead of at its turn."""
        try:
            self._client.call("PUT", f"/parseDagFile/{self.dag(dag_id)['file_token']}")
        except AirflowRefused as error:
            if error.status != httpx.codes.CONFLICT:  # it is already waiting to be read
                raise

    # Backfills

    def backfill_keys(self, dag_id: str, from_date: datetime, to_date: datetime) -> set[str]:
        """Partition keys that a backfill of everything would run now (those that are running already are left out)."""
        body = _backfill_body(dag_id, from_date, to_date, "completed")
        answer = self._client.call("POST", "/backfills/dry_run", json=body)
        return {run["partition_key"] for run in answer["backfills"]}

    def create_backfill(
        self, dag_id: str, from_date: datetime, to_date: datetime, reprocess: Reprocess, max_active_runs: int
    ) -> int:
        """Start a backfill, both bounds inclusive, and return its id.

        Airflow keeps one active backfill per Dag and closes it up to minutes after its last run; one that is still open
        is cancelled first: its running runs go on, its queued ones fail (``reprocess="failed"`` makes them anew).
        """
        self.cancel_backfills(dag_id)
        body = _backfill_body(dag_id, from_date, to_date, reprocess) | {"max_active_runs": max_active_runs}
        return int(self._client.call("POST", "/backfills", json=body)["id"])

    def cancel_backfills(self, dag_id: str) -> None:
        """Cancel what is still active."""
        for backfill in self._client.pages("/backfills", "backfills", dag_id=dag_id):
            if backfill["completed_at"] is None:
                try:
                    self._client.call("PUT", f"/backfills/{backfill['id']}/cancel")
                except AirflowRefused as error:
                    if error.status != httpx.codes.CONFLICT:  # the scheduler closed it meanwhile
                        raise

    # Runs

    def runs(self, dag_id: str, partition_keys: Iterable[str]) -> list[dict[str, Any]]:
        """Runs of these partitions, oldest first: run_id, state, partition_key, run_type, run_after (datetime)."""
        found = []
        for key in dict.fromkeys(partition_keys):
            for run in self._client.pages(
                f"/dags/{dag_id}/dagRuns", "dag_runs", partition_key_prefix_pattern=key, order_by="id"
            ):
                if run["partition_key"] == key:
                    found.append(
                        {
                            "run_id": run["dag_run_id"],
                            "state": run["state"],
                            "partition_key": key,
                            "run_type": run["run_type"],
                            "run_after": datetime.fromisoformat(run["run_after"]),
                        }
                    )
        return found

    def task_instances(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        """Task instances of a run as REST gives them: task_id, map_index, state, try_number, start_date, end_date..."""
        return list(self._client.pages(f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances", "task_instances"))

    def task_log(self, dag_id: str, run_id: str, task_id: str, try_number: int, map_index: int = -1) -> str:
        """What a try of a task has logged so far, one line per message, with the tracebacks."""
        answer = self._client.get(
            f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/logs/{try_number}",
            map_index=map_index,
            full_content=True,
        )
        return "\n".join(_log_line(message) for message in _without_sources(answer["content"]))

    # Pools

    def ensure_pool(self, name: str, slots: int, description: str) -> None:
        """Make the pool if it is missing; the slots of an existing one are its owner's business."""
        try:
            self._client.get(f"/pools/{name}")
        except AirflowRefused as error:
            if error.status != httpx.codes.NOT_FOUND:
                raise
            body = {"name": name, "slots": slots, "description": description, "include_deferred": False}
            self._client.call("POST", "/pools", json=body)


def _backfill_body(dag_id: str, from_date: datetime, to_date: datetime, reprocess: Reprocess) -> dict[str, Any]:
    return {
        "dag_id": dag_id,
        "from_date": from_date.isoformat(),
        "to_date": to_date.isoformat(),
        "reprocess_behavior": reprocess,
    }


def _without_sources(messages: list[Any]) -> list[Any]:
    """The messages without Airflow's preface, which says in which files and on which hosts it looked for them."""
    events = [message if isinstance(message, str) else message["event"] for message in messages]
    if events and events[0].startswith("::group::Log message source") and "::endgroup::" in events:
        return messages[events.index("::endgroup::") + 1 :]
    return messages


def _log_line(message: dict[str, Any] | str) -> str:
    if isinstance(message, str):
        return message
    parts = [message.get("timestamp"), str(message.get("level", "")).upper(), message["event"]]
    line = " ".join(part for part in parts if part)
    for error in message.get("error_detail") or []:
        frames = [f"  {f['filename']}:{f['lineno']} in {f['name']}" for f in error.get("frames") or []]
        line = "\n".join([line, *frames, f"{error.get('exc_type')}: {error.get('exc_value')}"])
    return line
