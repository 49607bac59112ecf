"""ingest_crawl under a real scheduler, over sources that fail (a web server full of faults, an S3 API server), and
asking a person about the warnings of its gate."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
from faulty_server import Chaos, FaultyServer, serving
from s3_server import s3_bucket, upload
from warc_files import page, write_dump, zipped
from whole_ingest import ingest

from include.crawls import Crawl, add_crawl
from include.embedded import services
from include.embedded.backfill import backfill
from include.embedded.client import Client, wait_until
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
    api: Client
    """Airflow's plain REST API, for what no driver of ours does."""
    params: Path
    """A parameter file that a test may change while Airflow runs."""


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
    home = tmp_path_factory.mktemp("home")
    (home / "mine.yaml").touch()
    settings = Settings.from_environment(
        {"REWRAP_HOME": str(home), "REWRAP_PARAMS": f"params.yaml:{home / 'mine.yaml'}"}
    )
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
            running = services.start(settings)
            with running.connect() as airflow, closing(Client(running.url, running.user, running.password)) as api:
                airflow.wait_for_dags(["ingest_crawl"], 180)
                backfill(airflow, "ingest_crawl", dumps, reprocess=False)
                wait_until(lambda: done(airflow), 400)
                yield Ran(Lake(settings.lake), airflow, server, api, home / "mine.yaml")
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


RUN = "manual__asked"
TASKS = f"/dags/ingest_crawl/dagRuns/{RUN}/taskInstances"
QUESTION = f"{TASKS}/approve/-1/hitlDetails"


def approval(ran: Ran, *states: str) -> dict[str, Any]:
    """The task that asks, once it is in one of these states."""

    def task() -> dict[str, Any]:
        tasks = {task["task_id"]: task for task in ran.airflow.task_instances("ingest_crawl", RUN)}
        assert tasks.get("gate", {}).get("state") != "failed"
        return tasks.get("approve", {"state": None})

    assert wait_until(lambda: task()["state"] in states, 180), f"it is {task()['state']}"
    return task()


def ask_again(ran: Ran) -> None:
    def ended() -> bool:
        return ran.api.get(f"/dags/ingest_crawl/dagRuns/{RUN}")["state"] in ("success", "failed")

    # Airflow would not take up a run again that ends just while its task is cleared.
    assert wait_until(ended, 60)
    body = {"dry_run": False, "dag_run_id": RUN, "task_ids": ["approve"], "only_failed": False}
    ran.api.call("POST", "/dags/ingest_crawl/clearTaskInstances", json=body)


def emitted(ran: Ran) -> int:
    """Events of the asset ``documents`` that the run has emitted."""
    return int(ran.api.get("/assets/events", source_run_id=RUN)["total_entries"])


def test_documents_are_announced_only_after_a_person_has_approved_of_warnings(ran: Ran) -> None:
    states = {task["task_id"]: task["state"] for run in ran.airflow.runs("ingest_crawl", [IN_S3])
              for task in ran.airflow.task_instances("ingest_crawl", run["run_id"])}  # fmt: skip
    assert states["approve"] == "success", "without warnings nobody is asked"

    gate = "documents_gate: {min_pages: 1, max_accepted_share: 0.1}\n"
    ran.params.write_text(gate + "approval: {ask: true, hours: 1}")
    body = {"dag_run_id": RUN, "logical_date": None, "partition_key": IN_S3}
    ran.api.call("POST", "/dags/ingest_crawl/dagRuns", json=body)
    approval(ran, "awaiting_input")
    question = ran.api.get(QUESTION)
    assert question["subject"] == f"{IN_S3}: the gate on the documents passed with 1 warning(s). Go on?"
    for words in (
        "**some pages are rejected** (`accepted_share_is_plausible`)",
        "observed 0.985612; allowed: at most 0.1",
    ):
        assert words in question["body"]
    page = ran.api.get(f"{TASKS}/gate/links")["extra_links"]["Data Docs"]
    assert page in question["body"]
    assert httpx.get(page).status_code == 401, "crawled text is for those who are logged in"
    token = ran.api._client.headers["Authorization"]
    assert "Gate of the documents" in httpx.get(page, headers={"Authorization": token}).text

    ran.api.call("PATCH", QUESTION, json={"chosen_options": ["Reject"], "params_input": {}})
    tried = approval(ran, "failed", "success", "up_for_retry")
    assert (tried["state"], tried["try_number"]) == ("failed", 1)
    log = ran.airflow.task_log("ingest_crawl", RUN, "approve", 1)
    assert "were rejected by admin" in log
    assert "accepted_share_is_plausible: observed 0.985612" in log
    assert "Traceback" not in log
    assert emitted(ran) == 0

    ask_again(ran)
    approval(ran, "awaiting_input")
    ran.api.call("PATCH", QUESTION, json={"chosen_options": ["Approve"], "params_input": {}})
    approval(ran, "success")
    assert emitted(ran) == 1

    ran.params.write_text(gate + "approval: {ask: true, hours: 0.0005, otherwise: approve}")
    ask_again(ran)
    approval(ran, "awaiting_input", "success")
    assert approval(ran, "success")["try_number"] == 3
    assert "Approved by nobody: the time was up" in ran.airflow.task_log("ingest_crawl", RUN, "approve", 3)
    assert emitted(ran) == 2
