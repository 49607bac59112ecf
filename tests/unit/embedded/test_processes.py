"""Sessions of processes: found, recognised, ended."""

import os
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from include.embedded import processes
from include.embedded.client import wait_until
from include.embedded.services import HEALTHY, wait_until_healthy
from include.errors import RewrapError

# Starts a child in a process group of its own, as Airflow starts each task, and one in a session of its own, as tasks
# start engines. Both, and itself, ignore SIGTERM when told to.
FAMILY = """
import os, signal, subprocess, sys, time
if "--deaf" in sys.argv:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
sleep = [sys.executable, "-c", "import time; time.sleep(300)"]
children = [subprocess.Popen(sleep, process_group=0), subprocess.Popen(sleep, start_new_session=True)]
open(sys.argv[1], "w").write(" ".join(str(child.pid) for child in children) + " .")
time.sleep(300)
"""


def _family(folder: Path, *arguments: str) -> tuple[processes.Service, list[psutil.Process]]:
    pids = folder / "pids"
    command = [sys.executable, "-c", FAMILY, str(pids), *arguments]
    service = processes.launch("family", command, dict(os.environ), folder / "logs" / "family.log")
    assert wait_until(lambda: pids.exists() and pids.read_text().endswith("."), 30)
    return service, [psutil.Process(int(pid)) for pid in pids.read_text().split()[:-1]]


@pytest.mark.parametrize("arguments", [[], ["--deaf"]])
def test_ending_a_service_leaves_none_of_its_descendants(tmp_path: Path, arguments: list[str]) -> None:
    service, children = _family(tmp_path, *arguments)
    assert processes.alive(service)
    processes.end([service], grace=1)
    assert not processes.alive(service)
    assert not any(child.is_running() for child in children)


def test_orphans_of_a_killed_service_are_ended(tmp_path: Path) -> None:
    service, children = _family(tmp_path)
    leader = psutil.Process(service.pid)
    leader.kill()
    leader.wait(10)
    in_session, in_own_session = children
    assert in_session.is_running()
    processes.end([service], grace=5)
    assert not in_session.is_running()
    in_own_session.kill()  # out of reach once the process between is gone: nothing connects the two any more


def test_a_reused_pid_is_not_ours(tmp_path: Path) -> None:
    service, children = _family(tmp_path)
    former = replace(service, created=service.created - 3600)
    assert not processes.alive(former)
    processes.end([former], grace=0.1)
    assert processes.alive(service)
    assert all(child.is_running() for child in children)
    processes.end([service], grace=5)


def test_a_service_that_dies_while_starting_is_named_with_its_last_words(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import sys; sys.exit('no space left on the device')"]
    service = processes.launch("scheduler", command, dict(os.environ), tmp_path / "scheduler.log")
    with pytest.raises(RewrapError, match=r"(?s)scheduler ended.*scheduler\.log.*no space left") as caught:
        wait_until_healthy("http://127.0.0.1:9", [service], HEALTHY, deadline=60)
    assert "run the command again" in str(caught.value)


def test_an_airflow_that_never_becomes_healthy_is_given_up(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import time; print('still loading', flush=True); time.sleep(300)"]
    service = processes.launch("api-server", command, dict(os.environ), tmp_path / "api-server.log")
    assert wait_until(lambda: "loading" in Path(service.log).read_text(), 30)
    try:
        with pytest.raises(RewrapError, match=r"(?s)not healthy.*still loading"):
            wait_until_healthy("http://127.0.0.1:9", [service], HEALTHY, deadline=0.5)
    finally:
        processes.end([service], grace=1)
