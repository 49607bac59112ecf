"""The boundary between the two environments, with this interpreter standing in for the engine's."""

import dataclasses
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from include.errors import BadInput, EngineFailed
from include.rephrase.process import run_in_engine
from include.settings import Settings


@pytest.fixture
def here(tmp_path: Path) -> Settings:
    settings = Settings.from_environment({"REWRAP_HOME": str(tmp_path)})
    return dataclasses.replace(settings, engine_python=Path(sys.executable))


def test_bad_input_of_the_engine_is_the_same_error_here(here: Settings) -> None:
    with pytest.raises(BadInput, match=r"rephrase\.max_segment_tokens = 0: .*greater than or equal to 1"):
        run_in_engine(here, "engine", "prepare", "--set", "rephrase.max_segment_tokens=0")


def test_a_missing_environment_says_what_to_run(here: Settings) -> None:
    with pytest.raises(BadInput, match="make setup"):
        run_in_engine(dataclasses.replace(here, engine_python=Path("/nowhere/python")), "engine", "prepare")


def test_a_command_that_fails_shows_its_last_lines(here: Settings) -> None:
    with pytest.raises(EngineFailed, match=r"(?s)ended with code 2.*No such command"):
        run_in_engine(here, "engine", "no-such-command")


ORPHAN = """
import os, sys
from include.rephrase.process import die_with_parent
die_with_parent()
import subprocess
child = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
print(os.getpid(), child.pid, flush=True)
import signal
signal.pause()
"""

PARENT = """
import os, subprocess, sys
engine = subprocess.Popen(
    [sys.executable, "-c", sys.argv[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    start_new_session=True, env=os.environ | {"REWRAP_ENGINE_GUARD": "1"},
)
print(engine.stdout.readline(), flush=True, end="")
import signal
signal.pause()
"""


def test_an_engine_does_not_outlive_a_killed_parent(project: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, ORPHAN],
        stdout=subprocess.PIPE, text=True, cwd=project, env=os.environ | {"PYTHONPATH": str(project)},
    )  # fmt: skip
    assert parent.stdout is not None
    processes = [psutil.Process(int(pid)) for pid in parent.stdout.readline().split()]
    assert len(processes) == 2
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    _, alive = psutil.wait_procs(processes, timeout=20)
    assert not [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]
