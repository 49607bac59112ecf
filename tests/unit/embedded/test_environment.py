"""The embedded Airflow's environment."""

import json
import os
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

from include.embedded.environment import airflow_environment, airflow_home
from include.settings import PROJECT, Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.from_environment({"REWRAP_HOME": str(tmp_path / "home")})


def test_everything_airflow_writes_stays_in_the_home(settings: Settings) -> None:
    env = airflow_environment(settings, 8123)
    home = settings.home / "airflow"
    assert env["AIRFLOW_HOME"] == str(home)
    assert env["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] == f"sqlite:///{home}/airflow.db"
    assert env["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"].startswith(str(home))
    assert env["AIRFLOW__CORE__DAGS_FOLDER"] == str(PROJECT / "dags")
    assert env["AIRFLOW__CORE__PLUGINS_FOLDER"] == str(PROJECT / "plugins")


def test_every_address_names_the_port_and_only_this_machine(settings: Settings) -> None:
    env = airflow_environment(settings, 8123)
    assert env["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert env["AIRFLOW__API__PORT"] == "8123"
    assert env["AIRFLOW__API__BASE_URL"] == "http://127.0.0.1:8123"
    assert env["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:8123/execution/"


def test_secrets_are_made_once_and_are_private(settings: Settings) -> None:
    first = airflow_environment(settings, 8123)
    assert airflow_environment(settings, 8123) == first
    assert len(first["AIRFLOW__API_AUTH__JWT_SECRET"]) >= 64
    for name in ("secrets.json", "passwords.json"):
        assert (airflow_home(settings) / name).stat().st_mode & 0o777 == 0o600


def test_two_homes_share_no_secret(settings: Settings, tmp_path: Path) -> None:
    other = replace(settings, home=tmp_path / "other")
    for name in ("API__SECRET_KEY", "API_AUTH__JWT_SECRET", "CORE__FERNET_KEY"):
        key = f"AIRFLOW__{name}"
        assert airflow_environment(settings, 1)[key] != airflow_environment(other, 1)[key]


def test_airflow_finds_the_password_that_is_shown(settings: Settings) -> None:
    env = airflow_environment(settings, 8123)
    passwords = json.loads(Path(env["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"]).read_text())
    assert passwords == {"admin": json.loads((airflow_home(settings) / "secrets.json").read_text())["password"]}


def test_sqlite_waits_for_locks(settings: Settings) -> None:
    from importlib import import_module

    env = airflow_environment(settings, 8123)
    for name in ("SQL_ALCHEMY_CONNECT_ARGS", "SQL_ALCHEMY_CONNECT_ARGS_ASYNC"):
        module, attribute = env[f"AIRFLOW__DATABASE__{name}"].rsplit(".", 1)
        assert getattr(import_module(module), attribute)["timeout"] == 60


def test_tasks_see_the_settings_of_the_caller(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REWRAP_HOME", "/elsewhere")
    monkeypatch.setenv("REWRAP_EXTRA", "kept")
    changed = replace(settings, query_memory="7GB", params_files=(Path("/a.yaml"), Path("/b.yaml")))
    env = airflow_environment(changed, 8123)
    assert env["REWRAP_EXTRA"] == "kept"
    assert Settings.from_environment(env) == changed


def test_tasks_run_this_environments_programs(settings: Settings) -> None:
    env = airflow_environment(settings, 8123)
    assert env["PATH"].split(os.pathsep)[0] == str(Path(sys.executable).parent)
    assert env["PYTHONPATH"] == str(PROJECT)


def test_a_proxy_is_kept_out_of_the_way(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "intranet")
    assert airflow_environment(settings, 8123)["NO_PROXY"].split(",") == ["intranet", "127.0.0.1", "localhost"]


def test_every_airflow_setting_exists_in_this_airflow(settings: Settings) -> None:
    # Found, not imported: importing Airflow without its environment makes a folder in the user's home.
    spec = find_spec("airflow")
    assert spec
    assert spec.origin
    sections = yaml.safe_load((Path(spec.origin).parent / "config_templates" / "config.yml").read_text())
    for name in airflow_environment(settings, 8123):
        if name.startswith("AIRFLOW__"):
            _, section, option = name.lower().split("__")
            assert option in sections[section]["options"], name
