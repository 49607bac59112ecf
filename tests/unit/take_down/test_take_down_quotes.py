"""What quotes a page outside of the tables: HTML pages of the lake, and copies of the source's files."""

import json
from pathlib import Path

import pyarrow as pa
import pytest

from include.ingest.cache import Cache
from include.ingest.transport import Version
from include.lake import Lake
from include.schemas import PAGE
from include.take_down.quotes import forget_copies, remove_quotes

MINE, OURS = "a" * 32, "b" * 32


def summary(lake: Lake, text: str, name: str = "summary.html") -> Path:
    file = lake.path("data_docs", "A", "generations") / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def test_only_the_sections_that_name_a_page_go(lake: Lake) -> None:
    head, mine, ours = "<html><body><h1>Gate</h1>", f"<h3>a</h3><p>{MINE}</p>quoted", f"<h3>b</h3><p>{OURS}</p>"
    first = summary(lake, f"{head}{mine}{ours}</body></html>")
    last = summary(lake, f"{head}{ours}{mine}</body></html>", "other.html")
    untouched = summary(lake, f"{head}{ours}</body></html>", "third.html")
    assert remove_quotes(lake, {MINE}) == 2
    assert first.read_text() == f"{head}{ours}</body></html>"
    assert last.read_text() == f"{head}{ours}</body></html>"
    assert untouched.read_text() == f"{head}{ours}</body></html>"
    assert remove_quotes(lake, {MINE}) == 0


@pytest.mark.parametrize("name", ["whole.html", "card.md"])
def test_a_page_without_sections_to_cut_is_replaced_as_a_whole(lake: Lake, name: str) -> None:
    file = summary(lake, f"<html>about {MINE}: its words</html>", name)
    assert remove_quotes(lake, {MINE}) == 1
    assert "was taken down" in file.read_text()
    assert "its words" not in file.read_text()


def test_copies_of_the_files_that_hold_the_pages_leave_the_cache_and_no_others(lake: Lake, tmp_path: Path) -> None:
    source, cache = "https://crawl.example", Cache(tmp_path / "cache", 1 << 20)
    for path in ("a.warc.gz", "b.warc.gz"):
        copy = cache.begin(f"{source}/{path}", Version(4, "etag"))
        assert copy
        copy.write(b"data")
        copy.finish()
    row = dict.fromkeys(PAGE.names)
    pages = [row | {"doc_id": MINE, "warc_path": "a.warc.gz"}, row | {"doc_id": OURS, "warc_path": "b.warc.gz"}]
    lake.write(pa.Table.from_pylist(pages, PAGE), layer="pages", crawl="A", shard="batch-0000", fingerprint="x")
    plan = {"source": source, "batches": 1, "files": [], "sampled": "", "ranges": None}
    lake.path("batches", "A").mkdir(parents=True)
    (lake.path("batches", "A") / "batch-0000.json").write_text(json.dumps(plan))

    assert forget_copies(lake, cache.folder, {MINE}) == 1

    assert cache.find(f"{source}/a.warc.gz") is None
    assert cache.find(f"{source}/b.warc.gz") is not None
    assert forget_copies(lake, None, {MINE}) == 0
