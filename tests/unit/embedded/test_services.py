"""A real Airflow on a toy Dag: started once, driven over REST, stopped."""

import json
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import httpx
import jwt
import psutil
import pytest
from still_running import still_running

from include.crawls import Crawl
from include.embedded import console, environment, services
from include.embedded.backfill import backfill
from include.embedded.client import AirflowRefused, wait_until
from include.embedded.rest import Airflow
from include.errors import BadInput
from include.settings import Settings

ONE, TWO, THREE = (
    Crawl(end=date(2024, 1, n), id=f"TOY-{n}", start=date(2023, 12, 1), source="none") for n in (1, 2, 3)
)
DAG = "toy"
TROUBLE = "trouble"
DONE = ("success", "failed")

TIMETABLE = '''
import secrets
import pendulum
from airflow.plugins_manager import AirflowPlugin
from airflow.timetables.base import DagRunInfo, DataInterval, Timetable


class ToyTimetable(Timetable):
    """One run per entry of a list of [key, date]; without catch-up the newest past entry comes first."""

    partitioned = True

    def __init__(self, dumps):
        self.dumps = [tuple(dump) for dump in dumps]

    def serialize(self):
        return {"dumps": [list(dump) for dump in self.dumps]}

    @classmethod
    def deserialize(cls, data):
        return cls(data["dumps"])

    @property
    def summary(self):
        return "toy dumps"

    def _infos(self):
        for key, day in self.dumps:
            at = pendulum.parse(day, tz="UTC")
            yield DagRunInfo(run_after=at, data_interval=None, partition_date=at, partition_key=key)

    def iter_partition_dagrun_infos(self, *, earliest, latest):
        return (info for info in self._infos() if earliest <= info.partition_date <= latest)

    def _decode_partition_date(self, key):
        return next((info.partition_date for info in self._infos() if info.partition_key == key), None)

    def infer_manual_data_interval(self, *, run_after):
        return DataInterval.exact(run_after)

    def next_dagrun_info_v2(self, *, last_dagrun_info, restriction):
        after = last_dagrun_info.run_after if last_dagrun_info else None
        due = [info for info in self._infos() if after is None or info.run_after > after]
        return due[-1] if due else None

    def generate_run_id(self, *, run_type, run_after, data_interval, partition_key=None, **extra):
        return f"{run_type.value}__{partition_key}__{secrets.token_hex(4)}"


class ToyPlugin(AirflowPlugin):
    name = "toy_timetable"
    timetables = [ToyTimetable]
'''

DAG_FILE = """
import json
from pathlib import Path

import pendulum
from airflow.sdk import dag, get_current_context, task
from toy_timetable import ToyTimetable

DUMPS = json.loads(Path(__file__).with_name("dumps.json").read_text())


@dag(schedule=ToyTimetable(DUMPS), start_date=pendulum.datetime(2020, 1, 1, tz="UTC"), catchup=False)
def toy():
    @task(pool="gpu")
    def say():
        print("working on", get_current_context()["dag_run"].partition_key)

    say()


toy()
"""


TROUBLE_FILE = """
import subprocess
import sys

import pendulum
from airflow.sdk import dag, task


@dag(schedule=None, start_date=pendulum.datetime(2020, 1, 1, tz="UTC"), is_paused_upon_creation=False)
def trouble():
    @task
    def fail():
        raise ValueError("planted")

    @task
    def wait():
        print("begun", flush=True)
        subprocess.run([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)

    fail()
    wait()


trouble()
"""


@dataclass(frozen=True)
class Embedded:
    settings: Settings
    running: services.Running
    airflow: Airflow
    dags: Path

    def list_dumps(self, *crawls: Crawl) -> None:
        _list_dumps(self.dags, *crawls)

    def runs(self, *crawls: Crawl) -> list[tuple[str, str, str]]:
        keys = [crawl.id for crawl in crawls]
        return [(run["partition_key"], run["run_type"], run["state"]) for run in self.airflow.runs(DAG, keys)]

    def wait_for_runs(self, count: int, *crawls: Crawl) -> list[tuple[str, str, str]]:
        def finished() -> bool:
            return sum(state in DONE for _, _, state in self.runs(*crawls)) >= count

        assert wait_until(finished, 120), self.runs(*crawls)
        return self.runs(*crawls)


