"""When ``ingest_crawl`` runs: once per crawl dump, partitioned by the dump's id."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import pendulum
from airflow.exceptions import InvalidPartitionKeyError
from airflow.plugins_manager import AirflowPlugin
from airflow.timetables.base import DagRunInfo, DataInterval, TimeRestriction, Timetable
from pendulum import DateTime

from include.crawls import unknown_crawl

if TYPE_CHECKING:
    from airflow.utils.types import DagRunType

    from include.crawls import Crawl


class CrawlTimetable(Timetable):
    """One run per dump, due when the dump is released; ``partition_key`` is the dump's id.

    The table of dumps is a value inside the serialized Dag: the scheduler reads no file for it, and a Dag file that is
    parsed with a longer list brings the new dumps into force without a restart. Without catch-up, unpausing runs the
    newest released dump and from then on every one that is newer than the newest that ran; older ones are a backfill.
    Dumps of the future are listed, but neither scheduled nor backfilled before their day.
    """

    description = "One run per crawl dump"
    partitioned = True
    run_ordering: Sequence[str] = ("partition_date", "run_after")

    def __init__(self, released: dict[str, str]) -> None:
        """``released``: moment of release (ISO, UTC) by dump id; no two are alike, because a backfill tells its runs
        apart by it."""
        self.released = dict(sorted(released.items(), key=lambda item: (item[1], item[0])))

    @classmethod
    def of(cls, crawls: list[Crawl]) -> CrawlTimetable:
        return cls({crawl.id: crawl.released.isoformat() for crawl in crawls})

    @property
    def summary(self) -> str:
        return f"{len(self.released)} crawl dumps"

    def serialize(self) -> dict[str, Any]:
        return {"released": self.released}

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> CrawlTimetable:
        return cls(data["released"])

    def iter_partition_dagrun_infos(self, *, earliest: datetime, latest: datetime) -> Iterator[DagRunInfo]:
        """The released dumps within the bounds. Airflow does not clip a partitioned backfill to now, so this does.

        A bound at midnight is a day that somebody chose: all dumps of the last day belong to it.
        """
        if latest.time() == time():
            latest += timedelta(days=1) - timedelta(microseconds=1)
        for crawl in self.released:
            if earliest <= self._date(crawl) <= min(latest, self._now()):
                yield self._info(crawl)

    def next_dagrun_info_v2(
        self, *, last_dagrun_info: DagRunInfo | None, restriction: TimeRestriction
    ) -> DagRunInfo | None:
        due = [crawl for crawl in self.released if self._allowed(crawl, restriction)]
        if last_dagrun_info is not None:
            last = last_dagrun_info.partition_date or last_dagrun_info.run_after
            if last_dagrun_info.partition_key in self.released:
                # Its moment may be another one now: a dump of the same day with a smaller id moves it by a minute.
                last = self._date(last_dagrun_info.partition_key)
            due = [crawl for crawl in due if self._date(crawl) > last]
        elif not restriction.catchup:
            past = [crawl for crawl in due if self._date(crawl) <= self._now()]
            due = past[-1:] or due
        return self._info(due[0]) if due else None

    def generate_run_id(
        self, *, run_type: DagRunType, run_after: DateTime, data_interval: DataInterval | None, **extra: Any
    ) -> str:
        """Unique also when a dump is processed again: Airflow puts the new run beside the old one."""
        key = extra.get("partition_key") or run_after.isoformat()
        return f"{run_type.value}__{key}__{secrets.token_hex(3)}"

    def infer_manual_data_interval(self, *, run_after: DateTime) -> DataInterval:
        return DataInterval.exact(run_after)

    def _decode_partition_date(self, partition_key: str) -> DateTime:
        if partition_key not in self.released:
            raise InvalidPartitionKeyError(unknown_crawl(partition_key, list(self.released), "your crawls file"))
        return self._date(partition_key)

    def _allowed(self, crawl: str, restriction: TimeRestriction) -> bool:
        at = self._date(crawl)
        return (restriction.earliest is None or at >= restriction.earliest) and (
            restriction.latest is None or at <= restriction.latest
        )

    def _date(self, crawl: str) -> DateTime:
        return pendulum.instance(datetime.fromisoformat(self.released[crawl]), tz="UTC")

    def _info(self, crawl: str) -> DagRunInfo:
        at = self._date(crawl)
        return DagRunInfo(run_after=at, data_interval=None, partition_date=at, partition_key=crawl)

    @staticmethod
    def _now() -> DateTime:
        return pendulum.now("UTC")


class CrawlTimetablePlugin(AirflowPlugin):
    name = "crawl_timetable"
    timetables = [CrawlTimetable]  # noqa: RUF012 - this is how Airflow reads it
