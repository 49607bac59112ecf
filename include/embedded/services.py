"""Starts and stops the embedded Airflow: API server, scheduler and Dag processor.

There is no triggerer: nothing here defers, and it would take 260 MiB.
"""

import fcntl
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path

import httpx

from include.embedded import processes
from include.embedded.environment import HOST, USER, airflow_environment, airflow_home, read_secrets
from include.embedded.processes import Service
from include.embedded.rest import Airflow
from include.errors import BadInput, RewrapError
from include.lake import write_atomically
from include.settings import Settings

DEFAULT_PORT = 8080
START_DEADLINE = 300.0
"""Seconds until all three must be healthy: 20 on an idle machine, minutes on a busy one with two cores."""
MIGRATE_DEADLINE = 600.0
COMMANDS = {
    "api-server": ["api-server"],
    "dag-processor": ["dag-processor"],
    # The API server reads the tasks' logs from the same disk; the scheduler need not serve them on port 8793 as well.
    "scheduler": ["scheduler", "--skip-serve-logs"],
}
HEALTHY = ("metadatabase", "dag_processor", "scheduler")
"""Parts of Airflow's health page; the first is reported as soon as the API server answers."""
POOLS = {
    "gpu": (1, "One slot per engine: what generates or trains"),
    "dvc": (1, "One writer of the dataset repository at a time"),
}


@dataclass(frozen=True)
class Running:
    """The embedded Airflow that is recorded in ``<home>/airflow/services.json``."""

    port: int
    password: str
    services: tuple[Service, ...]
    user: str = USER

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def ended(self) -> tuple[Service, ...]:
        """Services that should run and do not."""
        missing = set(COMMANDS) - {service.name for service in self.services}
        lost = tuple(Service(name=name, pid=0, created=0, log="") for name in sorted(missing))
        return tuple(service for service in self.services if not processes.alive(service)) + lost

    def connect(self) -> Airflow:
        return Airflow(self.url, self.user, self.password)


def start(settings: Settings) -> Running:
    """Start what is not running and return when Airflow is healthy and its pools are there.

    Raises:
        BadInput: the port is taken or is none.
        RewrapError: the database cannot be set up, a service died, or it took too long. Nothing is left running then.
    """
    with _alone(settings):
        running = status(settings)
        if running and not running.ended:
            return running
        _end(settings)  # what is left of services that died
        port = _free_port()
        env = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
        env |= airflow_environment(settings, port)
        _migrate(settings, env)
        try:
            running = _launch(settings, port, env)
            with running.connect() as airflow:
                for name, (slots, description) in POOLS.items():
                    airflow.ensure_pool(name, slots, description)
        except BaseException:
            _end(settings)
            raise
        return running


def _launch(settings: Settings, port: int, env: dict[str, str]) -> Running:
    running = Running(port=port, password=read_secrets(settings)["password"], services=())
    for name, arguments in COMMANDS.items():
        if name == "scheduler":
            # It resumes tasks that a stop has interrupted at once, and they fail if no API server answers them yet.
            wait_until_healthy(running.url, running.services, HEALTHY[:1], START_DEADLINE)
        service = processes.launch(name, [*_airflow(), *arguments], env, _logs(settings) / f"{name}.log")
        running = replace(running, services=(*running.services, service))
        _record(settings, running)
    wait_until_healthy(running.url, running.services, HEALTHY, START_DEADLINE)
    return running


def stop(settings: Settings) -> tuple[Service, ...]:
    """End the services with all that they started, and return those that were running."""
    with _alone(settings):
        return _end(settings)


def status(settings: Settings) -> Running | None:
    """What was started and not stopped; None if nothing was. ``ended`` tells what died since."""
    try:
        content = json.loads(_state(settings).read_bytes())
    except FileNotFoundError:
        return None
    services = tuple(Service(**service) for service in content["services"])
    return Running(port=content["port"], password=read_secrets(settings)["password"], services=services)


def wait_until_healthy(url: str, services: Sequence[Service], parts: Sequence[str], deadline: float) -> None:
    """Return when Airflow's health page says that these parts of it are healthy.

    Raises:
        RewrapError: a service ended, or ``deadline`` seconds went by; with the end of its log and what to do.
    """
    until = time.monotonic() + deadline
    with httpx.Client(base_url=url, timeout=10, trust_env=False) as client:
        while time.monotonic() < until:
            for service in services:
                if not processes.alive(service):
                    raise RewrapError(_died(service))
            if _healthy(client, parts):
                return
            time.sleep(0.3)
    logs = "\n".join(f"{service.log}:\n{processes.last_lines(Path(service.log), 5)}" for service in services)
    raise RewrapError(
        f"Airflow is not healthy after {deadline:.0f} s; it was stopped. Is the machine busy with something else? "
        f"Run the command again, or read the logs:\n{logs}"
    )


def _healthy(client: httpx.Client, parts: Sequence[str]) -> bool:
    try:
        health = client.get("/api/v2/monitor/health").json()
        return all(health[part]["status"] == "healthy" for part in parts)
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        return False


def _died(service: Service) -> str:
    return (
        f"Airflow's {service.name} ended while starting. The end of its log ({service.log}):\n"
        f"{processes.last_lines(Path(service.log))}\n"
        "Mend what it names and run the command again; 'make clean' starts from an empty database."
    )


def _airflow() -> list[str]:
    return [sys.executable, "-m", "airflow"]


def _migrate(settings: Settings, env: dict[str, str]) -> None:
    """Create or update the database; nothing to do if this version of Airflow did it before."""
    home = airflow_home(settings)
    stamp, wanted = home / "database-version", version("apache-airflow-core")
    if stamp.exists() and stamp.read_text() == wanted and (home / "airflow.db").exists():
        return
    log = _logs(settings) / "db-migrate.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [*_airflow(), "db", "migrate"]
    with log.open("wb") as output:
        done = subprocess.run(command, env=env, stdout=output, stderr=output, timeout=MIGRATE_DEADLINE, check=False)
    if done.returncode != 0:
        raise RewrapError(
            f"Airflow's database in {home} could not be set up. The end of {log}:\n{processes.last_lines(log)}\n"
            "Is the disk full? 'make clean' starts from an empty database."
        )
    write_atomically(stamp, wanted.encode())


def _free_port() -> int:
    text = os.environ.get("REWRAP_PORT") or str(DEFAULT_PORT)
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise BadInput(f"REWRAP_PORT={text!r} is not a port: give a number from 1 to 65535, such as 8081.")
    port = int(text)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise BadInput(
                f"Airflow cannot listen on port {port} ({error.strerror}): another program has it. "
                f"Choose a free one with REWRAP_PORT, such as REWRAP_PORT={port % 65535 + 1}, or stop that program."
            ) from None
    return port


def _end(settings: Settings) -> tuple[Service, ...]:
    running = status(settings)
    if running is None:
        return ()
    were_alive = tuple(service for service in running.services if processes.alive(service))
    processes.end(running.services)
    _state(settings).unlink()
    return were_alive


def _record(settings: Settings, running: Running) -> None:
    """Written after every launch, so that a start which is killed leaves nothing that 'stop' cannot find."""
    content = {"port": running.port, "services": [asdict(service) for service in running.services]}
    write_atomically(_state(settings), json.dumps(content, indent=1).encode())


def _state(settings: Settings) -> Path:
    return airflow_home(settings) / "services.json"


def _logs(settings: Settings) -> Path:
    return airflow_home(settings) / "logs" / "services"


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Two shells that start or stop at once would record and end each other's services."""
    home = airflow_home(settings)
    home.mkdir(parents=True, exist_ok=True)
    with (home / "services.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
