import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from include.crawls import Crawl, add_crawl, add_crawls, find_crawl, load_crawls
from include.errors import BadInput

PROJECT = Path(__file__).resolve().parents[2]
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


def test_a_dump_listed_twice_and_not_alike_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "crawls.yaml"
    file.write_text("- {id: CC-MAIN-2025-47, from: 2025-11-06, to: 2025-11-20}")
    with pytest.raises(BadInput, match="CC-MAIN-2025-47 is listed twice, and not alike"):
        load_crawls(file)


def test_a_discovered_dump_that_a_later_release_knows_too_is_no_conflict(tmp_path: Path) -> None:
    file = tmp_path / "crawls.yaml"
    file.write_text("- {id: CC-MAIN-2025-47, from: 2025-11-06, to: 2025-11-19}")
    assert load_crawls(file) == load_crawls()


def test_no_two_dumps_are_released_at_one_moment(tmp_path: Path) -> None:
    file = tmp_path / "crawls.yaml"
    same_day = [replace(MINE, id=name) for name in ("B-1", "C-1", "A-1")]
    add_crawls(file, same_day)
    crawls = load_crawls(file)
    assert [crawl.id for crawl in crawls[-3:]] == ["A-1", "B-1", "C-1"]
    assert [crawl.released.isoformat()[:16] for crawl in crawls[-3:]] == [f"2026-03-13T00:0{n}" for n in range(3)]
    assert len({crawl.released for crawl in crawls}) == len(crawls)


def test_many_who_add_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    file = tmp_path / "crawls.yaml"
    add = (
        "import sys; from datetime import date; from pathlib import Path; from include.crawls import Crawl, add_crawl\n"
        "for n in range(15):\n"
        "    add_crawl(Path(sys.argv[1]), Crawl(date(2026, 1, 2), f'{sys.argv[2]}-{n}', date(2026, 1, 1), '/x'))"
    )
    running = [subprocess.Popen([sys.executable, "-c", add, str(file), name], cwd=PROJECT) for name in ("ONE", "TWO")]
    assert [process.wait(60) for process in running] == [0, 0]
    assert len(load_crawls(file)) == len(load_crawls()) + 30
