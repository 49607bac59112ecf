from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from crawl_timetable import CrawlTimetable

pytestmark = pytest.mark.usefixtures("airflow_home")

RELEASED = {
    "B-2": "2024-03-01T00:00:00+00:00",
    "A-1": "2024-01-01T00:00:00+00:00",
    "FUTURE-9": "2999-01-01T00:00:00+00:00",
    "C-3": "2024-06-01T00:01:00+00:00",
    "C-2": "2024-06-01T00:00:00+00:00",
}


@pytest.fixture
def timetable(airflow_home: Path) -> CrawlTimetable:
    from crawl_timetable import CrawlTimetable

    return CrawlTimetable(RELEASED)


def restriction(*, catchup: bool, earliest: str | None = None, latest: str | None = None) -> object:
    import pendulum
    from airflow.timetables.base import TimeRestriction

    bounds = [pendulum.parse(bound) if bound else None for bound in (earliest, latest)]
    return TimeRestriction(bounds[0], bounds[1], catchup)  # type: ignore[arg-type]


def following(timetable: CrawlTimetable, last: str | None, **bounds: object) -> str | None:
    info = timetable._info(last) if last else None
    following = timetable.next_dagrun_info_v2(last_dagrun_info=info, restriction=restriction(**bounds))  # type: ignore
    return following.partition_key if following else None


def backfilled(timetable: CrawlTimetable, earliest: str, latest: str) -> list[str | None]:
    import pendulum

    bounds = {"earliest": pendulum.parse(earliest), "latest": pendulum.parse(latest)}
    return [info.partition_key for info in timetable.iter_partition_dagrun_infos(**bounds)]  # type: ignore[arg-type]


def test_unpausing_runs_the_newest_released_dump(timetable: CrawlTimetable) -> None:
    assert following(timetable, None, catchup=False) == "C-3"


def test_catch_up_begins_with_the_oldest(timetable: CrawlTimetable) -> None:
    assert following(timetable, None, catchup=True) == "A-1"
    assert following(timetable, None, catchup=True, earliest="2024-02-01") == "B-2"


def test_dumps_follow_each_other_by_date_and_id(timetable: CrawlTimetable) -> None:
    assert following(timetable, "B-2", catchup=False) == "C-2"
    assert following(timetable, "C-2", catchup=False) == "C-3", "both were released on the same day"


def test_a_future_dump_waits_for_its_day(timetable: CrawlTimetable) -> None:
    from airflow.timetables.base import DagRunInfo

    info = timetable.next_dagrun_info_v2(
        last_dagrun_info=timetable._info("C-3"), restriction=restriction(catchup=False)  # type: ignore[arg-type]
    )  # fmt: skip
    assert isinstance(info, DagRunInfo)
    assert info.partition_key == "FUTURE-9"
    assert info.run_after.year == 2999


def test_nothing_follows_the_last_allowed_dump(timetable: CrawlTimetable) -> None:
    assert following(timetable, "C-3", catchup=False, latest="2025-01-01") is None


def test_a_backfill_runs_each_dump_between_its_bounds_once(timetable: CrawlTimetable) -> None:
    assert backfilled(timetable, "2024-01-01", "2024-06-01") == ["A-1", "B-2", "C-2", "C-3"]
    assert backfilled(timetable, "2024-01-02", "2024-05-31") == ["B-2"]


def test_a_backfill_never_runs_a_dump_of_the_future(timetable: CrawlTimetable) -> None:
    assert backfilled(timetable, "2024-06-01", "2999-12-31") == ["C-2", "C-3"]


def test_two_dumps_of_one_day_are_two_partitions_of_a_backfill(airflow_home: Path) -> None:
    from datetime import date

    import pendulum
    from crawl_timetable import CrawlTimetable

    from include.crawls import Crawl, add_crawls, load_crawls

    day, file = date(2026, 3, 13), airflow_home / "same-day.yaml"
    add_crawls(file, [Crawl(day, name, day, "/data") for name in ("ZWEI", "EINS", "DREI")])
    timetable = CrawlTimetable.of(load_crawls(file))
    bounds = {"earliest": pendulum.datetime(2026, 3, 13), "latest": pendulum.datetime(2026, 3, 13)}
    infos = list(timetable.iter_partition_dagrun_infos(**bounds))
    assert [info.partition_key for info in infos] == ["DREI", "EINS", "ZWEI"]
    assert len({info.partition_date for info in infos}) == 3
    assert following(timetable, "DREI", catchup=False) == "EINS"
    later = {"earliest": infos[1].partition_date, "latest": infos[2].partition_date}
    assert [info.partition_key for info in timetable.iter_partition_dagrun_infos(**later)] == ["EINS", "ZWEI"]


def test_a_dump_that_joins_a_day_does_not_run_its_neighbour_again(airflow_home: Path) -> None:
    from crawl_timetable import CrawlTimetable

    before = CrawlTimetable({"B-1": "2024-06-01T00:00:00+00:00"})
    after = CrawlTimetable({"A-1": "2024-06-01T00:00:00+00:00", "B-1": "2024-06-01T00:01:00+00:00"})
    ran = before._info("B-1")
    assert after.next_dagrun_info_v2(last_dagrun_info=ran, restriction=restriction(catchup=False)) is None  # type: ignore


def test_an_unknown_id_is_refused_with_a_message(timetable: CrawlTimetable) -> None:
    from airflow.exceptions import InvalidPartitionKeyError

    with pytest.raises(InvalidPartitionKeyError, match=r"no dump 'A-2'. Did you mean"):
        timetable.resolve_partition_date("A-2")
    assert timetable.resolve_partition_date("A-1").year == 2024  # type: ignore[union-attr]


def test_run_ids_name_the_dump_and_are_unique_on_reprocessing(timetable: CrawlTimetable) -> None:
    from airflow.utils.types import DagRunType

    info = timetable._info("A-1")
    ids = {
        timetable.generate_run_id(
            run_type=DagRunType.BACKFILL_JOB, run_after=info.run_after, data_interval=None, partition_key="A-1"
        )
        for _ in range(20)
    }
    assert len(ids) == 20
    assert all(run_id.startswith("backfill__A-1__") for run_id in ids)


def test_a_manual_trigger_without_a_key_still_gets_a_run_id(timetable: CrawlTimetable) -> None:
    import pendulum
    from airflow.utils.types import DagRunType

    at = pendulum.datetime(2026, 1, 1)
    run_id = timetable.generate_run_id(run_type=DagRunType.MANUAL, run_after=at, data_interval=None)
    assert run_id.startswith("manual__2026-01-01")


def test_it_survives_serialisation_as_airflow_does_it(timetable: CrawlTimetable) -> None:
    from airflow.serialization.decoders import decode_timetable
    from airflow.serialization.encoders import encode_timetable

    assert decode_timetable(encode_timetable(timetable)).serialize() == timetable.serialize()
