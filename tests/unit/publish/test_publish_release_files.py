"""A release's folder: shards and index, and every way to load it that docs/how-to/load-a-corpus.md shows."""

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from small_dumps import Dump, fill, let_pass, shares

from include.lake import Lake
from include.publish.export import finished_corpus, write_release_folder
from include.publish.mix import build_corpus
from include.settings import PROJECT

CRAWL = "SAMPLE-2026-01"
TABLES = ("mix", "real", "heldout")
PAGE = (PROJECT / "docs/how-to/load-a-corpus.md").read_text()


def write(root: Path) -> Path:
    lake = Lake(root / "lake")
    fill(lake, Dump())
    build_corpus(lake, CRAWL, shares(shard_bytes=20_000))
    let_pass(lake, CRAWL)
    folder = root / CRAWL
    folder.mkdir()
    write_release_folder(lake, CRAWL, finished_corpus(lake, CRAWL), folder)
    return folder


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a release in several shards, beside its lake."""
    return write(tmp_path_factory.mktemp("release"))


@pytest.fixture(scope="module")
def rows(release: Path) -> int:
    """Of the mix."""
    count: int = json.loads((release / "release.json").read_text())["rows"]["mix"]
    return count


def test_the_index_names_every_shard_with_its_rows_and_digest(release: Path) -> None:
    tables = json.loads((release / "index.json").read_text())["tables"]
    assert tables.keys() == set(TABLES)
    assert {line["file"] for lines in tables.values() for line in lines} == {
        str(file.relative_to(release)) for file in release.rglob("*.parquet")
    }
    assert len(tables["mix"]) > 2
    for table, lines in tables.items():
        first = 0
        for number, line in enumerate(lines):
            file = release / line["file"]
            assert line["file"] == f"data/{table}-{number:05d}-of-{len(lines):05d}.parquet"
            assert (line["first_row"], line["rows"]) == (first, pq.read_metadata(file).num_rows)
            assert (line["bytes"], line["sha256"]) == (
                file.stat().st_size,
                hashlib.sha256(file.read_bytes()).hexdigest(),
            )
            first += line["rows"]


def test_the_mix_is_written_down(release: Path, rows: int) -> None:
    mix = json.loads((release / "mix.json").read_text())
    assert mix["params"]["mixes"]["mine"]["sources"]["real"]["share"] == 0.5
    assert mix["bounded_by"] in mix["sources"]
    assert mix["sources"].keys() == {"real", "synthetic"}
    assert sum(source["rows"] for source in mix["sources"].values()) == rows
    for source in mix["sources"].values():
        assert source["share_wanted"] == 0.5
        assert source["share"] == pytest.approx(0.5, abs=0.05)
        assert 0 < source["repeats"] <= source["max_repeats"] == 1


def test_equal_data_gives_an_equal_folder(release: Path, tmp_path: Path) -> None:
    def content(folder: Path) -> dict[str, bytes]:
        return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}

    assert content(write(tmp_path)) == content(release)


def test_the_data_take_no_second_place_on_the_disk(release: Path) -> None:
    lake = Lake(release.parent / "lake")
    first = release / "data/mix-00000-of-{:05d}.parquet".format(len(lake.files("mix", CRAWL)))
    assert Path(first).samefile(lake.files("mix", CRAWL)[0])


def test_a_new_corpus_does_not_reach_a_release_that_shares_its_files(release: Path) -> None:
    before = {file: file.read_bytes() for file in release.rglob("*.parquet")}
    lake = Lake(release.parent / "lake")
    build_corpus(lake, CRAWL, shares(0.8, shard_bytes=20_000))
    let_pass(lake, CRAWL)
    assert {file: file.read_bytes() for file in release.rglob("*.parquet")} == before
    build_corpus(lake, CRAWL, shares(shard_bytes=20_000))
    let_pass(lake, CRAWL)


def snippets() -> dict[str, str]:
    """The Python blocks of the page, by the heading above each."""
    parts = re.findall(r"^## ([^\n]+)\n(?:(?!^## ).)*?^```python\n(.*?)^```$", PAGE, flags=re.M | re.S)
    return dict(parts)


@pytest.mark.parametrize("title", sorted(snippets()))
def test_what_the_page_shows_loads_the_corpus(title: str, release: Path, rows: int, tmp_path: Path) -> None:
    """Each block runs as it stands, beside the release; it prints the number of rows that it has loaded."""
    (tmp_path / "corpus").symlink_to(release)
    offline = {"HF_HOME": str(tmp_path / "cache"), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", snippets()[title]],
        cwd=tmp_path,
        env=os.environ | offline,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [str(rows)]


def test_the_page_shows_every_reader_that_is_promised() -> None:
    assert {"Hugging Face datasets", "DuckDB", "PyArrow"} <= snippets().keys()
