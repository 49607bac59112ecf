"""The repository beside others: remotes that fail, lose or move, a second publisher, a user's own files."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from registry_home import CRAWL, V1, V2, corpus, dvc, files_of, git, is_whole, publish, renew

from include.errors import RewrapError
from include.publish.registry import publish_release, releases, repository


@pytest.fixture
def home(first_version: Path) -> Path:
    return renew(first_version)


def test_an_unreachable_remote_makes_no_version(home: Path) -> None:
    lake, remote = corpus(home, 2), home / "remote"
    remote.rename(home / "away")
    remote.write_text("not a folder")
    with pytest.raises(RewrapError, match=r"(?s)did not reach the DVC remote .*/remote: .*REWRAP_REMOTE.*Not a dir"):
        publish_release(lake, CRAWL, home / "datasets", str(remote))
    assert [r.tag for r in releases(home / "datasets")] == [V1]
    remote.unlink()
    (home / "away").rename(remote)
    assert publish(home, 2).tag == V2


def test_objects_that_the_remote_has_lost_or_has_half_are_brought_again(home: Path) -> None:
    """DVC itself asks for the files of a folder no more once it has pushed it."""
    digests = sorted(files_of(home, V1).values())
    lost, half = (home / "remote/files/md5" / digest[:2] / digest[2:] for digest in digests[:2])
    lost.unlink()
    half.chmod(0o644)
    half.write_bytes(half.read_bytes()[:100])
    assert publish(home, 1).tag == V1
    assert is_whole(home, V1)


def test_another_remote_gets_the_data_and_settings_of_the_remote_stay(home: Path) -> None:
    datasets = home / "datasets"
    dvc("remote", "modify", "storage", "verify", "true", cwd=datasets)
    shutil.rmtree(datasets / ".dvc/cache")
    lake = corpus(home, 2)
    (home / "file").write_text("not a folder")
    with pytest.raises(RewrapError, match=r"could not be brought from .*/remote to .*file/sub.*set REWRAP_REMOTE back"):
        publish_release(lake, CRAWL, datasets, str(home / "file/sub"))
    assert publish_release(lake, CRAWL, datasets, str(home / "elsewhere")).tag == V2
    shutil.rmtree(home / "remote")
    config = (datasets / ".dvc/config").read_text()
    assert "verify = true" in config
    assert str(home / "elsewhere") in config
    dvc("get", datasets, CRAWL, "--rev", V1, "-o", home / "old")  # moved along
    dvc("get", datasets, CRAWL, "--rev", V2, "-o", home / "new")


def test_two_publishers_queue(home: Path) -> None:
    """Two processes publish two dumps at once; both succeed and both are committed."""
    script = (
        "import sys; from pathlib import Path; from include.lake import Lake\n"
        "from include.publish.registry import publish_release\n"
        "home = Path(sys.argv[1])\n"
        "print(publish_release(Lake(home / 'lake'), sys.argv[2], home / 'datasets', str(home / 'remote')).tag)\n"
    )
    crawls = ["SAMPLE-2026-02", "SAMPLE-2026-03"]
    for crawl in crawls:
        corpus(home, 1, crawl)
    started = [
        subprocess.Popen([sys.executable, "-c", script, str(home), crawl], stdout=subprocess.PIPE, text=True)
        for crawl in crawls
    ]
    told = [process.communicate()[0].strip() for process in started]
    assert told == [f"{crawl}@v1.0.0" for crawl in crawls]
    assert [r.tag for r in releases(home / "datasets")] == [V1, *told]
    tracked = git(home / "datasets", "ls-files").splitlines()
    assert {f"{crawl}.dvc" for crawl in (CRAWL, *crawls)} <= set(tracked)


def test_what_else_lies_in_the_repository_is_left_alone(home: Path) -> None:
    datasets = home / "datasets"
    (datasets / "notes.txt").write_text("mine")
    git(datasets, "add", "notes.txt")
    (datasets / f"{CRAWL}.dvc").write_text("changed")
    repository.commit(datasets, "a version", f"{CRAWL}.dvc", ".gitignore")
    assert git(datasets, "show", "--format=", "--name-only", "HEAD") == f"{CRAWL}.dvc"
    assert git(datasets, "status", "--porcelain") == "A  notes.txt"


def test_a_dvc_yaml_of_the_user_keeps_its_stages_and_comments(home: Path) -> None:
    file = home / "datasets/dvc.yaml"
    file.write_text("# mine\nstages:\n  count: {cmd: wc -l README}  # lines\n")
    publish(home, 2)
    content = file.read_text()
    assert "# mine" in content
    assert "# lines" in content
    assert yaml.safe_load(content)["artifacts"][CRAWL]["path"] == CRAWL
