"""A lake that is built once, and a home in which a take-down was done once."""

import shutil
from pathlib import Path

import pytest
from whole_lake import Done, build, publish, workspace

from include import stages
from include.lake import Lake


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose lake nobody may change."""
    home = tmp_path_factory.mktemp("built")
    build(home)
    return home


@pytest.fixture
def home(built: Path, tmp_path: Path) -> Path:
    """A copy of it, without releases."""
    shutil.copytree(built / "lake", tmp_path / "home" / "lake")
    return tmp_path / "home"


@pytest.fixture(scope="session")
def done(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Done:
    """Both dumps were published and ``mine.example`` was taken down; nobody may change it."""
    home = tmp_path_factory.mktemp("done")
    shutil.copytree(built / "lake", home / "lake")
    publish(home)
    shutil.copytree(home / "lake", home / "before")
    work = workspace(home)
    case = stages.find_pages(work, [], ["mine.example"], [], dry_run=False, everything=False)
    for crawl in stages.remove_pages(work, case.id).published:
        stages.rebuild_release(work, case.id, crawl)
    return Done(home, Lake(home / "before"), work.lake, stages.prove_take_down(work, case.id))
