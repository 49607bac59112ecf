"""What takes data away: withdrawing versions, collecting garbage."""

import json
from pathlib import Path

import pytest
from gto import api as gto
from registry_home import (
    CRAWL,
    OTHER,
    V1,
    V2,
    corpus,
    dvc,
    files_of,
    git,
    is_whole,
    objects_in,
    publish,
    renew,
    rows_of,
    run,
)

from include.errors import BadInput, RewrapError
from include.publish.registry import (
    collect_garbage,
    diff,
    publish_release,
    releases,
    rollback,
    steps,
    withdraw,
)

V3 = f"{CRAWL}@v1.2.0"
WHY = "A host opted out."


@pytest.fixture
def home(two_versions: Path) -> Path:
    return renew(two_versions)


def remote(home: Path) -> str:
    return str(home / "remote")


def stored(home: Path) -> set[str]:
    return objects_in(home / "remote") | objects_in(home / "datasets/.dvc/cache")


def objects_of(home: Path, tag: str, crawl: str = CRAWL) -> set[str]:
    """Objects of a version, its list of files included."""
    [pointer] = [
        line for line in git(home / "datasets", "show", f"{tag}:{crawl}.dvc").splitlines() if line.endswith(".dir")
    ]
    return {pointer.split()[-1], *files_of(home, tag, crawl).values()}


def test_what_was_withdrawn_is_listed_and_gone(home: Path) -> None:
    datasets, kept = home / "datasets", objects_of(home, V2) | objects_of(home, f"{OTHER}@v1.0.0", OTHER)
    lost = objects_of(home, V1) - kept
    assert lost <= stored(home)
    withdraw(datasets, remote(home), [V1], WHY)
    assert {r.tag: r.withdrawn for r in releases(datasets)} == {V1: WHY, V2: None, f"{OTHER}@v1.0.0": None}
    assert stored(home) == kept
    assert json.loads(git(datasets, "show", "HEAD:withdrawn.json")) == {V1: WHY}
    assert [version["version"] for version in gto.show(str(datasets), CRAWL)] == ["v1.1.0"]
    assert git(datasets, "tag", "-l", "--format=%(contents)", f"{V1}!").strip() == WHY
    for use in (lambda: rollback(datasets, remote(home), V1), lambda: diff(datasets, V1, V2)):
        with pytest.raises(BadInput, match=rf"{V1} was withdrawn \({WHY}\). Take another version: {V2}"):
            use()
    withdraw(datasets, remote(home), [V1], "another reason")
    assert {r.tag: r.withdrawn for r in releases(datasets)}[V1] == WHY
    assert is_whole(home, V2)
    assert git(datasets, "status", "--porcelain") == ""
    assert publish(home, 1).tag == V3, "numbers of withdrawn versions are not given again"


def test_withdrawing_the_newest_version_shows_the_one_before(home: Path) -> None:
    datasets = home / "datasets"
    withdraw(datasets, remote(home), [V2], WHY)
    assert json.loads((datasets / CRAWL / "release.json").read_text())["rows"]["mix"] == rows_of(home, V1)
    assert git(datasets, "show", f"HEAD:{CRAWL}.dvc") == git(datasets, "show", f"{V1}:{CRAWL}.dvc")
    assert git(datasets, "status", "--porcelain") == ""
    run("git", "clone", "--quiet", datasets, home / "clone")
    dvc("pull", cwd=home / "clone")
    assert stored(home) == objects_of(home, V1) | objects_of(home, f"{OTHER}@v1.0.0", OTHER)


def test_a_dump_with_every_version_withdrawn_leaves_nothing_but_the_list(home: Path) -> None:
    datasets = home / "datasets"
    other = objects_of(home, f"{OTHER}@v1.0.0", OTHER)
    withdraw(datasets, remote(home), [V1, V2], WHY)
    assert stored(home) == other
    assert not (datasets / CRAWL).exists()
    assert git(datasets, "ls-files", "--", f"{CRAWL}*") == ""
    assert [r.tag for r in releases(datasets) if r.withdrawn is None] == [f"{OTHER}@v1.0.0"]
    dvc("pull", cwd=datasets)  # the rest of the repository works on
    release = publish(home, 2)
    assert (release.tag, release.new) == (f"{CRAWL}@v2.0.0", True)
    assert is_whole(home, release.tag)


def test_versions_of_the_same_data_are_withdrawn_together(home: Path) -> None:
    rollback(home / "datasets", remote(home), V1)
    withdraw(home / "datasets", remote(home), [V1], WHY)
    assert [r.tag for r in releases(home / "datasets") if r.withdrawn is not None] == [V1, V3]


