"""The environment variables under which Airflow runs embedded."""

import base64
import json
import os
import secrets
import sys
from pathlib import Path

from include.settings import PROJECT, Settings

DAGS = PROJECT / "dags"
PLUGINS = PROJECT / "plugins"
HOST = "127.0.0.1"
USER = "admin"
DAY = "86400"


def airflow_home(settings: Settings) -> Path:
    """Folder of the embedded Airflow: database, logs, secrets."""
    return settings.home / "airflow"


def airflow_environment(settings: Settings, port: int) -> dict[str, str]:
    """Variables of every embedded Airflow process that serves ``http://127.0.0.1:<port>``.

    Makes the secrets and the administrator's password at the first call; later calls return the same ones.
    """
    keys = read_secrets(settings)
    return _paths(settings) | _network(port, keys) | _pace() | _project(settings)


def read_secrets(settings: Settings) -> dict[str, str]:
    """``api``, ``jwt``, ``fernet`` and ``password``, made once and kept readable by their owner alone."""
    path = airflow_home(settings) / "secrets.json"
    if not path.exists():
        _write_private(
            path,
            {
                "api": secrets.token_hex(32),
                "jwt": secrets.token_hex(64),
                "fernet": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
                "password": secrets.token_urlsafe(12),
            },
        )
    keys: dict[str, str] = json.loads(path.read_bytes())
    # Airflow would make a password of its own and print it into the log; this file exists before it looks.
    if not _passwords_file(settings).exists():
        _write_private(_passwords_file(settings), {USER: keys["password"]})
    return keys


def _passwords_file(settings: Settings) -> Path:
    return airflow_home(settings) / "passwords.json"


def _write_private(path: Path, content: dict[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    temporary.touch(mode=0o600)
    temporary.write_text(json.dumps(content))
    temporary.replace(path)


def _paths(settings: Settings) -> dict[str, str]:
    home = airflow_home(settings)
    connect_args = "include.embedded.database.CONNECT_ARGS"
    return {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(PLUGINS),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(_passwords_file(settings)),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / 'airflow.db'}",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONNECT_ARGS": connect_args,
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONNECT_ARGS_ASYNC": connect_args,
        "AIRFLOW__LOGGING__COLORED_CONSOLE_LOG": "False",
    }


def _network(port: int, keys: dict[str, str]) -> dict[str, str]:
    url = f"http://{HOST}:{port}"
    return {
        "AIRFLOW__API__HOST": HOST,
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": url,
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API__SECRET_KEY": keys["api"],
        "AIRFLOW__API_AUTH__JWT_SECRET": keys["jwt"],
        "AIRFLOW__CORE__FERNET_KEY": keys["fernet"],
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        # Without DNS the default, getfqdn, waits for its timeout at every task.
        "AIRFLOW__CORE__HOSTNAME_CALLABLE": "socket.gethostname",
        # Tasks talk to the API server: a proxy of the machine must not get in between.
        "NO_PROXY": ",".join(filter(None, [os.environ.get("NO_PROXY"), HOST, "localhost"])),
        "no_proxy": ",".join(filter(None, [os.environ.get("no_proxy"), HOST, "localhost"])),
    }


def _pace() -> dict[str, str]:
    return {
        # SQLite has one writer: 32 tasks at once end in "database is locked", four survived every stress.
        "AIRFLOW__CORE__PARALLELISM": "4",
        # A finished task holds its slot until the next heartbeat, and a chain waits for the scheduler's sleep.
        "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.5",
        # A generation lasts for hours; a token that runs out in the middle kills it (apache/airflow#67939).
        "AIRFLOW__EXECUTION_API__JWT_EXPIRATION_TIME": DAY,
        "AIRFLOW__API_AUTH__JWT_EXPIRATION_TIME": DAY,
        "AIRFLOW__WORKERS__MAX_FAILED_HEARTBEATS": "30",
        "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": "30",
        # Somebody edits a Dag or adds a dump and wants to see it; a parse costs a quarter of a second of one core.
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "30",
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "5",
        "AIRFLOW__CORE__MIN_SERIALIZED_DAG_UPDATE_INTERVAL": "1",
        "AIRFLOW__DAG_PROCESSOR__DAG_VERSION_INFLATION_CHECK_LEVEL": "error",
    }


def _project(settings: Settings) -> dict[str, str]:
    passed_on = {name: value for name, value in os.environ.items() if name.startswith("REWRAP_")}
    return passed_on | {
        "PATH": os.pathsep.join(filter(None, [str(Path(sys.executable).parent), os.environ.get("PATH")])),
        "PYTHONPATH": str(PROJECT),
        "REWRAP_HOME": str(settings.home),
        "REWRAP_PARAMS": ":".join(str(file) for file in settings.params_files),
        "REWRAP_CRAWLS": str(settings.crawls_file.absolute()),
        "REWRAP_ENGINE_PYTHON": str(settings.engine_python.absolute()),
        "REWRAP_REMOTE": settings.remote,
        "REWRAP_QUERY_MEMORY": settings.query_memory,
        "REWRAP_CONTACT": settings.contact,
        "DVC_NO_ANALYTICS": "1",
        "GX_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }
