"""Pages that lists of opt-outs name leave no text, and lists are kept as they were when they applied."""

import hashlib
import json
import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from faulty_server import FaultyServer, serving
from warc_files import CRAWL, html, page, prose, record, write_dump, zipped
from warc_files import http as answer
from whole_ingest import PARAMS, POLICY, extract, ingest, plan

from include.errors import BadInput
from include.ingest import fetch, transport
from include.ingest.opt_outs.lists import STANDING, add_standing, standing_rules
from include.ingest.opt_outs.rules import parse
from include.ingest.policy import FetchPolicy, SourceUnavailable
from include.lake import Lake
from include.ledger import StageReport
from include.params import ContaminationParams, IngestParams

SECRET = "zanzibarite"
PATIENT = replace(POLICY, requests_per_second=1e4, attempts=2)


def listed(*lists: object, **fields: object) -> IngestParams:
    return PARAMS.model_copy(update={"opt_out_lists": [str(one) for one in lists], **fields})


def page_of(host: str, number: int, text: str = "") -> bytes:
    body = html(f"{prose(number)} {text}")
    return record("response", answer(body.encode(), "200 OK"), number, f"https://{host}/page/{number}")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Three pages; that of ``mine.example`` holds the secret."""
    pages = [page(0), page_of("www.mine.example", 1, f"The word is {SECRET}."), page_of("other.example", 2)]
    return write_dump(tmp_path / "dump", {"a.warc.gz": zipped(pages)})


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultyServer]:
    monkeypatch.setattr(fetch, "FIRST_WAIT_SECONDS", 0.002)
    monkeypatch.setattr(transport, "SLOW_DOWN_SECONDS", 0.01)
    (tmp_path / "lists").mkdir()
    with serving(tmp_path / "lists") as running:
        yield running


def write_list(folder: Path, content: str, name: str = "opt-outs.txt") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(content)
    return folder / name


def read(lake: Lake, source: Path, params: IngestParams = PARAMS, policy: FetchPolicy = POLICY) -> StageReport:
    """Plan and read the dump's only batch."""
    [batch] = plan(lake, source, params, policy=policy)
    return extract(lake, batch, params, policy=policy)


def tables_that_say(lake: Lake, word: str) -> set[str]:
    """Layers with this word in any column."""
    found = set()
    for file in lake.root.rglob("*.parquet"):
        if any(word in str(row) for row in pq.read_table(file).to_pylist()):
            found.add(file.relative_to(lake.root).parts[0])
    return found


def reasons(lake: Lake) -> dict[str, tuple[str, str | None]]:
    """(reason, detail) of the pages without text, by URL."""
    rows = lake.read("pages", CRAWL, "batch-0000").to_pylist()
    return {row["url"]: (row["reason"], row["detail"]) for row in rows if row["reason"]}


def test_a_listed_page_is_counted_with_its_rule_and_nothing_of_it_is_kept(
    lake: Lake, source: Path, tmp_path: Path
) -> None:
    rules = write_list(tmp_path / "lists", "mine.example  # asked us by mail\n")

    report = ingest(lake, source, listed(rules))

    assert (report.rows_in, report.rows_out, report.rejected) == (3, 2, {"opt_out": 1})
    assert reasons(lake) == {"https://www.mine.example/page/1": ("opt_out", f"{rules}: mine.example")}
    assert tables_that_say(lake, SECRET) == set()
    [row] = [row for row in lake.read("pages", CRAWL, "batch-0000").to_pylist() if row["reason"]]
    assert row["content_hash"] is row["language"] is row["words"] is None


