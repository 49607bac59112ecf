"""Versions whose data lies in S3: a server that speaks the real protocol, fails in the middle, or is not there."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from registry_home import CRAWL, V1, V2, corpus, dvc, md5, run
from s3_server import s3_bucket

from include.errors import RewrapError
from include.publish.registry import Release, collect_garbage, publish_release, releases, rollback, withdraw

pytestmark = pytest.mark.slow
REMOTE = "s3://corpora/rewrap"


class Faults:
    """Fails every request to write after so many."""

    def __init__(self) -> None:
        self.writes_left: int | None = None

    def __call__(self, method: str) -> int | None:
        if method not in ("PUT", "POST") or self.writes_left is None:
            return None
        self.writes_left -= 1
        return 500 if self.writes_left < 0 else None


@pytest.fixture(scope="module")
def faults() -> Faults:
    return Faults()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, faults: Faults) -> Iterator[Path]:
    """A home whose first version lies in S3; the tests below follow each other on it."""
    with s3_bucket("corpora", faults) as _, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_MAX_ATTEMPTS", "1")
        home = tmp_path_factory.mktemp("s3")
        assert publish(home, 1).tag == V1
        yield home


def publish(home: Path, edition: int) -> Release:
    return publish_release(corpus(home, edition), CRAWL, home / "datasets", REMOTE)


def objects() -> set[str]:
    import boto3

    listed = boto3.client("s3").list_objects_v2(Bucket="corpora").get("Contents", [])
    return {entry["Key"] for entry in listed}


def test_a_server_that_fails_in_the_middle_makes_no_version_and_the_next_run_does(home: Path, faults: Faults) -> None:
    before = objects()
    faults.writes_left = 2
    with pytest.raises(RewrapError, match=rf"(?s)did not reach the DVC remote {REMOTE}.*Internal Server Error"):
        publish(home, 2)
    assert len(objects() - before) == 2
    assert [release.tag for release in releases(home / "datasets")] == [V1]
    faults.writes_left = None
    assert publish(home, 2).tag == V2


def test_a_server_that_is_gone_makes_no_version(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        with pytest.raises(RewrapError, match=rf"(?s)did not reach the DVC remote {REMOTE}.*connect"):
            publish(home, 3)
    assert [release.tag for release in releases(home / "datasets")] == [V1, V2]


def test_a_clone_gets_every_byte_by_tag_from_the_server_alone(home: Path) -> None:
    publish(home, 2)
    run("git", "clone", "--quiet", home / "datasets", home / "clone")
    dvc("get", home / "clone", CRAWL, "--rev", V2, "-o", home / "fetched")
    expected = {str(f.relative_to(home / "datasets")): md5(f) for f in (home / "datasets" / CRAWL).rglob("*.*")}
    assert {f"{CRAWL}/{f.relative_to(home / 'fetched')}": md5(f) for f in (home / "fetched").rglob("*.*")} == expected


def test_going_back_withdrawing_and_tidying_up_reach_the_server(home: Path) -> None:
    datasets = home / "datasets"
    shutil.rmtree(datasets / ".dvc/cache")
    publish(home, 4)
    both = objects()
    back = rollback(datasets, REMOTE, V1)
    assert back.new
    withdraw(datasets, REMOTE, [V1], "A host opted out.")
    left = objects()
    assert left < both
    assert [r.tag for r in releases(datasets) if r.withdrawn] == [V1, back.tag]
    assert collect_garbage(datasets, dry=True).remote_objects == 0
