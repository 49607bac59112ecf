from datetime import date
from pathlib import Path

import pytest

from include.crawls import Crawl, add_crawl, find_crawl, load_crawls
from include.errors import BadInput

MINE = Crawl(end=date(2026, 3, 13), id="MY-DUMP", start=date(2026, 3, 2), source="/data/mine")


def test_common_crawls_dumps_are_known_with_their_dates(shared_data: Path) -> None:
    import json

    listed = {
        row["id"]: (row["from"][:10], row["to"][:10]) for row in json.loads((shared_data / "collinfo.json").read_text())
    }
    assert {crawl.id: (str(crawl.start), str(crawl.end)) for crawl in load_crawls()} == listed


def test_dumps_of_your_own_join_the_list_by_date(tmp_path: Path) -> None:
    file = tmp_path / "crawls.yaml"
    add_crawl(file, MINE)
    assert load_crawls(file)[-1] == MINE
    assert find_crawl("MY-DUMP", file).source == "/data/mine"
    add_crawl(file, MINE)
    assert len(load_crawls(file)) == len(load_crawls()) + 1


def test_an_unknown_id_is_refused_with_the_nearest_ones() -> None:
    with pytest.raises(BadInput, match=r"no dump 'CC-MAIN-2025-48'. Did you mean CC-MAIN-2025-4"):
        find_crawl("CC-MAIN-2025-48")


@pytest.mark.parametrize("crawl", ["", "../etc", "a/b", "x", "CC MAIN", "CC-MAIN\n", "a..b", "-rf", "é" * 3])
def test_ids_that_could_leave_the_lake_are_refused(crawl: str) -> None:
    with pytest.raises(BadInput, match="cannot be a crawl id"):
        find_crawl(crawl)


@pytest.mark.parametrize("content", ["- {id: A-1}", "just text", "- [1, 2]", "- {id: A-1, from: soon, to: later}", "{"])
def test_a_broken_list_names_the_file_and_shows_an_entry(tmp_path: Path, content: str) -> None:
    file = tmp_path / "crawls.yaml"
    file.write_text(content)
    with pytest.raises(BadInput, match=r"(?s)crawls\.yaml is not a list of dumps .*MY-DUMP-1"):
        load_crawls(file)


def test_a_dump_listed_twice_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "crawls.yaml"
    file.write_text("- {id: CC-MAIN-2025-47, from: 2025-11-06, to: 2025-11-19}")
    with pytest.raises(BadInput, match="CC-MAIN-2025-47 is listed twice"):
        load_crawls(file)
