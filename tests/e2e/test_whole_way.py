"""The whole way with real parts, by the commands that the README gives: make demo, again, a third dump, make down."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from still_running import still_running

from include.lake import Lake
from include.publish.registry import diff
from include.rephrase.progress import progress_of
from include.settings import Settings

if TYPE_CHECKING:
    from include.embedded.client import Client
    from include.embedded.rest import Airflow

pytestmark = [pytest.mark.slow, pytest.mark.engine, pytest.mark.timeout(1500)]

PROJECT = Path(__file__).resolve().parents[2]
CRAWLS = ["SAMPLE-2026-01", "SAMPLE-2026-02"]
DAGS = ["ingest_crawl", "rephrase_crawl", "publish_corpus", "train_model"]
PARAMS = "params.yaml:include/sample/params.yaml:tests/e2e/params.yaml"
STOPPED = "manual__stopped"
"""A run that its budget stops, and then a person."""


def make(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """``make`` with a parameter file in the home folder that a test may change while Airflow runs."""
    env = os.environ | {"REWRAP_HOME": str(home), "REWRAP_PORT": "8931", "COLUMNS": "160"}
    env = {name: value for name, value in env.items() if not name.startswith("AIRFLOW")}
    command = ["make", "--no-print-directory", *arguments, f"DEMO_PARAMS={PARAMS}:{home / 'mine.yaml'}"]
    return subprocess.run(command, cwd=PROJECT, env=env, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("rewrap")
    (home / "models").symlink_to(models)
    (home / "mine.yaml").touch()
    yield home
    make(home, "down")


@pytest.fixture(scope="module")
def demo(home: Path) -> str:
    done = make(home, "demo")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout


@pytest.fixture(scope="module")
def lake(home: Path, demo: str) -> Lake:
    return Lake(home / "lake")


@pytest.fixture
def airflow(home: Path, demo: str) -> Iterator[Airflow]:
    from include.embedded import services

    running = services.status(Settings.from_environment({"REWRAP_HOME": str(home)}))
    assert running is not None
    with running.connect() as airflow:
        yield airflow


@pytest.fixture
def api(home: Path, demo: str) -> Iterator[Client]:
    """Airflow's plain REST API, for what no driver of ours does."""
    from include.embedded import services
    from include.embedded.client import Client

    running = services.status(Settings.from_environment({"REWRAP_HOME": str(home)}))
    assert running is not None
    client = Client(running.url, running.user, running.password)
    yield client
    client.close()


def wait_for(condition: Callable[[], Any], seconds: float) -> Any:
    until = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.5)  # asking a server, with a deadline
    return value