def test_a_list_that_grows_takes_texts_that_were_read_before_and_reads_nothing_again(
    lake: Lake, source: Path, tmp_path: Path
) -> None:
    rules = write_list(tmp_path / "lists", "")
    benchmark = tmp_path / "benchmark.jsonl"
    benchmark.write_text(json.dumps({"text": prose(1)}) + "\n")
    fields = {"contamination": ContaminationParams(files=[benchmark])}
    assert ingest(lake, source, listed(rules, **fields)).rejected == {"contaminated": 1}
    assert tables_that_say(lake, SECRET) == {"pages", "rejected_pages"}
    assert lake.read("contamination", CRAWL, "batch-0000").num_rows == 1
    read_at = pq.read_table(*lake.files("warc_files", CRAWL, "batch-0000"))
    stays = lake.read("documents", CRAWL).filter(pa.compute.field("host") == "other.example")

    write_list(tmp_path / "lists", "mine.example\n")
    for batch in plan(lake, source, listed(rules, **fields)):
        (source / "a.warc.gz").rename(source / "hidden")  # reading would fail now
        extract(lake, batch, listed(rules, **fields))
        (source / "hidden").rename(source / "a.warc.gz")
    report = ingest(lake, source, listed(rules, **fields))

    assert (report.rows_out, report.rejected) == (2, {"opt_out": 1})
    assert tables_that_say(lake, SECRET) == set()
    assert lake.read("contamination", CRAWL, "batch-0000").num_rows == 0
    assert pq.read_table(*lake.files("warc_files", CRAWL, "batch-0000")) == read_at
    assert lake.read("documents", CRAWL).filter(pa.compute.field("host") == "other.example") == stays