def test_withdrawing_reaches_what_a_killed_publish_left_and_every_remote_there_was(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    datasets, elsewhere = home / "datasets", home / "elsewhere"
    kept = objects_of(home, V2) | objects_of(home, f"{OTHER}@v1.0.0", OTHER)
    publish_release(corpus(home, 2), CRAWL, datasets, str(elsewhere))
    with monkeypatch.context() as patch:
        patch.setattr(steps, "tag", lambda *_: pytest.fail("killed"))
        with pytest.raises(pytest.fail.Exception):  # committed and pushed, never tagged
            publish_release(corpus(home, 4), CRAWL, datasets, str(elsewhere))
    assert objects_in(elsewhere) > kept
    withdraw(datasets, str(elsewhere), [V1], WHY)
    assert objects_in(elsewhere) == kept
    assert stored(home) == kept
    assert is_whole(home, V2)


def test_a_remote_that_cannot_be_reached_is_told_and_the_others_are_cleared(home: Path) -> None:
    datasets, elsewhere = home / "datasets", home / "elsewhere"
    publish_release(corpus(home, 2), CRAWL, datasets, str(elsewhere))
    (home / "remote").rename(home / "away")
    (home / "remote").write_text("not a folder")
    with pytest.raises(RewrapError, match=r"(?s)listed as withdrawn, but their data is not gone.*withdraw them again"):
        withdraw(datasets, str(elsewhere), [V1], WHY)
    kept = objects_in(elsewhere)
    assert objects_in(datasets / ".dvc/cache") == kept
    (home / "remote").unlink()
    (home / "away").rename(home / "remote")
    assert objects_in(home / "remote") > kept
    withdraw(datasets, str(elsewhere), [V1], WHY)
    assert objects_in(home / "remote") == objects_in(elsewhere) == kept


@pytest.mark.parametrize(("tags", "reason", "told"), [(["x@v1.0.0"], WHY, "no version 'x@v1.0.0'"), ([V1], " ", "why")])
def test_a_wrong_withdrawal_withdraws_nothing(home: Path, tags: list[str], reason: str, told: str) -> None:
    with pytest.raises(BadInput, match=told):
        withdraw(home / "datasets", remote(home), tags, reason)
    assert all(r.withdrawn is None for r in releases(home / "datasets"))


def test_garbage_is_what_no_version_needs(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    datasets, needed = home / "datasets", stored(home)
    assert collect_garbage(datasets, dry=True).cache_objects == 0
    with monkeypatch.context() as patch:
        patch.setattr(steps, "commit", lambda *_: pytest.fail("killed"))
        with pytest.raises(pytest.fail.Exception):  # pushed, not committed
            publish(home, 5)
    unfinished = stored(home) - needed
    assert unfinished
    assert collect_garbage(datasets, dry=False).remote_objects == 0
    assert stored(home) == needed | unfinished, "the pointer of the unfinished publish lies in the working copy"

    publish(home, 2)  # somebody thought better of it
    left = objects_in(home / "remote") - needed
    assert left == unfinished
    told = collect_garbage(datasets, dry=True)
    size = sum((home / "remote/files/md5" / oid[:2] / oid[2:]).stat().st_size for oid in left)
    assert (told.remote_objects, told.remote_bytes) == (told.cache_objects, told.cache_bytes) == (len(left), size)
    assert stored(home) == needed | unfinished
    assert collect_garbage(datasets, dry=False) == told
    assert stored(home) == needed
    assert all(is_whole(home, tag) for tag in (V1, V2))


def test_garbage_spares_other_tags_branches_and_data(home: Path) -> None:
    datasets = home / "datasets"
    (datasets / "mine.bin").write_bytes(b"mine" * 100)
    dvc("add", "mine.bin", cwd=datasets)
    run("git", "-c", "user.name=x", "-c", "user.email=x", "commit", "-qam", "mine", cwd=datasets)
    git(datasets, "add", "mine.bin.dvc")
    git(datasets, "-c", "user.name=x", "-c", "user.email=x", "commit", "-qm", "mine")
    git(datasets, "branch", "experiment")
    git(datasets, "rm", "-q", "mine.bin.dvc")
    git(datasets, "-c", "user.name=x", "-c", "user.email=x", "commit", "-qm", "not mine")
    before = stored(home)
    collect_garbage(datasets, dry=False)
    assert stored(home) == before
    git(datasets, "branch", "-D", "experiment")
    assert collect_garbage(datasets, dry=False).cache_bytes == 400


def test_garbage_is_not_collected_when_a_version_s_files_cannot_be_told(home: Path) -> None:
    pointer = next(oid for oid in objects_of(home, V1) if oid.endswith(".dir"))
    for root in (home / "remote", home / "datasets/.dvc/cache"):
        (root / "files/md5" / pointer[:2] / pointer[2:]).unlink()
    before = stored(home)
    with pytest.raises(RewrapError, match=rf"list of files {pointer} is neither in the cache nor in the remote"):
        collect_garbage(home / "datasets", dry=False)
    assert stored(home) == before


def test_without_a_repository_there_is_no_garbage(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no dataset repository"):
        collect_garbage(tmp_path / "datasets", dry=False)