def tags(home: Path) -> list[str]:
    command = ["git", "-C", str(home / "datasets"), "tag"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


def report(lake: Lake, crawl: str, stage: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((lake.path("reports", crawl) / f"{stage}.json").read_text())
    return content


def test_the_summary_shows_each_dumps_funnel(demo: str, lake: Lake) -> None:
    for crawl in CRAWLS:
        for stage, label in (("ingest", "WARC records"), ("gate", "accepted")):
            counts = report(lake, crawl, stage)
            number = counts["rows_in"] if stage == "ingest" else counts["rows_out"]
            assert re.search(rf"{label}\W+{number}\b", demo), f"{label} {number} of {crawl}"
        unwrapped = re.sub(r"[│┃|\s]+", " ", demo)  # a long list of reasons goes on in the next line of its cell
        for reason in report(lake, crawl, "gate")["rejected"]:
            assert reason.replace("_", " ") in unwrapped
    for part in ("tokens/s", "original", "rephrased:", "dvc get", "Perplexity", "http://127.0.0.1:8931", "make down"):
        assert part in demo


def test_airflow_ran_each_dump_once_from_ingest_to_training(airflow: Airflow) -> None:
    for dag in DAGS:
        runs = [(run["partition_key"], run["state"]) for run in airflow.runs(dag, CRAWLS)]
        assert sorted(runs) == [(crawl, "success") for crawl in CRAWLS], dag


def test_rows_add_up_and_name_their_engine(lake: Lake) -> None:
    for crawl in CRAWLS:
        generations = lake.read("generations", crawl)
        assert generations.num_rows == 4 * report(lake, crawl, "plan")["detail"]["segments"] > 0
        assert set(generations.column("engine").to_pylist()) == {"vllm"}
        accepted, quarantined = lake.read("accepted", crawl), lake.read("quarantined", crawl)
        assert accepted.num_rows + quarantined.num_rows == generations.num_rows
        assert accepted.num_rows > 0
        assert None not in quarantined.column("reason").to_pylist()


def test_pages_that_came_back_cost_nothing(lake: Lake) -> None:
    first, second = (set(lake.read("requests", crawl).column("generation_key").to_pylist()) for crawl in CRAWLS)
    assert first & second, "the sample of the second dump holds pages of the first"
    assert keys_in(lake) == Counter(first | second), "every key of both dumps is there, and once"
    # Airflow works on both dumps at once: which of them makes what they share is open.
    made = [(progress_of(lake, crawl) or {})["generated"] for crawl in CRAWLS]
    assert sum(made) == len(first | second) < len(first) + len(second)


def test_a_row_of_a_corpus_is_traced_to_its_page_its_generations_and_its_checks(home: Path, lake: Lake) -> None:
    for crawl in CRAWLS:
        row = next(row for row in lake.read("mix", crawl).to_pylist() if row["origin"] == "synthetic")
        command = [sys.executable, "-m", "include.cli", "lineage", row["row_id"], "--crawl", crawl, "--json"]
        env = os.environ | {"REWRAP_HOME": str(home)}
        done = subprocess.run(command, cwd=PROJECT, env=env, capture_output=True, text=True, check=True)
        told = json.loads(done.stdout)
        assert told["page"]["url"] == row["url"]
        assert told["page"]["warc_path"]
        assert told["span"]["unchanged"]
        assert told["recipe"]["state"] == "as it is now"
        assert {step["engine"] for step in told["steps"]} == {told["teacher"]["engine"]} == {"vllm"}
        checks = {check["name"]: check for check in told["checks"]}
        assert all(check["passed"] for check in checks.values())
        assert checks["similarity"]["value"] >= checks["similarity"]["min"]


def _keys(file: Path) -> list[str]:
    import pyarrow.parquet as pq

    return list(pq.read_table(file, columns=["generation_key"]).column("generation_key").to_pylist())


def test_every_planted_page_ended_where_its_manifest_says(home: Path, lake: Lake) -> None:
    planted = [case for case in json.loads((home / "sample/manifest.json").read_text()) if case["crawl"] in CRAWLS]
    assert planted
    for crawl in CRAWLS:
        documents = set(lake.read("documents", crawl).column("url").to_pylist())
        rejected = {row["url"]: row["reason"] for row in lake.read("rejected_pages", crawl).to_pylist()}
        for case in planted:
            if case["crawl"] == crawl and case["outcome"] == "documents":
                assert case["url"] in documents, case
            elif case["crawl"] == crawl and case["outcome"] == "rejected":
                assert rejected.get(case["url"]) == case["reason"], case


def test_data_docs_are_written_for_each_dump(lake: Lake) -> None:
    for crawl in CRAWLS:
        assert list(lake.path("data_docs", crawl).rglob("index.html"))


def test_each_dump_has_a_version_that_dvc_get_returns(home: Path, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    assert tags(home) == [f"{crawl}@v1.0.0" for crawl in CRAWLS]
    for crawl in CRAWLS:
        command = [
            "dvc",
            "get",
            str(home / "datasets"),
            crawl,
            "--rev",
            f"{crawl}@v1.0.0",
            "-o",
            str(tmp_path / crawl),
        ]
        subprocess.run([sys.executable, "-m", *command], check=True, capture_output=True)
        mix = pq.read_table(tmp_path / crawl / "data/mix-00000-of-00001.parquet")
        assert set(mix.column("origin").to_pylist()) == {"real", "synthetic"}
        assert (tmp_path / crawl / "README.md").read_text().startswith("---\n")


def test_both_models_were_measured_on_held_out_text(home: Path, lake: Lake, demo: str) -> None:
    for crawl in CRAWLS:
        detail = report(lake, crawl, "train")["detail"]
        tag = f"{crawl}@v1.0.0"
        assert diff(home / "datasets", tag, tag).figures["training.perplexity_mix"][0] == detail["perplexity_mix"]
        for arm in ("real", "mix"):
            assert 1 < detail[f"perplexity_{arm}"] < 2048, "better than guessing among 2048 tokens"
            assert f"{detail[f'perplexity_{arm}']:.1f}" in demo
        assert (lake.path("training", crawl) / "curves.png").read_bytes().startswith(b"\x89PNG")


def start_run(api: Client, run_id: str, crawl: str, **conf: Any) -> None:
    """Trigger rephrase_crawl so strictly that its gate fails and nothing follows."""
    body = {"dag_run_id": run_id, "logical_date": None, "partition_key": crawl}
    api.call("POST", "/dags/rephrase_crawl/dagRuns", json=body | {"conf": {"gate.min_accepted_share": 1.0, **conf}})


def end_of(api: Client, run_id: str, seconds: float = 300) -> str:
    """The state in which the run ended."""

    def state() -> str | None:
        state = str(api.get(f"/dags/rephrase_crawl/dagRuns/{run_id}")["state"])
        return state if state in ("success", "failed") else None

    return str(wait_for(state, seconds))


def states_of(airflow: Airflow, run_id: str) -> dict[str, str]:
    return {task["task_id"]: task["state"] for task in airflow.task_instances("rephrase_crawl", run_id)}


def test_a_gate_that_fails_blocks_what_follows(airflow: Airflow, api: Client) -> None:
    before = len(airflow.runs("publish_corpus", CRAWLS))
    start_run(api, "manual__strict_gate", CRAWLS[0])
    assert end_of(api, "manual__strict_gate") == "failed"
    states = states_of(airflow, "manual__strict_gate")
    passed = dict.fromkeys(("plan", "generate", "collect"), "success")
    assert states == passed | {"gate": "failed", "approve": "upstream_failed"}
    log = airflow.task_log("rephrase_crawl", "manual__strict_gate", "gate", 1)
    assert "accepted" in log
    assert "Traceback" not in log, "what a person can act on comes without a traceback"
    assert len(airflow.runs("publish_corpus", CRAWLS)) == before, "nothing downstream has started"


def test_what_a_run_would_cost_stands_in_its_note_and_in_the_log(airflow: Airflow, api: Client, lake: Lake) -> None:
    for crawl in CRAWLS:
        run = airflow.runs("rephrase_crawl", [crawl])[0]["run_id"]
        note = api.get(f"/dags/rephrase_crawl/dagRuns/{run}")["note"]
        assert f"{report(lake, crawl, 'plan')['detail']['requests']} chains" in note
        assert "output tokens" in note
        log = airflow.task_log("rephrase_crawl", run, "plan", 1)
        assert all(line in log for line in note.splitlines())


def test_the_trigger_form_refuses_what_is_no_value_and_names_the_field(api: Client) -> None:
    from include.embedded.client import AirflowRefused

    for name, value in (("rephrase.recipes", ["poem"]), ("rephrase.budget.money", -1)):
        with pytest.raises(AirflowRefused, match=name):
            start_run(api, "manual__nonsense", CRAWLS[0], **{name: value})


def test_an_unknown_dump_is_refused_with_the_nearest_ones(api: Client) -> None:
    from include.embedded.client import AirflowRefused

    body = {"dag_run_id": "manual__nope", "logical_date": None, "partition_key": "SAMPLE-2026-09"}
    with pytest.raises(AirflowRefused, match=r"no dump 'SAMPLE-2026-09'. Did you mean SAMPLE-2026-0"):
        api.call("POST", "/dags/ingest_crawl/dagRuns", json=body)


def test_both_ways_give_the_same_data(home: Path, lake: Lake, tmp_path: Path) -> None:
    """The stages by 'dvc repro' in a clone, with the same store, against what Airflow made."""
    clone = tmp_path / "clone"
    files = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    for name in files.stdout.splitlines():
        if (PROJECT / name).is_file():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / name, clone / name)
    subprocess.run(["git", "init", "-q", str(clone)], check=True)
    (clone / ".venv-engine").symlink_to(PROJECT / ".venv-engine")
    new = Lake(clone / ".rewrap/lake")
    shutil.copytree(lake.root / "store", new.root / "store")
    shutil.copy2(home / "crawls.yaml", clone / ".rewrap/crawls.yaml")
    (clone / ".rewrap/models").symlink_to(home / "models")
    env = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "REWRAP"))}
    env |= {"REWRAP_PARAMS": PARAMS, "PATH": f"{Path(sys.executable).parent}:{env['PATH']}"}
    repro = [sys.executable, "-m", "dvc", "repro"]
    done = subprocess.run(repro, cwd=clone, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "starting vLLM" not in done.stdout + done.stderr
    for layer in (
        "documents",
        "rejected_pages",
        "requests",
        "generations",
        "verdicts",
        "accepted",
        "coverage",
        "mix",
        "heldout",
    ):
        ours, theirs = lake.manifest(layer, CRAWLS[0]), new.manifest(layer, CRAWLS[0])
        assert ours is not None, layer
        assert theirs is not None, layer
        assert ours.files == theirs.files, layer


def test_a_second_demo_generates_nothing_and_publishes_nothing_new(home: Path, lake: Lake) -> None:
    stored = sorted((lake.root / "store").rglob("*.parquet"))
    done = make(home, "demo")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    assert done.stdout.count("Nothing was generated again") == 2
    assert sorted((lake.root / "store").rglob("*.parquet")) == stored
    assert tags(home) == [f"{crawl}@v1.0.0" for crawl in CRAWLS]


def test_a_run_that_its_budget_or_a_person_stopped_goes_on_where_it_was(
    home: Path, airflow: Airflow, api: Client, lake: Lake
) -> None:
    """In one run, because engines take long to start: its budget is spent, then raised; a person stops, then clears."""
    crawl, before = CRAWLS[1], keys_in(lake)
    # Another seed makes every generation a new one; few at a time, so that there is a middle to stop in.
    mine = "rephrase: {seed: 7, engine: {max_num_seqs: 8}, budget: {tokens: %s}}"
    (home / "mine.yaml").write_text(mine % 1)
    start_run(api, STOPPED, crawl, **{"rephrase.recipes": ["easy", "medium"]})
    assert end_of(api, STOPPED) == "failed"
    task = generation(airflow)
    assert (task["state"], task["try_number"]) == ("failed", 1), "trying again cannot mend a budget"
    log = airflow.task_log("rephrase_crawl", STOPPED, "generate", 1, task["map_index"])
    assert "rephrase.budget.tokens is 1" in log
    assert "goes on from there" in log
    assert "Traceback" not in log
    assert keys_in(lake) == before
    planned = {row["generation_key"] for row in lake.read("requests", crawl, columns=["generation_key"]).to_pylist()}
    assert not planned & before.keys()

    (home / "mine.yaml").write_text(mine % 1_000_000)
    clear(api)
    wait_for(lambda: len(keys_in(lake)) > len(before), 180)
    task = generation(airflow)
    assert processes(home, task), "the engine and the task run"
    api.call("PATCH", f"{RUN}/taskInstances/generate/{task['map_index']}", json={"new_state": "failed"})
    wait_for(lambda: not processes(home, task), 30)
    assert end_of(api, STOPPED) == "failed"
    committed = keys_in(lake)
    assert planned - committed.keys(), "it was cancelled in the middle"

    clear(api)
    assert wait_for(lambda: generation(airflow)["state"] in ("success", "failed"), 300)
    assert generation(airflow)["state"] == "success"
    made = keys_in(lake)
    assert made == before + Counter(planned), "every key once"
    assert (progress_of(lake, crawl) or {})["generated"] == len(made) - len(committed), "what was there stayed"
    assert end_of(api, STOPPED) == "failed", "only because of its gate"
    assert states_of(airflow, STOPPED)["collect"] == "success"
    (home / "mine.yaml").write_text("")


RUN = f"/dags/rephrase_crawl/dagRuns/{STOPPED}"


def keys_in(lake: Lake) -> Counter[str]:
    return Counter(key for file in (lake.root / "store").rglob("*.parquet") for key in _keys(file))


def generation(airflow: Airflow) -> dict[str, Any]:
    """The task instance that generates in the run that is stopped."""
    return next(t for t in airflow.task_instances("rephrase_crawl", STOPPED) if t["task_id"] == "generate")


def clear(api: Client) -> None:
    body = {"dry_run": False, "dag_run_id": STOPPED, "task_ids": ["generate"], "include_downstream": True}
    api.call("POST", "/dags/rephrase_crawl/clearTaskInstances", json=body)


def processes(home: Path, task: dict[str, Any]) -> list[Any]:
    """The engine's processes and the task's own."""
    import psutil

    ours = [p for p in psutil.process_iter(["environ"]) if (p.info["environ"] or {}).get("REWRAP_HOME") == str(home)]
    return still_running(ours, "engine serve") + still_running(ours, task["id"])


def test_a_new_dump_is_found_without_a_restart(home: Path, airflow: Airflow) -> None:
    env = os.environ | {"REWRAP_HOME": str(home)}
    command = [sys.executable, "-m", "include.cli", "next-sample"]
    subprocess.run(command, cwd=PROJECT, env=env, check=True, capture_output=True)
    run = wait_for(lambda: airflow.runs("ingest_crawl", ["SAMPLE-2026-03"]), 120)[0]
    assert run["run_type"] == "scheduled"


def test_up_finds_what_runs_and_prints_its_login(home: Path, demo: str) -> None:
    done = make(home, "up")
    assert done.returncode == 0
    for line in ("http://127.0.0.1:8931", "User      admin", "Password", "make down"):
        assert line in done.stdout


def test_stopping_leaves_no_process(home: Path, demo: str) -> None:
    import psutil

    assert make(home, "down").returncode == 0
    left = [p for p in psutil.process_iter(["environ"]) if (p.info["environ"] or {}).get("REWRAP_HOME") == str(home)]
    assert still_running(left) == []
