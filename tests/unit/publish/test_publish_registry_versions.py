"""What is done with versions that are there: go back to one, compare two."""

import json
import shutil
from pathlib import Path

import pytest
from registry_home import (
    CRAWL,
    V1,
    V2,
    files_of,
    git,
    is_whole,
    publish,
    renew,
    rows_of,
)

from include.errors import BadInput
from include.publish.registry import (
    diff,
    note_training,
    releases,
    rollback,
)

V3 = f"{CRAWL}@v1.2.0"


@pytest.fixture
def home(two_versions: Path) -> Path:
    return renew(two_versions)


def remote(home: Path) -> str:
    return str(home / "remote")


def test_going_back_makes_a_new_version_of_the_old_data(home: Path) -> None:
    shutil.rmtree(home / "datasets/.dvc/cache")
    release = rollback(home / "datasets", remote(home), V1)
    assert (release.tag, release.new) == (V3, True)
    assert files_of(home, V3) == files_of(home, V1)
    assert is_whole(home, V3)
    assert (home / "datasets" / CRAWL / "release.json").read_text().strip() == git(
        home / "datasets", "show", f"{V1}:{CRAWL}.json"
    )
    assert git(home / "datasets", "status", "--porcelain") == ""
    again = rollback(home / "datasets", remote(home), V1)
    assert (again.tag, again.new) == (V3, False)


def test_a_corpus_that_was_rolled_back_is_not_published_again_by_itself(home: Path) -> None:
    """A backfill runs publish over the unchanged lake."""
    rollback(home / "datasets", remote(home), V1)
    release = publish(home, 2)
    assert (release.tag, release.new) == (V3, False)
    assert json.loads((release.path / "release.json").read_text())["rows"]["mix"] == rows_of(home, V1)
    assert git(home / "datasets", "status", "--porcelain") == ""
    assert rollback(home / "datasets", remote(home), V2).tag == f"{CRAWL}@v1.3.0"
    assert publish(home, 3).tag == f"{CRAWL}@v1.4.0"


def test_only_versions_that_are_there_can_be_gone_back_to(home: Path) -> None:
    with pytest.raises(BadInput, match=rf"no version '{CRAWL}@v9.0.0'.*{V2}"):
        rollback(home / "datasets", remote(home), f"{CRAWL}@v9.0.0")


def test_diff_reads_git_alone(home: Path) -> None:
    shutil.rmtree(home / "remote")
    shutil.rmtree(home / "datasets/.dvc/cache")
    shutil.rmtree(home / "datasets" / CRAWL)
    difference = diff(home / "datasets", V1, V2)
    assert difference.changed["rows.mix"] == (rows_of(home, V1), rows_of(home, V2))
    assert "by_recipe.easy.words" in difference.changed
    assert difference.figures["teachers"][0].startswith("test-teacher abc123 allowed")
    assert "teachers" not in difference.changed
    assert difference.figures["mix.heldout_share"] == (0.15, 0.15)
    assert diff(home / "datasets", V1, V1).changed == {}


def test_diff_knows_perplexities_of_versions_that_were_trained_on(home: Path) -> None:
    datasets = home / "datasets"
    told = json.loads(git(datasets, "show", f"{V2}:{CRAWL}.json"))
    note_training(datasets, CRAWL, told["fingerprint"], {"perplexity_mix": 41.5, "tokens_per_second": 7.0})
    commits = git(datasets, "rev-list", "--count", "HEAD")
    note_training(datasets, CRAWL, told["fingerprint"], {"perplexity_mix": 41.5, "tokens_per_second": 8.0})
    assert git(datasets, "rev-list", "--count", "HEAD") == commits
    note_training(datasets, CRAWL, "another corpus", {"perplexity_mix": 99.0})
    difference = diff(datasets, V1, V2)
    assert difference.changed["training.perplexity_mix"] == (None, 41.5)
    assert "training.tokens_per_second" not in difference.figures
    assert [release.tag for release in releases(datasets)][:2] == [V1, V2]
    assert publish(home, 2).tag == V2
    note_training(home / "nothing here", CRAWL, "x", {})
    assert not (home / "nothing here").exists()
