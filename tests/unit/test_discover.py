"""New dumps in a list like Common Crawl's: found once, never lost, and nonsense refused."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from faulty_server import FaultyServer, serving
from typer.testing import CliRunner

from include import settings as settings_module
from include.cli import app
from include.crawls import COMMON_CRAWL_SOURCE, Crawl, add_crawl, load_crawls
from include.discover import discover_crawls
from include.errors import BadInput
from include.ingest import fetch, transport
from include.ingest.policy import FetchPolicy, SourceUnavailable

POLICY = FetchPolicy("me@example.org", requests_per_second=1e4, attempts=3, stall_seconds=2.0)
TODAY = date(2026, 6, 30)


def entry(name: str, start: str, end: str) -> dict[str, str]:
    """As in collinfo.json."""
    place = f"https://index.commoncrawl.org/{name}"
    return {
        **{"id": name, "name": f"{name} Index", "timegate": f"{place}/", "cdx-api": f"{place}-index"},
        **{"from": f"{start}T20:07:18", "to": f"{end}T12:34:13"},
    }


NEW = [
    entry("CC-MAIN-2026-04", "2026-01-10", "2026-01-24"),
    entry("CC-MAIN-2026-09", "2026-02-20", "2026-03-04"),
    entry("CC-MAIN-2026-22", "2026-05-20", "2026-06-02"),
]


class Place:
    """A server with a list, and the files that discovery writes."""

    def __init__(self, server: FaultyServer, home: Path, real: list[dict[str, str]]) -> None:
        self.server, self.home, self.real = server, home, real
        self.crawls, self.watermark = home / "crawls.yaml", home / "discovered.json"

    def publish(self, *entries: Any) -> None:
        """Put entries before the real ones, the newest first, as Common Crawl does."""
        self.publish_text(json.dumps([*reversed(entries), *self.real]))

    def publish_text(self, text: str) -> None:
        (self.server.folder / "collinfo.json").write_text(text)

    def look(self) -> list[str]:
        address = f"{self.server.address}/collinfo.json"
        return [crawl.id for crawl in discover_crawls(address, self.crawls, self.watermark, POLICY, TODAY)]

    def own(self) -> list[str]:
        """The dumps of the crawls file."""
        shipped = {crawl.id for crawl in load_crawls()}
        return [crawl.id for crawl in load_crawls(self.crawls) if crawl.id not in shipped]

    def state(self) -> dict[str, tuple[bytes, int]]:
        files = [file for file in self.home.iterdir() if not file.name.endswith(".lock")]
        return {file.name: (file.read_bytes(), file.stat().st_mtime_ns) for file in files}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    monkeypatch.setattr(fetch, "FIRST_WAIT_SECONDS", 0.002)
    monkeypatch.setattr(transport, "SLOW_DOWN_SECONDS", 0.01)
    real = [entry(crawl.id, str(crawl.start), str(crawl.end)) for crawl in reversed(load_crawls())]
    for folder in ("web", "home"):
        (tmp_path / folder).mkdir()
    with serving(tmp_path / "web") as server:
        yield Place(server, tmp_path / "home", real)


def test_the_real_list_holds_nothing_that_is_not_known(shared_data: Path, tmp_path: Path) -> None:
    listed = str(shared_data / "collinfo.json")
    assert discover_crawls(listed, tmp_path / "crawls.yaml", tmp_path / "watermark", POLICY, TODAY) == []
    assert list(tmp_path.iterdir()) == []


def test_new_dumps_are_added_with_their_days_and_source(place: Place) -> None:
    place.publish(*NEW)
    assert place.look() == [new["id"] for new in NEW]
    [first, *_] = [crawl for crawl in load_crawls(place.crawls) if crawl.id == "CC-MAIN-2026-04"]
    assert first == Crawl(date(2026, 1, 24), "CC-MAIN-2026-04", date(2026, 1, 10), place.server.address)


def test_dumps_of_common_crawl_s_own_list_are_read_from_its_data_server(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    from include import discover

    monkeypatch.setattr(discover, "COMMON_CRAWL_HOST", place.server.address)
    place.publish(NEW[0])
    place.look()
    assert load_crawls(place.crawls)[-1].source == COMMON_CRAWL_SOURCE


def test_nothing_new_changes_nothing(place: Place) -> None:
    place.publish()
    assert place.look() == []
    assert place.state() == {}
    place.publish(NEW[0])
    place.look()
    before = place.state()
    assert place.look() == []
    assert place.state() == before


def test_each_look_adds_what_came_since_the_last_one(place: Place) -> None:
    for number in range(len(NEW)):
        place.publish(*NEW[: number + 1])
        assert place.look() == [NEW[number]["id"]]
    assert place.own() == [new["id"] for new in NEW]


def test_the_watermark_never_goes_backwards(place: Place) -> None:
    place.publish(*NEW)
    place.look()
    before = place.state()
    place.publish(NEW[0])  # an old copy of the list
    assert place.look() == []
    late = entry("CC-MAIN-2026-08", "2026-02-01", "2026-02-10")  # older than the newest one seen
    place.publish(NEW[0], late, *NEW[1:])
    assert place.look() == []
    assert place.state() == before


def test_a_dump_that_was_taken_out_of_the_list_stays_out(place: Place) -> None:
    place.publish(*NEW)
    place.look()
    place.crawls.unlink()
    assert place.look() == []
    assert place.own() == []


def test_a_second_dump_of_the_newest_day_is_found(place: Place) -> None:
    place.publish(*NEW)
    place.look()
    same_day = entry("CC-MAIN-2026-21", "2026-05-20", NEW[-1]["to"][:10])
    place.publish(*NEW, same_day)
    assert place.look() == ["CC-MAIN-2026-21"]
    assert place.look() == []


def test_a_kill_between_the_two_files_adds_nothing_twice(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    from include import discover

    place.publish(*NEW)
    with monkeypatch.context() as killed:
        killed.setattr(discover, "_write_watermark", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            place.look()
    assert place.look() == []
    assert place.own() == [new["id"] for new in NEW]


def test_dumps_of_your_own_hide_no_dump_and_stay(place: Place) -> None:
    mine = Crawl(date(2026, 12, 1), "MY-DUMP", date(2026, 12, 1), "/data/mine")
    add_crawl(place.crawls, mine)
    place.publish(*NEW)
    assert len(place.look()) == 3
    assert load_crawls(place.crawls)[-1] == mine


@pytest.mark.parametrize(
    "nonsense",
    [
        {"id": "../../etc", "from": "2026-06-01", "to": "2026-06-02"},
        {"id": "CC-MAIN-2026-30", "from": "2026-06-01", "to": "2026-05-02"},
        {"id": "CC-MAIN-2026-30", "from": "2026-06-01", "to": "2999-01-01"},
        {"id": "CC-MAIN-2026-30", "from": "soon", "to": "later"},
        {"id": "CC-MAIN-2026-30", "from": 20260601, "to": None},
        {"id": ["CC-MAIN-2026-30"], "from": "2026-06-01", "to": "2026-06-02"},
        {"name": "no id"},
        "CC-MAIN-2026-30",
        None,
        7,
    ],
)
def test_a_nonsense_entry_is_named_and_the_good_ones_are_added(place: Place, nonsense: Any) -> None:
    place.publish(NEW[0], nonsense, NEW[1])
    with pytest.raises(BadInput, match=r"has 1 entries that are no dumps: .*2 new dumps were added"):
        place.look()
    assert place.own() == [NEW[0]["id"], NEW[1]["id"]]
    place.publish(*NEW)
    assert place.look() == [NEW[2]["id"]], "nonsense did not move the watermark"


@pytest.mark.parametrize("text", ["", "<html>Bad gateway</html>", "{}", "[]", "null", '{"id": "A-1"}', "[" * 100_000])
def test_a_list_that_is_none_is_refused_and_nothing_is_lost(place: Place, text: str) -> None:
    place.publish(NEW[0])
    place.look()
    before = place.state()
    place.publish_text(text)
    with pytest.raises(BadInput, match=r"collinfo\.json (is not a list of dumps|lists no dumps).*No dump was added"):
        place.look()
    assert place.state() == before


def test_a_damaged_watermark_says_what_to_do(place: Place) -> None:
    place.publish(*NEW)
    place.look()
    place.watermark.write_text("{")
    with pytest.raises(BadInput, match=r"watermark .*discovered\.json is damaged.*Remove it"):
        place.look()
    place.watermark.unlink()
    assert place.look() == [], "what is in the list is known without it"


def test_a_list_that_comes_hard_is_asked_again_and_given_up_clearly(place: Place) -> None:
    place.publish(NEW[0])
    place.server.fault("collinfo.json", statuses=[503, 403], cuts=[])
    assert place.look() == [NEW[0]["id"]]
    place.server.fault("collinfo.json", statuses=[500] * 9)
    with pytest.raises(SourceUnavailable, match=r"collinfo\.json: no answer after 3 attempts"):
        place.look()
    place.server.fault("collinfo.json", statuses=[404])
    with pytest.raises(BadInput, match=r"collinfo\.json cannot be read .*REWRAP_COLLINFO"):
        place.look()


def test_the_command_says_what_it_found(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.publish(entry("CC-MAIN-2025-48", "2025-11-20", "2025-11-21"))
    monkeypatch.setenv("REWRAP_COLLINFO", f"{place.server.address}/collinfo.json")
    monkeypatch.setenv("REWRAP_HOME", str(place.home))
    monkeypatch.delenv("REWRAP_CRAWLS", raising=False)
    settings_module.settings.cache_clear()
    try:
        first, second = (CliRunner().invoke(app, ["discover"]).output for _ in range(2))
    finally:
        settings_module.settings.cache_clear()
    assert "CC-MAIN-2025-48 is new and in" in first
    assert "lists no dump that was not seen before" in second
    assert place.own() == ["CC-MAIN-2025-48"]
