"""Releases, with real git and DVC: their form, their numbers, what is refused."""

import json
import shutil
import sys
from pathlib import Path

import pytest
import yaml
from registry_home import (
    CRAWL,
    V1,
    V2,
    corpus,
    dvc,
    files_of,
    git,
    md5,
    publish,
    renew,
    run,
)  # fmt: skip
from small_dumps import Dump, fill

from include.errors import BadInput, GateFailed, RewrapError
from include.lake import Lake
from include.ledger import recall
from include.publish.registry import publish_release, releases, steps
from include.publish.registry.prepare import prepare


@pytest.fixture
def home(first_version: Path) -> Path:
    return renew(first_version)


def test_the_first_version_is_a_tagged_commit_of_the_bot(home: Path) -> None:
    datasets = home / "datasets"
    [release] = releases(datasets)
    assert (release.crawl, release.tag, release.new, release.withdrawn) == (CRAWL, V1, False, None)
    assert release.commit == git(datasets, "rev-parse", "main")
    assert git(datasets, "cat-file", "-t", V1) == "tag"
    assert git(datasets, "log", "--format=%an %ae").splitlines() == ["Rewrap rewrap@localhost"] * 2
    assert git(datasets, "status", "--porcelain") == ""
    assert set(files_of(home, V1)) == {
        str(file.relative_to(release.path)) for file in release.path.rglob("*") if file.is_file()
    }
    assert "storage" in git(datasets, "show", f"{V1}:.dvc/config")


def test_the_figures_stand_in_git_beside_the_data(home: Path) -> None:
    told = git(home / "datasets", "show", f"{V1}:{CRAWL}.json")
    assert told == (home / "datasets" / CRAWL / "release.json").read_text().strip()


def test_the_repository_is_its_own_inside_another_checkout(home: Path) -> None:
    assert git(home / "datasets", "rev-parse", "--show-toplevel") == str(home / "datasets")
    assert run("git", "-C", home.parent, "for-each-ref") == ""


def test_both_versions_can_be_fetched_by_tag_and_by_gto_s_name(home: Path) -> None:
    release = publish(home, 2)
    assert (release.tag, release.new) == (V2, True)
    assert [r.tag for r in releases(home / "datasets")] == [V1, V2]
    shutil.rmtree(home / "datasets/.dvc/cache")  # what comes must come from the remote
    ways = (
        (V1, ["get", home / "datasets", CRAWL, "--rev", V1]),
        (V2, ["artifacts", "get", home / "datasets", CRAWL, "--rev", "v1.1.0"]),
    )
    for tag, words in ways:
        out = home / f"fetched-{tag}"
        dvc(*words, "-o", out)
        fetched = {str(file.relative_to(out)): md5(file) for file in out.rglob("*") if file.is_file()}
        assert fetched == files_of(home, tag)
    shown = json.loads(run(Path(sys.executable).parent / "gto", "show", CRAWL, "--repo", home / "datasets", "--json"))
    assert sorted(version["version"] for version in shown) == ["v1.0.0", "v1.1.0"]


