"""dvc.yaml: DVC accepts it, it runs the commands of the CLI in order, and a parameter reruns what it decides."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from include.cli import app
from include.params import Params

PROJECT = Path(__file__).resolve().parents[2]
PIPELINE: dict[str, Any] = yaml.safe_load((PROJECT / "dvc.yaml").read_text())
STAGES = ["ingest", "rephrase", "gate", "corpus", "train"]
CRAWL = PIPELINE["vars"][0]["crawl"]


def outs(stage: str) -> list[str]:
    return [path for out in PIPELINE["stages"][stage]["outs"] for path in out]


def dvc(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "dvc", *arguments],
        cwd=folder,
        env=os.environ | {"DVC_NO_ANALYTICS": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project in which every stage has run; one empty file stands for each table."""
    folder = tmp_path_factory.mktemp("project")
    for name in ("dvc.yaml", "params.yaml", ".dvcignore", ".gitignore"):
        shutil.copy2(PROJECT / name, folder / name)
    shutil.copytree(PROJECT / "include", folder / "include")
    (folder / ".dvc").mkdir()
    for name in ("config", ".gitignore"):
        shutil.copy2(PROJECT / ".dvc" / name, folder / ".dvc" / name)
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    for path in (path for stage in STAGES for path in outs(stage)):
        table = folder / path.replace("${crawl}", CRAWL)
        table.mkdir(parents=True)
        (table / "manifest.json").write_text(path)
    dvc(folder, "commit", "--force")
    return folder


def test_the_stages_run_in_order_with_outs_that_git_ignores(finished: Path) -> None:
    commands = [line for line in dvc(finished, "repro", "--dry", "--force").splitlines() if line.startswith("> ")]
    assert commands == [f"> python -m include.cli {stage} --crawl {CRAWL}" for stage in STAGES]
    status = ["git", "status", "--porcelain", "--untracked-files=all", "--", ".rewrap"]
    assert subprocess.run(status, cwd=finished, capture_output=True, text=True, check=True).stdout == ""


def test_a_changed_parameter_reruns_the_stage_that_it_decides(finished: Path) -> None:
    assert "up to date" in dvc(finished, "status")
    file = finished / "params.yaml"
    params = yaml.safe_load(file.read_text())
    params["mix"]["seed"] = 7
    file.write_text(yaml.safe_dump(params))
    changed = [line.rstrip(":") for line in dvc(finished, "status").splitlines() if not line.startswith("\t")]
    assert changed == ["corpus"]


def test_every_stage_is_a_command_of_the_cli() -> None:
    commands = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    assert list(PIPELINE["stages"]) == STAGES
    assert set(STAGES) <= commands


def test_every_section_of_the_parameters_decides_a_stage() -> None:
    named = {name.split(".")[0] for stage in STAGES for name in PIPELINE["stages"][stage]["params"]}
    assert named == set(Params.model_fields) - {"approval"}, "a person is asked under Airflow alone"


def test_what_a_stage_reads_is_there_or_made_by_an_earlier_one() -> None:
    made: set[str] = set()
    for stage in STAGES:
        for path in PIPELINE["stages"][stage]["deps"]:
            assert path in made or (PROJECT / path).exists(), f"{stage} reads {path}"
        made |= set(outs(stage))
