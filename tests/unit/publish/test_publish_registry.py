"""Releases, with real git and DVC: versions, unchanged data, kills, remotes that fail, two publishers."""

import hashlib
import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from small_dumps import Dump, fill

from include.errors import BadInput, GateFailed, RewrapError
from include.lake import Lake
from include.ledger import recall
from include.params import MixParams
from include.publish import registry
from include.publish.mix import build_corpus
from include.publish.registry import publish_release, releases

CRAWL = "SAMPLE-2026-01"
V1, V2 = f"crawl/{CRAWL}/v1", f"crawl/{CRAWL}/v2"
CORPUS_FILES = {"mix.parquet", "real.parquet", "heldout.parquet", "README.md", "release.json"}


def run(*command: object, cwd: Path | None = None) -> str:
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


def git(datasets: Path, *arguments: object) -> str:
    return run("git", "-C", datasets, *arguments)


def corpus(home: Path, edition: int, crawl: str = CRAWL) -> Lake:
    """A lake whose corpus is ready to be published."""
    lake = Lake(home / "lake")
    fill(lake, Dump(crawl=crawl, edition=edition))
    build_corpus(lake, crawl, MixParams())
    return lake


def publish(home: Path, edition: int) -> registry.Release:
    return publish_release(corpus(home, edition), CRAWL, home / "datasets", str(home / "remote"))


def expected_files(home: Path, edition: int) -> dict[str, str]:
    """Name and MD5 of the Parquet files that a version with this edition's corpus must hold."""
    lake = corpus(home / f"edition-{edition}", edition)
    return {f"{layer}.parquet": md5(lake.files(layer, CRAWL)[0]) for layer in ("mix", "real", "heldout")}


def md5(file: Path) -> str:
    return hashlib.md5(file.read_bytes()).hexdigest()


