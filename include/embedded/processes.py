"""Starts processes that outlive their starter, and ends them with everything that came out of them."""

import os
import subprocess
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from include.settings import PROJECT

GRACE = 15.0
"""Seconds between asking a process to end and killing it; Airflow's API server needs 10 to 12."""

_started: list[subprocess.Popen[bytes]] = []  # kept, or Python warns of every service that it leaves running


@dataclass(frozen=True)
class Service:
    """A process that leads a session of its own."""

    name: str
    pid: int
    created: float
    """Start time in seconds since 1970: with the pid it identifies the process for good."""
    log: str


def launch(name: str, command: Sequence[str], env: dict[str, str], log: Path) -> Service:
    """Start ``command`` in its own session, detached from the terminal; what it prints goes to ``log``."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=PROJECT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _started.append(process)
    return Service(name=name, pid=process.pid, created=psutil.Process(process.pid).create_time(), log=str(log))


def alive(service: Service) -> bool:
    """Whether this very process runs (not another one that got its pid)."""
    try:
        process = psutil.Process(service.pid)
        return _is(process, service) and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def end(services: Iterable[Service], grace: float = GRACE) -> None:
    """End the services and all that they started: SIGTERM to each service, after ``grace`` seconds SIGKILL to the rest.

    Only the services are asked. A task that lost its engine to a SIGTERM could take that for a regular end and succeed;
    killed together with it, it runs again when Airflow is next started.
    """
    services = list(services)
    members = _members(services)
    leaders = [process for process in members if process.pid in {service.pid for service in services}]
    for process in leaders:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    psutil.wait_procs(leaders, timeout=grace)
    # Looked for again: something may have been started meanwhile. The oldest first: a task before its engine.
    members |= _members(services)
    for process in sorted(members, key=_started_at):
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(members, timeout=5)


def last_lines(log: Path, count: int = 15) -> str:
    """The end of a log, for an error message."""
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "\n".join(f"  {line}" for line in lines[-count:]) or "  (empty)"


def _members(services: Sequence[Service]) -> set[psutil.Process]:
    """All processes of the services' sessions, and their descendants.

    Airflow gives each task a process group of its own, so signalling the leader's group would miss it; and the children
    of a scheduler that was killed have no parent left, but they are still in its session.
    """
    leaders = {service.pid for service in services if not _pid_was_reused(service)}
    members = set()
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) in leaders:
                members |= {process, *process.children(recursive=True)}
        except (psutil.NoSuchProcess, ProcessLookupError, PermissionError):
            continue
    return members - {psutil.Process()}


def _pid_was_reused(service: Service) -> bool:
    try:
        return not _is(psutil.Process(service.pid), service)
    except psutil.NoSuchProcess:
        return False


def _is(process: psutil.Process, service: Service) -> bool:
    # The start time is derived from the machine's clock, which may be set meanwhile: hence not "==".
    return abs(process.create_time() - service.created) < 5


def _started_at(process: psutil.Process) -> float:
    try:
        return process.create_time()
    except psutil.NoSuchProcess:
        return 0