def test_a_clone_pulls_the_data_of_an_old_tag(home: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    run("git", "clone", "--quiet", "--branch", V1, home / "datasets", clone)
    dvc("pull", cwd=clone)
    assert {file.name for file in (clone / CRAWL).rglob("*") if file.is_file()} == {
        Path(name).name for name in files_of(home, V1)
    }


def test_unchanged_data_makes_no_new_version(home: Path) -> None:
    before = git(home / "datasets", "log", "--format=%H", "--all")
    release = publish(home, 1)
    assert (release.tag, release.new) == (V1, False)
    assert git(home / "datasets", "log", "--format=%H", "--all") == before
    assert [r.tag for r in releases(home / "datasets")] == [V1]


def test_settings_rows_and_descriptions_count_differently(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert publish(home, 2).tag == f"{CRAWL}@v1.1.0"
    assert publish(home, 2, heldout_share=0.3).tag == f"{CRAWL}@v2.0.0"
    assert publish(home, 2, heldout_share=0.3).tag == f"{CRAWL}@v2.0.0"
    with monkeypatch.context() as patch:
        patch.setattr("include.publish.export.write_card", lambda *_: "another card\n")
        assert publish(home, 2, heldout_share=0.3).tag == f"{CRAWL}@v2.0.1"
    assert [release.version for release in releases(home / "datasets")] == [
        (1, 0, 0), (1, 1, 0), (2, 0, 0), (2, 0, 1),
    ]  # fmt: skip


def test_versions_are_ordered_by_number_not_by_letters(home: Path, tmp_path: Path) -> None:
    datasets = tmp_path / "datasets"
    run("git", "clone", "--quiet", home / "datasets", datasets)
    for number in (9, 10):
        git(datasets, "-c", "user.name=x", "-c", "user.email=x", "tag", "-am", "x", f"{CRAWL}@v1.{number}.0", V1)
    assert [release.version for release in releases(datasets)] == [(1, 0, 0), (1, 9, 0), (1, 10, 0)]


def test_tags_of_the_older_form_are_versions_too(home: Path) -> None:
    datasets = home / "datasets"
    git(datasets, "-c", "user.name=x", "-c", "user.email=x", "tag", "-am", "x", f"crawl/{CRAWL}/v3", V1)
    git(datasets, "tag", "-d", V1)
    [release] = releases(datasets)
    assert (release.tag, release.version) == (f"crawl/{CRAWL}/v3", (3, 0, 0))
    assert publish(home, 1).tag == release.tag
    assert publish(home, 2).tag == f"{CRAWL}@v3.1.0"


def test_a_point_in_a_dump_s_name_is_a_slash_in_gto_s(tmp_path: Path) -> None:
    release = publish(tmp_path, 1, "my.crawl")
    assert (release.crawl, release.tag) == ("my.crawl", "my/crawl@v1.0.0")
    assert [known.crawl for known in releases(tmp_path / "datasets")] == ["my.crawl"]
    dvc("artifacts", "get", tmp_path / "datasets", "my/crawl", "-o", tmp_path / "out")
    assert (tmp_path / "out" / "release.json").exists()
    with pytest.raises(BadInput, match="must begin and end with a letter or a digit"):
        publish(tmp_path, 1, "crawl-")


class Killed(BaseException):
    """Stands for the end of the process: nothing in the code under test can catch it."""


def test_going_back_before_the_tag_keeps_the_old_version(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def dying(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(steps, "tag", dying)
        with pytest.raises(Killed):
            publish(home, 2)
    release = publish(home, 1)
    datasets = home / "datasets"
    assert (release.tag, release.new) == (V1, False)
    assert git(datasets, "show", f"main:{CRAWL}.dvc") == git(datasets, "show", f"{V1}:{CRAWL}.dvc")


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


def test_the_card_tells_where_the_data_comes_from(home: Path) -> None:
    card = (home / "datasets" / CRAWL / "README.md").read_text()
    release = json.loads((home / "datasets" / CRAWL / "release.json").read_text())
    report = recall(Lake(home / "lake"), CRAWL, "corpus")
    assert report is not None
    _, head, body = card.split("---\n", 2)
    meta = yaml.safe_load(head)
    assert meta["license"] == "other"
    assert meta["language"] == ["en"]
    assert meta["task_categories"] == ["text-generation"]
    assert meta["size_categories"] == ["n<1K"]
    assert {c["config_name"]: c["data_files"][0]["path"] for c in meta["configs"]} == {
        name: f"data/{name}-*.parquet" for name in ("mix", "real", "heldout")
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
    assert str(home) not in card + json.dumps(release)


def test_git_missing_is_one_clear_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    with pytest.raises(RewrapError, match="Install git"):
        prepare(tmp_path / "datasets", str(tmp_path / "remote"))
