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


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")
