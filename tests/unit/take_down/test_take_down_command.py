"""The command and the Dag ``take_down``, over small lakes without releases."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "publish"))

from small_dumps import Dump, fill

from include import settings as settings_module
from include.cli import app
from include.errors import BadInput, RewrapError
from include.lake import Lake

FIRST, SECOND = "SMALL-1", "SMALL-2"
HOSTS = 20


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lake]:
    """Two dumps with three documents on each host."""
    monkeypatch.setenv("REWRAP_HOME", str(tmp_path))
    monkeypatch.setenv("REWRAP_PARAMS", "params.yaml")
    settings_module.settings.cache_clear()
    lake = Lake(tmp_path / "lake")
    for crawl in (FIRST, SECOND):
        fill(lake, Dump(crawl, hosts=HOSTS))
    yield lake
    settings_module.settings.cache_clear()


def run(*arguments: object) -> str:
    result = CliRunner().invoke(app, ["take-down", *map(str, arguments)], env={"COLUMNS": "160"})
    if isinstance(result.exception, RewrapError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def files(lake: Lake) -> dict[Path, bytes]:
    return {file: file.read_bytes() for file in lake.root.rglob("*") if file.is_file() and ".locks" not in file.parts}


def hosts(lake: Lake, crawl: str) -> set[str]:
    return set(lake.read("documents", crawl)["host"].to_pylist())


def test_a_dry_run_shows_what_would_go_and_changes_nothing(small: Lake) -> None:
    before = files(small)
    shown = run("host3.example", "--dry-run")
    assert "6 pages named by 1 rules" in shown
    assert re.search(r"accepted +│ +12 │", shown)
    assert files(small) == before


def test_a_list_and_rules_take_down_and_the_report_says_what_went(small: Lake, tmp_path: Path) -> None:
    listed = tmp_path / "list.txt"
    listed.write_text("host3.example  # by mail\n")
    shown = run("--from", listed, "https://host4.example/page-4")
    assert "Nothing is left" in shown
    assert f"{FIRST}: no new version (it has no release)" in shown
    assert hosts(small, FIRST) == hosts(small, SECOND) == {f"host{n}.example" for n in range(HOSTS) if n != 3}
    assert small.finished("documents", FIRST).rows == 60 - 3 - 1
    assert small.finished("generations", FIRST).rows == 2 * 56
    [report] = (small.root / "take_down").glob("*.json")
    told = json.loads(report.read_bytes())
    assert told["found"].items() >= {"accepted": 16, "documents": 8, "generations": 16}.items()
    assert str(report) in shown


def test_other_dumps_stay_as_they_are_if_one_is_named(small: Lake) -> None:
    kept = small.read("documents", SECOND)
    run("host3.example", "--crawl", FIRST)
    assert "host3.example" not in hosts(small, FIRST)
    assert small.read("documents", SECOND) == kept


def test_a_take_down_that_was_begun_goes_on_by_its_id(small: Lake) -> None:
    from include import stages

    case = stages.find_pages(stages.open_workspace(), [], ["host3.example"], [], dry_run=False, everything=False)
    assert "host3.example" in hosts(small, FIRST)
    assert "Nothing is left" in run("--resume", case.id)
    assert "host3.example" not in hosts(small, FIRST)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "There is no rule to take down by"),
        (["# only a comment"], "There is no rule to take down by"),
        (["regex:."], "name all 120 documents of all dumps"),
        (["example", "regex:("], "what was typed in is not a usable list .*\n  line 1: 'example'.*\n  line 2: .*RE2"),
        (["host3.example", "--crawl", "SMALL-3"], "no dump SMALL-3. It has: SMALL-1, SMALL-2"),
        (["--from", "/nowhere.txt"], "/nowhere.txt cannot be read"),
        (["--resume", "0123"], "no take-down '0123'"),
        (["--resume", "0123", "host3.example"], "give no others"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_removes_nothing(small: Lake, arguments: list[str], said: str) -> None:
    before = files(small)
    with pytest.raises(BadInput, match=said):
        run(*arguments)
    assert files(small) == before


def test_everything_goes_if_that_is_said(small: Lake) -> None:
    run("regex:.", "--everything")
    assert hosts(small, FIRST) == hosts(small, SECOND) == set()


@pytest.fixture
def task(small: Lake, airflow_home: Path) -> Callable[..., Any]:
    """Calls a task of the Dag as Airflow does, with the run's parameters."""
    from airflow.dag_processing.dagbag import DagBag
    from airflow.sdk.execution_time.context import set_current_context

    dag = DagBag(dag_folder=str(settings_module.PROJECT / "dags" / "take_down.py")).dags["take_down"]
    form = {name: dag.params[name] for name in dag.params}

    def call(name: str, *arguments: Any, **params: Any) -> Any:
        with set_current_context({"params": form | params}):  # type: ignore[typeddict-item]
            return dag.get_task(name).python_callable(*arguments)

    return call


def test_the_tasks_of_the_dag_find_remove_rebuild_and_prove(small: Lake, task: Callable[..., Any]) -> None:
    params = {"rules": ["host3.example", "host4.example"], "crawls": [FIRST]}
    assert task("find", dry_run=True, **params) == "", "a dry run ends there"
    assert "host3.example" in hosts(small, FIRST)
    case = task("find", **params)
    assert task("remove", case) == [FIRST]
    task("rebuild", case, FIRST)
    assert task("prove", case)["state"] == "proven"
    assert hosts(small, FIRST).isdisjoint(params["rules"])
    assert "host3.example" in hosts(small, SECOND)