def _list_dumps(dags: Path, *crawls: Crawl) -> None:
    (dags / "dumps.json").write_text(json.dumps([[crawl.id, crawl.end.isoformat()] for crawl in crawls]))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    folder = tmp_path_factory.mktemp("embedded")
    dags, plugins = folder / "dags", folder / "plugins"
    dags.mkdir()
    plugins.mkdir()
    (plugins / "toy_timetable.py").write_text(TIMETABLE)
    (dags / "toy.py").write_text(DAG_FILE)
    (dags / "trouble.py").write_text(TROUBLE_FILE)
    _list_dumps(dags, ONE, TWO)
    settings = Settings.from_environment({"REWRAP_HOME": str(folder / "home")})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(environment, "DAGS", dags)
        patch.setattr(environment, "PLUGINS", plugins)
        patch.setenv("REWRAP_PORT", str(_free_port()))
        # What a shell has set for another Airflow must not reach this one.
        patch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_SCHEMA", "somebody-elses")
        try:
            running = services.start(settings)
            with running.connect() as airflow:
                airflow.wait_for_dags([DAG, TROUBLE], 120)
                yield Embedded(settings, running, airflow, dags)
        finally:
            services.stop(settings)


pytestmark = pytest.mark.slow


def test_it_starts_healthy_with_three_services(embedded: Embedded) -> None:
    health = httpx.get(f"{embedded.running.url}/api/v2/monitor/health", trust_env=False).json()
    assert health["scheduler"]["status"] == health["dag_processor"]["status"] == "healthy"
    assert [service.name for service in embedded.running.services] == ["api-server", "dag-processor", "scheduler"]
    assert embedded.running.ended == ()


def test_the_scheduler_starts_only_when_tasks_can_be_answered(embedded: Embedded) -> None:
    api_server, _, scheduler = embedded.running.services
    [line] = [line for line in Path(api_server.log).read_text().splitlines() if "Application startup complete" in line]
    ready = datetime.fromisoformat(line.split()[0]).timestamp()
    assert ready < scheduler.created + 1  # the system knows its boot time, and so all start times, to a second


def test_starting_again_reuses_what_runs(embedded: Embedded, capsys: pytest.CaptureFixture[str]) -> None:
    console.up(embedded.settings)
    assert services.status(embedded.settings) == embedded.running
    printed = capsys.readouterr().out
    assert "Starting" not in printed
    assert all(text in printed for text in (embedded.running.url, "admin", embedded.running.password, "make down"))


def test_only_the_shown_password_logs_in(embedded: Embedded) -> None:
    login = {"username": "admin", "password": embedded.running.password}
    url = f"{embedded.running.url}/auth/token"
    assert httpx.post(url, json=login, trust_env=False).status_code == 201
    with Airflow(embedded.running.url, "admin", "guess") as stranger, pytest.raises(AirflowRefused, match="401"):
        stranger.import_errors()
    logs = (embedded.settings.home / "airflow" / "logs" / "services").glob("*.log")
    assert not [log for log in logs if embedded.running.password in log.read_text()]


def test_an_expired_token_is_replaced(embedded: Embedded) -> None:
    headers = embedded.airflow._client._client.headers
    token = headers["Authorization"].removeprefix("Bearer ")
    claims = jwt.decode(token, options={"verify_signature": False}) | {"iat": 1, "nbf": 1, "exp": 2}
    header, key = jwt.get_unverified_header(token), environment.read_secrets(embedded.settings)["jwt"]
    expired = f"Bearer {jwt.encode(claims, key, algorithm=header['alg'], headers=header)}"
    url = f"{embedded.running.url}/api/v2/importErrors"
    refused = httpx.get(url, headers={"Authorization": expired}, trust_env=False)
    assert (refused.status_code, refused.json()["detail"]) == (401, "Token Expired")
    headers["Authorization"] = expired
    assert embedded.airflow.import_errors() == []
    assert headers["Authorization"] != expired


@pytest.mark.parametrize("pool", ["gpu", "dvc"])
def test_the_pools_are_there_and_take_one_task(embedded: Embedded, pool: str) -> None:
    assert embedded.airflow._client.get(f"/pools/{pool}")["slots"] == 1


def test_a_paused_dag_backfilled_and_unpaused_runs_each_dump_once(embedded: Embedded) -> None:
    airflow = embedded.airflow
    assert airflow.is_paused(DAG)
    # The trap: the paused Dag has planned a run of the newest dump, which the backfill is about to make as well.
    assert airflow.next_run_after(DAG) == TWO.released
    backfill(airflow, DAG, [ONE, TWO], reprocess=False)
    assert not airflow.is_paused(DAG)
    # The scheduler loop that starts a backfill run has made scheduled ones before: an unwanted one is there by now.
    assert embedded.wait_for_runs(2, ONE, TWO) == [("TOY-1", "backfill", "success"), ("TOY-2", "backfill", "success")]
    assert airflow.next_run_after(DAG) is None


def test_the_log_of_a_task_can_be_read(embedded: Embedded) -> None:
    run = embedded.airflow.runs(DAG, ["TOY-2"])[0]
    [task] = embedded.airflow.task_instances(DAG, run["run_id"])
    assert (task["task_id"], task["state"]) == ("say", "success")
    log = embedded.airflow.task_log(DAG, run["run_id"], "say", task["try_number"])
    assert "working on TOY-2" in log
    assert not log.startswith("::group::Log message source")


def test_the_log_of_a_failed_task_says_why(embedded: Embedded) -> None:
    airflow = embedded.airflow
    airflow._client.call("POST", f"/dags/{TROUBLE}/dagRuns", json={"logical_date": None, "dag_run_id": "one"})
    assert wait_until(lambda: _states(airflow).get("fail") == "failed", 120)
    log = airflow.task_log(TROUBLE, "one", "fail", 1)
    assert "trouble.py:" in log
    assert "ValueError: planted" in log


def test_finished_dumps_run_again_only_when_asked(embedded: Embedded) -> None:
    # Straight after the first one, which Airflow has not closed yet: that alone would be a 409.
    backfill(embedded.airflow, DAG, [ONE, TWO], reprocess=False)
    assert len(embedded.runs(ONE, TWO)) == 2
    backfill(embedded.airflow, DAG, [TWO], reprocess=True)
    assert embedded.wait_for_runs(3, ONE, TWO)[-1] == ("TOY-2", "backfill", "success")
    assert len(embedded.runs(ONE, TWO)) == 3


def test_what_cannot_be_backfilled_is_refused_before_anything_runs(
    embedded: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("include.embedded.backfill.DEADLINE", 1.0)
    with pytest.raises(BadInput, match="knows no dump TOY-3"):
        backfill(embedded.airflow, DAG, [THREE], reprocess=False)
    with pytest.raises(BadInput, match="at least one"):
        backfill(embedded.airflow, DAG, [], reprocess=False)
    assert embedded.runs(THREE) == []


def test_a_dump_listed_a_moment_ago_is_backfilled_without_a_restart(embedded: Embedded) -> None:
    embedded.list_dumps(ONE, TWO, THREE)
    backfill(embedded.airflow, DAG, [TWO, THREE], reprocess=True)
    # By the backfill, or by the scheduler where that saw it first; never by both.
    assert [(key, state) for key, _, state in embedded.wait_for_runs(4, TWO, THREE)[3:]] == [("TOY-3", "success")]
    assert embedded.airflow.next_run_after(DAG) is None
    with pytest.raises(BadInput, match="TOY-2 lie between"):
        backfill(embedded.airflow, DAG, [ONE, THREE], reprocess=True)


def test_a_taken_port_is_refused_with_the_variable_to_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, embedded: Embedded
) -> None:
    monkeypatch.setenv("REWRAP_PORT", str(embedded.running.port))
    elsewhere = Settings.from_environment({"REWRAP_HOME": str(tmp_path)})
    with pytest.raises(BadInput, match=f"port {embedded.running.port} .*REWRAP_PORT="):
        services.start(elsewhere)
    assert services.status(elsewhere) is None


@pytest.mark.parametrize("text", ["http", "0", "65536"])
def test_a_port_that_is_none_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("REWRAP_PORT", text)
    with pytest.raises(BadInput, match=f"REWRAP_PORT='{text}'"):
        services.start(Settings.from_environment({"REWRAP_HOME": str(tmp_path)}))


def test_stopping_leaves_no_process_and_no_false_success(
    embedded: Embedded, capsys: pytest.CaptureFixture[str]
) -> None:
    airflow = embedded.airflow  # its task "wait" runs since the test of the failed task, with a process of its own
    assert wait_until(lambda: "begun" in airflow.task_log(TROUBLE, "one", "wait", 1), 60)
    assert _states(airflow)["wait"] == "running"
    ours = {p for service in embedded.running.services for p in psutil.Process(service.pid).children(recursive=True)}
    assert still_running(ours, "time.sleep(600)")
    ours |= {psutil.Process(service.pid) for service in embedded.running.services}
    console.down(embedded.settings)
    assert capsys.readouterr().out == "Stopped api-server, dag-processor, scheduler.\n"
    assert still_running(ours) == []
    with closing(sqlite3.connect(embedded.settings.home / "airflow" / "airflow.db")) as database:
        [(state,)] = database.execute("SELECT state FROM task_instance WHERE task_id = 'wait'")
    assert state != "success"
    assert services.status(embedded.settings) is None
    console.down(embedded.settings)
    assert capsys.readouterr().out == "Airflow was not running.\n"


def _states(airflow: Airflow) -> dict[str, str]:
    return {task["task_id"]: task["state"] for task in airflow.task_instances(TROUBLE, "one")}