def is_whole(home: Path, tag: str, edition: int) -> bool:
    """Whether the remote holds every byte of the version, and the version is the edition's corpus."""
    objects = home / "remote" / "files" / "md5"
    folder = yaml.safe_load(git(home / "datasets", "show", f"{tag}:{CRAWL}.dvc"))["outs"][0]["md5"]
    listed = json.loads((objects / folder[:2] / folder[2:]).read_text())
    files = {entry["relpath"]: entry["md5"] for entry in listed}
    return (
        set(files) == CORPUS_FILES
        and expected_files(home, edition).items() <= files.items()
        and all(md5(objects / digest[:2] / digest[2:]) == digest for digest in files.values())
    )


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with version 1 in it; tests copy it, as each DVC command takes seconds.

    It lies inside a git checkout, as the project's own home does. Copies share the remote, which knows no versions.
    """
    home = tmp_path_factory.mktemp("checkout") / "home"
    (home / "shared-remote").mkdir(parents=True)
    (home / "remote").symlink_to(home / "shared-remote")
    run("git", "init", "--quiet", home.parent)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GIT_AUTHOR_NAME", "Somebody Else")
        release = publish(home, 1)
    assert (release.tag, release.new) == (V1, True)
    return home


@pytest.fixture
def home(first: Path, tmp_path: Path) -> Path:
    shutil.copytree(first, tmp_path / "home", symlinks=True)
    return tmp_path / "home"


def test_the_first_version_is_a_tagged_commit_of_the_bot(first: Path) -> None:
    datasets = first / "datasets"
    [release] = releases(datasets)
    assert (release.crawl, release.tag, release.new) == (CRAWL, V1, False)
    assert release.commit == git(datasets, "rev-parse", "main")
    assert git(datasets, "cat-file", "-t", V1) == "tag"
    assert git(datasets, "log", "--format=%an %ae").splitlines() == ["Rewrap rewrap@localhost"] * 2
    assert git(datasets, "status", "--porcelain") == ""
    assert {file.name for file in release.path.iterdir()} == CORPUS_FILES
    assert "storage" in git(datasets, "show", f"{V1}:.dvc/config")


def test_the_repository_is_its_own_inside_another_checkout(first: Path) -> None:
    assert git(first / "datasets", "rev-parse", "--show-toplevel") == str(first / "datasets")
    assert run("git", "-C", first.parent, "for-each-ref") == ""


def test_both_versions_can_be_fetched_by_tag(home: Path) -> None:
    release = publish(home, 2)
    assert (release.tag, release.new) == (V2, True)
    assert [r.tag for r in releases(home / "datasets")] == [V1, V2]
    assert md5(release.path / "mix.parquet") == expected_files(home, 2)["mix.parquet"]
    shutil.rmtree(home / "datasets/.dvc/cache")  # what comes must come from the remote
    for edition, tag in ((1, V1), (2, V2)):
        assert is_whole(home, tag, edition)
        out = home / f"fetched-{edition}"
        run(sys.executable, "-m", "dvc", "get", home / "datasets", CRAWL, "--rev", tag, "-o", out)
        assert {file.name for file in out.iterdir()} == CORPUS_FILES
        assert expected_files(home, edition).items() <= {file.name: md5(file) for file in out.iterdir()}.items()


def test_a_clone_pulls_the_data_of_an_old_tag(first: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    run("git", "clone", "--quiet", "--branch", V1, first / "datasets", clone)
    run(sys.executable, "-m", "dvc", "pull", cwd=clone)
    assert {file.name for file in (clone / CRAWL).iterdir()} == CORPUS_FILES


def test_unchanged_data_makes_no_new_version(home: Path) -> None:
    before = git(home / "datasets", "log", "--format=%H", "--all")
    release = publish(home, 1)
    assert (release.tag, release.new) == (V1, False)
    assert git(home / "datasets", "log", "--format=%H", "--all") == before
    assert [r.tag for r in releases(home / "datasets")] == [V1]


class Killed(BaseException):
    """Stands for the end of the process: nothing in the code under test can catch it."""


@pytest.mark.parametrize("point", ["push", "tag"])
def test_a_kill_leaves_the_old_version_and_the_next_run_makes_the_new_one(
    home: Path, point: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real_run = registry._run

    def dying(datasets: Path, command: list[str]) -> str:
        if point in command:
            raise Killed
        return real_run(datasets, command)

    with monkeypatch.context() as patch:
        patch.setattr(registry, "_run", dying)
        with pytest.raises(Killed):
            publish(home, 2)
    assert [r.tag for r in releases(home / "datasets")] == [V1]
    assert is_whole(home, V1, 1)

    release = publish(home, 2)
    assert (release.tag, release.new) == (V2, True)
    assert release.commit == git(home / "datasets", "rev-parse", "main")
    assert len(git(home / "datasets", "log", "--format=%H").splitlines()) == 3
    assert git(home / "datasets", "status", "--porcelain") == ""


def test_a_publisher_killed_inside_git_is_repaired(home: Path) -> None:
    """SIGKILL to publisher and git at the moment when git has written the index but not the commit."""
    corpus(home, 2)
    hook = home / "datasets/.git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nkill -9 0\n")  # 0: the whole process group
    hook.chmod(0o755)
    script = (
        "import sys; from pathlib import Path; from include.lake import Lake\n"
        "from include.publish.registry import publish_release\n"
        "home = Path(sys.argv[1])\n"
        f"publish_release(Lake(home / 'lake'), {CRAWL!r}, home / 'datasets', str(home / 'remote'))\n"
    )
    publisher = subprocess.run([sys.executable, "-c", script, str(home)], start_new_session=True)
    assert publisher.returncode == -signal.SIGKILL
    hook.unlink()
    assert [r.tag for r in releases(home / "datasets")] == [V1]

    lock = home / "datasets/.git/index.lock"
    assert lock.exists()
    with pytest.raises(RewrapError, match=r"index\.lock is there.*delete that file"):
        publish(home, 2)
    lock.unlink()
    assert publish(home, 2).tag == V2
    assert is_whole(home, V2, 2)


def test_going_back_before_the_tag_keeps_the_old_version(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def without_tag(datasets: Path, *arguments: str) -> str:
        if arguments[0] == "tag":
            raise Killed
        return real_git(datasets, *arguments)

    real_git = registry._git
    with monkeypatch.context() as patch:
        patch.setattr(registry, "_git", without_tag)
        with pytest.raises(Killed):
            publish(home, 2)
    release = publish(home, 1)
    datasets = home / "datasets"
    assert (release.tag, release.new) == (V1, False)
    assert git(datasets, "show", f"main:{CRAWL}.dvc") == git(datasets, "show", f"{V1}:{CRAWL}.dvc")


def test_an_unreachable_remote_makes_no_version(home: Path) -> None:
    (home / "file").write_text("not a folder")
    lake = corpus(home, 2)
    with pytest.raises(RewrapError, match=r"did not reach the DVC remote .*file/sub.*REWRAP_REMOTE"):
        publish_release(lake, CRAWL, home / "datasets", str(home / "file/sub"))
    assert [r.tag for r in releases(home / "datasets")] == [V1]


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
    assert told == [f"crawl/{crawl}/v1" for crawl in crawls]
    assert [r.tag for r in releases(home / "datasets")] == [V1, *told]
    tracked = git(home / "datasets", "ls-files").splitlines()
    assert {f"{crawl}.dvc" for crawl in (CRAWL, *crawls)} <= set(tracked)


def test_what_else_lies_in_the_repository_is_left_alone(home: Path) -> None:
    datasets = home / "datasets"
    (datasets / "notes.txt").write_text("mine")
    git(datasets, "add", "notes.txt")
    (datasets / f"{CRAWL}.dvc").write_text("changed")
    registry._commit(datasets, "a version", f"{CRAWL}.dvc", ".gitignore")
    assert git(datasets, "show", "--format=", "--name-only", "HEAD") == f"{CRAWL}.dvc"
    assert git(datasets, "status", "--porcelain") == "A  notes.txt"


def test_a_failed_gate_blocks_the_release(home: Path) -> None:
    lake = corpus(home, 2)
    fill(lake, Dump(edition=2, passed=False))
    with pytest.raises(GateFailed):
        publish_release(lake, CRAWL, home / "datasets", str(home / "remote"))
    assert [r.tag for r in releases(home / "datasets")] == [V1]


def test_a_corpus_older_than_its_generations_is_refused(home: Path) -> None:
    lake = corpus(home, 1)
    fill(lake, Dump(edition=2))
    with pytest.raises(BadInput, match=r"older than its documents or generations.*include.cli corpus"):
        publish_release(lake, CRAWL, home / "datasets", str(home / "remote"))


def test_a_dump_without_a_corpus_is_refused(lake: Lake, tmp_path: Path) -> None:
    fill(lake, Dump())
    with pytest.raises(BadInput, match=r"no corpus to publish yet.*include.cli corpus"):
        publish_release(lake, CRAWL, tmp_path / "datasets", str(tmp_path / "remote"))
    assert releases(tmp_path / "datasets") == []


def test_the_card_tells_where_the_data_comes_from(first: Path) -> None:
    card = (first / "datasets" / CRAWL / "README.md").read_text()
    release = json.loads((first / "datasets" / CRAWL / "release.json").read_text())
    report = recall(Lake(first / "lake"), CRAWL, "corpus")
    assert report is not None
    _, head, body = card.split("---\n", 2)
    meta = yaml.safe_load(head)
    assert meta["license"] == "other"
    assert meta["language"] == ["en"]
    assert meta["task_categories"] == ["text-generation"]
    assert meta["size_categories"] == ["n<1K"]
    assert {c["config_name"]: c["data_files"][0]["path"] for c in meta["configs"]} == {
        name: f"{name}.parquet" for name in ("mix", "real", "heldout")
    }
    terms = "allowed: Test Licence: says nothing of outputs. Source: section 1."
    assert release["teachers"] == [{"teacher": "test-teacher", "teacher_revision": "abc123", "teacher_terms": terms}]
    for fact in (
        "near_copy 3",
        "| easy | 2 | WRAP",
        "| before the instruction | the output | test-teacher (abc123) | scripted 1 |",
        f"- `test-teacher` (revision abc123): {terms}",
        "75% by any recipe, as the mean over the 60 documents that were rephrased, of which 2 have no accepted text",
        "| 50% |",
        f"{release['words']['mix']:,}",
        f"dvc get REPOSITORY {CRAWL} --rev {V1}",
        f"{report.detail['heldout_hosts']} of 20 hosts",
    ):
        assert fact in body
    assert str(first) not in card + json.dumps(release)


def test_git_missing_is_one_clear_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    with pytest.raises(RewrapError, match="Install git"):
        registry._prepare(tmp_path / "datasets", str(tmp_path / "remote"))