def test_a_rule_that_was_lifted_says_what_to_do_for_its_pages(
    lake: Lake, source: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rules = write_list(tmp_path / "lists", "mine.example\nother.example\n")
    assert read(lake, source, listed(rules)).rows_out == 1
    write_list(tmp_path / "lists", "mine.example\n")
    with caplog.at_level(logging.WARNING):
        assert read(lake, source, listed(rules)).rows_out == 1
    [said] = [line.message for line in caplog.records if "names them no more" in line.message]
    folder = re.search(r"delete (\S+) and ingest again", said)
    assert folder
    for file in Path(folder[1]).iterdir():
        file.unlink()
    assert read(lake, source, listed(rules)).rows_out == 2


def test_the_same_list_again_changes_nothing(lake: Lake, source: Path, tmp_path: Path) -> None:
    rules = write_list(tmp_path / "lists", "mine.example\n")
    read(lake, source, listed(rules))
    files = {file: file.stat().st_mtime_ns for file in lake.root.rglob("*.parquet")}
    read(lake, source, listed(rules))
    assert {file: file.stat().st_mtime_ns for file in lake.root.rglob("*.parquet")} == files


def test_what_take_downs_named_stays_out_of_every_later_reading(lake: Lake, source: Path) -> None:
    rules = parse(b"mine.example\nrecord:" + b"f" * 32, "list")
    add_standing(lake, rules, "take-down 1")
    add_standing(lake, rules, "take-down 2")
    assert standing_rules(lake) == rules
    assert read(lake, source).rejected == {"opt_out": 1}
    assert reasons(lake)["https://www.mine.example/page/1"] == ("opt_out", f"{STANDING}: mine.example")


def test_a_list_from_an_address_is_kept_with_its_date_and_digest(
    lake: Lake, source: Path, tmp_path: Path, server: FaultyServer
) -> None:
    content = write_list(tmp_path / "lists", "mine.example\n").read_bytes()
    address = f"{server.address}/opt-outs.txt"
    assert read(lake, source, listed(address), policy=PATIENT).rejected == {"opt_out": 1}
    assert server.count("opt-outs.txt") == 1, "one reading for all batches"
    [note] = (lake.root / "opt_outs" / "lists").glob("*.json")
    kept = json.loads(note.read_bytes())
    assert (kept["source"], kept["sha256"], kept["rules"]) == (address, hashlib.sha256(content).hexdigest(), 1)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", kept["read"])
    assert (note.parent / kept["file"]).read_bytes() == content


def test_a_list_that_cannot_be_had_stops_the_dump_unless_its_last_copy_may_serve(
    lake: Lake, source: Path, tmp_path: Path, server: FaultyServer, caplog: pytest.LogCaptureFixture
) -> None:
    write_list(tmp_path / "lists", "mine.example\n")
    address = f"{server.address}/opt-outs.txt"
    last_copy = listed(address, opt_out_lists_unreachable="last_copy")
    server.fault("*", statuses=[503] * 2 + [0] + [503] * 2 + [404] + [503] * 2)

    with pytest.raises(SourceUnavailable, match="pages that it names would be taken: run again"):
        plan(lake, source, last_copy, policy=PATIENT)  # there is no copy yet
    plan(lake, source, listed(address), policy=PATIENT)
    for _ in range(2):  # busy, then gone
        with pytest.raises(SourceUnavailable, match=r"set ingest\.opt_out_lists_unreachable to last_copy"):
            plan(lake, source, listed(address), policy=PATIENT)
    with caplog.at_level(logging.WARNING):
        assert read(lake, source, last_copy, policy=PATIENT).rejected == {"opt_out": 1}
    assert any("The copy of 20" in line.message for line in caplog.records)


@pytest.mark.parametrize("content", ["<!DOCTYPE html>\n<html>Sign in</html>", "mine.example\nregex:(\n"])
def test_a_list_that_is_none_stops_the_dump_and_spoils_no_copy(
    lake: Lake, source: Path, tmp_path: Path, content: str
) -> None:
    rules = write_list(tmp_path / "lists", "mine.example\n")
    plan(lake, source, listed(rules))
    kept = {file: file.read_bytes() for file in (lake.root / "opt_outs").rglob("*") if file.is_file()}
    write_list(tmp_path / "lists", content)
    with pytest.raises(BadInput, match="not a usable list of opt-outs"):
        plan(lake, source, listed(rules))
    assert {file: file.read_bytes() for file in kept} == kept


def test_a_file_that_is_not_there_is_named(lake: Lake, source: Path) -> None:
    with pytest.raises(BadInput, match=r"nowhere\.txt cannot be read"):
        plan(lake, source, listed("/nowhere.txt"))


NOINDEX, NOAI = "noindex", "noai"
SIGNALS = {
    "meta noai": page(1, html(f"{prose(1)} {SECRET}.", head='<meta name="robots" content="noai">')),
    "header noai": page(2, html(f"{prose(2)} {SECRET}."), X_Robots_Tag="noai"),
    "meta noindex": page(3, html(f"{prose(3)} {SECRET}.", head='<meta name="robots" content="noindex">')),
    "header noindex": page(4, html(f"{prose(4)} {SECRET}."), X_Robots_Tag="noindex"),
    "meta reservation": page(5, html(f"{prose(5)} {SECRET}.", head='<meta name="tdm-reservation" content="1">')),
    "header reservation": page(6, html(f"{prose(6)} {SECRET}."), tdm_reservation="1"),
}


@pytest.mark.parametrize(
    ("settings", "kept"),
    [
        (IngestParams().opt_outs, ["meta noindex", "header noindex"]),
        ([NOAI, NOINDEX, "tdm-reservation"], []),
        ([NOINDEX], ["meta noai", "header noai", "meta reservation", "header reservation"]),
    ],
)
def test_a_page_s_own_signals_keep_it_out_as_set_and_leave_no_text(
    lake: Lake, tmp_path: Path, settings: list[str], kept: list[str]
) -> None:
    source = write_dump(tmp_path / "dump", {"a.warc.gz": zipped([page(0), *SIGNALS.values()])})
    report = read(lake, source, listed(opt_outs=settings))
    assert report.rejected == {"opt_out": len(SIGNALS) - len(kept)}
    pages = lake.read("pages", CRAWL, "batch-0000").to_pylist()[1:]
    with_text = [name for name, row in zip(SIGNALS, pages, strict=True) if SECRET in (row["text"] or "")]
    assert with_text == kept
    assert all(row["text"] is row["content_hash"] is None for row in pages if row["reason"] == "opt_out")
