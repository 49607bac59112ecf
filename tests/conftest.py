"""What all tests share: where the real crawl files are, and a lake of their own."""

import os
from pathlib import Path

import pytest

from include.lake import Lake

PROJECT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real crawl files and hostile ones; absent outside the founders' workplace, never absent in CI."""
    folder = PROJECT.parent / "shared" / "data"
    if not folder.is_dir():
        if os.environ.get("CI"):
            pytest.fail(f"{folder} must be there in CI")
        pytest.skip(f"{folder} is not on this machine: real crawl files are not part of the project")
    return folder


@pytest.fixture(scope="session")
def models() -> Path:
    """The folder of prepared teachers; unpacking the default one takes half a minute, so all tests share it."""
    from include.rephrase.process import run_in_engine
    from include.settings import Settings

    settings = Settings.from_environment({})
    run_in_engine(settings, "engine", "prepare")
    return settings.models


@pytest.fixture(scope="session")
def airflow_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Airflow's home for tests that parse Dags or use its classes in this process; no database."""
    import airflow_home

    home = tmp_path_factory.mktemp("airflow")
    airflow_home.use(home)
    return home


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")
