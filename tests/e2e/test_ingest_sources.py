"""ingest_crawl under a real scheduler, over sources that fail: a web server full of faults, and an S3 API server."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from faulty_server import Chaos, FaultyServer, serving
from s3_server import s3_bucket, upload
from warc_files import page, write_dump, zipped
from whole_ingest import ingest

from include.crawls import Crawl, add_crawl
from include.embedded import services
from include.embedded.backfill import backfill
from include.embedded.client import wait_until
from include.embedded.rest import Airflow
from include.lake import Lake
from include.params import load_params
from include.settings import PROJECT, Settings

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

FILES = 24
OVER_HTTP, IN_S3 = "FAULTY-2026-01", "BUCKET-2026-02"


@dataclass(frozen=True)
class Ran:
    """The lake after Airflow has ingested both dumps."""

    lake: Lake
    airflow: Airflow
    server: FaultyServer


def dump(folder: Path, crawl: str) -> Path:
    """A made-up dump in Common Crawl's layout, one of whose listed files is missing."""
    segments = f"crawl-data/{crawl}/segments/1700000000000.1/warc"
    files = {
        f"{segments}/{number:05d}.warc.gz": zipped([page(6 * number + n) for n in range(6)]) for number in range(FILES)
    }
    write_dump(folder, files, crawl)
    (folder / segments / "00005.warc.gz").unlink()
    return folder


def documents_by_hand(folder: Path, crawl: str, lake: Lake) -> object:
    """The same dump from its folder, in this process and without faults."""
    params = load_params((PROJECT / "params.yaml",)).ingest
    ingest(lake, folder, params, crawl)
    return lake.finished("documents", crawl).files


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("dumps")
    return {crawl: dump(folder / crawl, crawl) for crawl in (OVER_HTTP, IN_S3)}


@pytest.fixture(scope="module")
def ran(folders: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ran]:
    settings = Settings.from_environment({"REWRAP_HOME": str(tmp_path_factory.mktemp("home"))})
    with pytest.MonkeyPatch.context() as patch, serving(folders[OVER_HTTP]) as server, s3_bucket("crawls") as bucket:
        stored = folders[IN_S3]
        paths = [path for path in stored.rglob("*") if path.is_file()]
        upload(bucket, {str(path.relative_to(stored)): path.read_bytes() for path in paths})
        server.chaos = Chaos(seed=11, share=0.5)
        dumps = [
            Crawl(date(2026, 1, 31), OVER_HTTP, date(2026, 1, 1), server.address),
            Crawl(date(2026, 2, 28), IN_S3, date(2026, 2, 1), f"s3://{bucket}"),
        ]
        for crawl in dumps:
            add_crawl(settings.crawls_file, crawl)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            patch.setenv("REWRAP_PORT", str(probe.getsockname()[1]))
        patch.setenv("REWRAP_REQUESTS_PER_SECOND", "1000")
        try:
            with services.start(settings).connect() as airflow:
                airflow.wait_for_dags(["ingest_crawl"], 180)
                backfill(airflow, "ingest_crawl", dumps, reprocess=False)
                wait_until(lambda: done(airflow), 400)
                yield Ran(Lake(settings.lake), airflow, server)
        finally:
            services.stop(settings)


def done(airflow: Airflow) -> bool:
    states = [run["state"] for run in airflow.runs("ingest_crawl", [OVER_HTTP, IN_S3])]
    return len(states) == 2 and all(state in ("success", "failed") for state in states)


def test_both_dumps_are_ingested_whatever_the_network_does(ran: Ran) -> None:
    states = {run["partition_key"]: run["state"] for run in ran.airflow.runs("ingest_crawl", [OVER_HTTP, IN_S3])}
    assert states == {OVER_HTTP: "success", IN_S3: "success"}
    assert len(ran.server.seen) > FILES + 5, "requests failed and were made again"


@pytest.mark.parametrize("crawl", [OVER_HTTP, IN_S3])
def test_the_documents_are_those_of_an_undisturbed_run(
    ran: Ran, folders: dict[str, Path], crawl: str, tmp_path: Path
) -> None:
    expected = documents_by_hand(folders[crawl], crawl, Lake(tmp_path / "lake"))
    assert ran.lake.finished("documents", crawl).files == expected


def test_a_missing_file_is_named_and_nothing_else_is_lost(ran: Ran) -> None:
    for crawl in (OVER_HTTP, IN_S3):
        files = [row for shard in ran.lake.shards("warc_files", crawl) for row in read(ran.lake, crawl, shard)]
        assert len(files) == FILES
        [lost] = [str(row["path"]) for row in files if not row["complete"]]
        assert lost.endswith("00005.warc.gz")
        assert sum(row["pages"] for row in files) == 6 * (FILES - 1)


def read(lake: Lake, crawl: str, shard: str) -> list[dict[str, int]]:
    rows: list[dict[str, int]] = lake.read("warc_files", crawl, shard).to_pylist()
    return rows
