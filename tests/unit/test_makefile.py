"""The Makefile and the set-up script: what they say to a newcomer whose machine lacks something."""

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what set-up needs, without any environment."""
    folder = tmp_path / "rewrap"
    folder.mkdir()
    for name in ("Makefile", "scripts", *(file.name for file in PROJECT.glob("requirements*.txt"))):
        source = PROJECT / name
        shutil.copytree(source, folder / name) if source.is_dir() else shutil.copy2(source, folder / name)
    return folder


def make(folder: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=folder, env=os.environ | env, capture_output=True, text=True, check=False,
    )  # fmt: skip


def tool(folder: Path, name: str, script: str) -> Path:
    """A program that stands in for one of the machine's."""
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return file


def test_help_lists_every_target(checkout: Path) -> None:
    listed = make(checkout, "help").stdout
    for target in ("demo", "test", "up", "down", "run", "check", "clean"):
        assert f"make {target} " in listed


def test_an_old_python_is_named_with_what_to_do(checkout: Path, tmp_path: Path) -> None:
    old = tmp_path / "bin"
    for name in ("python3", "python3.11"):
        tool(old, name, 'case "$*" in --version) echo Python 3.9.2;; *) exit 1;; esac')
    done = make(checkout, "setup", PATH=f"{old}:{os.environ['PATH']}", PYTHON="")
    assert done.returncode != 0
    assert "Python 3.11 is needed and was not found (python3 here is Python 3.9.2)" in done.stderr
    assert "PYTHON=/path/to/python3.11" in done.stderr


def test_too_little_space_is_said_before_anything_is_installed(checkout: Path, tmp_path: Path) -> None:
    tool(tmp_path / "bin", "df", "printf 'Filesystem 1024-blocks Used Available\\n/dev/x 100 99 1048576\\n'")
    (checkout / ".uv").symlink_to(PROJECT / ".uv")
    done = make(checkout, "setup", PATH=f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    assert done.returncode != 0
    assert "3 GiB of disk space are needed here and 1 are free" in done.stderr
    assert not (checkout / ".venv").exists()


def test_an_unreachable_index_is_one_message(checkout: Path) -> None:
    (checkout / ".uv").symlink_to(PROJECT / ".uv")
    nowhere = "http://127.0.0.1:9/simple"
    done = make(
        checkout, "setup", UV_DEFAULT_INDEX=nowhere, UV_HTTP_RETRIES="0", UV_NO_CACHE="1", UV_HTTP_TIMEOUT="2"
    )  # fmt: skip
    assert done.returncode != 0
    assert "Is a package index reachable? Set UV_DEFAULT_INDEX" in done.stderr
    assert "Traceback" not in done.stderr


def test_run_without_a_dump_says_how_to_name_one(checkout: Path) -> None:
    tool(checkout / "scripts", "setup.sh", "exit 0")
    done = make(checkout, "run")
    assert done.returncode != 0
    assert "make run CRAWL=<id> [SOURCE=<folder or address>]" in done.stderr


def test_clean_removes_what_rewrap_made_and_keeps_the_environments(checkout: Path) -> None:
    for folder in (".rewrap/lake", ".venv-engine"):
        (checkout / folder).mkdir(parents=True)
    assert make(checkout, "clean").returncode == 0
    assert not (checkout / ".rewrap").exists()
    assert (checkout / ".venv-engine").exists()
