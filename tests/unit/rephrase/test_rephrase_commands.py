"""The commands of rephrasing and the stages behind them, with the scripted engine: no other environment is there."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from documents import CRAWL, write_documents
from typer.testing import CliRunner

from include import settings as settings_module
from include.cli import app
from include.errors import BadInput, BudgetReached, RewrapError
from include.lake import Lake
from include.rephrase.teacher import Teacher


class Shell:
    """Commands in a home of their own, over a dump of four documents."""

    def __init__(self, lake: Lake, teacher: Teacher) -> None:
        self.lake = lake
        self.settings = {
            "rephrase.teacher": teacher.path,
            "rephrase.teacher_revision": teacher.revision,
            "rephrase.allow_unlisted_teacher": "true",
            "rephrase.engine.kind": "scripted",
            "rephrase.recipes": "[easy, qa]",
        }

    def run(self, *command: str, **changed: object) -> str:
        """The command's output; ``changed`` are parameters of ``rephrase``."""
        settings = self.settings | {f"rephrase.{name}": value for name, value in changed.items()}
        options = [option for name, value in settings.items() for option in ("--set", f"{name}={value}")]
        result = CliRunner().invoke(app, [*command, "--crawl", CRAWL, *options], env={"COLUMNS": "160"})
        if isinstance(result.exception, RewrapError):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result.output

    @property
    def results(self) -> int:
        import pyarrow.parquet as pq

        return sum(pq.read_metadata(file).num_rows for file in (self.lake.root / "store").rglob("*.parquet"))


@pytest.fixture
def shell(tmp_path: Path, teacher: Teacher, texts: list[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    monkeypatch.setenv("REWRAP_HOME", str(tmp_path))
    monkeypatch.setenv("REWRAP_PARAMS", "params.yaml")
    monkeypatch.setenv("REWRAP_ENGINE_PYTHON", str(tmp_path / "no-engine"))
    settings_module.settings.cache_clear()
    lake = Lake(tmp_path / "lake")
    write_documents(lake, texts)
    yield Shell(lake, teacher)
    settings_module.settings.cache_clear()


def test_plan_says_what_it_would_make_and_makes_nothing(shell: Shell) -> None:
    shown = shell.run("plan")
    for word in ("easy", "qa", "what it would cost", "USD", "units: 0-8"):
        assert word in shown
    assert shell.results == 0


def test_rephrase_goes_from_documents_to_generations_and_a_second_time_makes_nothing(shell: Shell) -> None:
    assert "generated 8" in shell.run("rephrase")
    assert shell.lake.read("generations", CRAWL).num_rows == shell.results == 8
    assert "generated 0" in shell.run("rephrase")
    assert shell.results == 8


def test_units_are_generated_one_by_one(shell: Shell) -> None:
    names = shell.run("plan", units=2).strip().splitlines()[-1].removeprefix("units: ").split()
    assert len(names) == 2
    shell.run("generate", "--unit", names[0])
    assert shell.results == 4
    with pytest.raises(BadInput, match=r"'first' is no unit: write START-STOP"):
        shell.run("generate", "--unit", "first")
    shell.run("generate", units=2)
    assert shell.results == 8


def test_a_budget_stops_and_a_larger_one_goes_on(shell: Shell) -> None:
    shell.run("plan")
    with pytest.raises(BudgetReached, match=r"rephrase\.budget\.tokens is 100 .* goes on from there") as stopped:
        shell.run("generate", **{"budget.tokens": 100, "chunk_size": 1})
    made = shell.results
    assert 0 < made < 8
    assert f"{made} generations are in the store and about {8 - made} are missing" in str(stopped.value)
    assert f"generated {8 - made}" in shell.run("generate", **{"budget.tokens": 10**6})
    assert shell.results == 8


def test_what_another_teacher_writes_does_not_pass_for_the_planned_one(shell: Shell) -> None:
    shell.run("plan")
    with pytest.raises(BadInput, match=r"revision r1\), but the parameters name .*revision r2\)\. Plan again"):
        shell.run("generate", teacher_revision="r2")
    assert shell.results == 0


def test_help_names_every_command() -> None:
    shown = CliRunner().invoke(app, ["--help"]).output
    for command in (
        "teachers",
        "plan",
        "generate",
        "rephrase",
        "gate",
        "autotune",
        "next-sample",
        "run",
        "demo",
        "engine",
    ):
        assert f" {command} " in shown
