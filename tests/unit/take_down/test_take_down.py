"""Pages go with all that was made of them; what stays, stays as it was; the proof finds what is left."""

import json
import logging
import multiprocessing
import random
import shutil
import signal
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from whole_ingest import ingest
from whole_lake import (
    FIRST,
    LENIENT,
    MINE,
    MIX,
    PARAMS,
    SECOND,
    SECRET,
    SHARED,
    Done,
    hold_as_stage,
    publish,
    rephrase,
    take_down,
    words_teacher,
    workspace,
)

from include import stages
from include.errors import BadInput, RewrapError
from include.ingest.opt_outs.lists import standing_rules
from include.lake import Lake, write_atomically
from include.ledger import recall
from include.parquet import write_parquet
from include.publish.mix import build_corpus
from include.publish.registry import publish_release, releases, rollback
from include.rephrase.collect import collect_generations
from include.rephrase.store import Store
from include.take_down.case import read_case
from include.take_down.tables import tables
from include.validate.corpus_gate import run_corpus_gate
from include.validate.corpus_params import CorpusGateParams
from include.validate.gate import run_gate

pytestmark = pytest.mark.slow
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["whole_lake", "include.take_down.run"])
MINES = {f"{number + 1:032x}" for number in (10, 11, 12, 13, 14, 110)}
SHARED_PAGE, TWIN = f"{14:032x}", f"{112:032x}"
"""Of MINE and of another host, with the same text."""
LIKE_IT = f"{16:032x}"
"""Rejected for being much like a page of MINE."""


def rows(lake: Lake, layer: str, crawl: str) -> list[dict[str, Any]]:
    return [row for table in tables(lake) if table[:2] == (layer, crawl) for row in lake.read(*table).to_pylist()]


def words_of(folder: Path) -> set[str]:
    """Layers of which a Parquet file says the secret anywhere."""
    files = [file for file in folder.rglob("*.parquet") if "take_down" not in file.parts]
    return {file.relative_to(folder).parts[0] for file in files if SECRET in str(pq.read_table(file).to_pylist())}


def test_nothing_is_left_in_any_table_and_before_it_was_in_many(done: Done) -> None:
    assert words_of(done.before.root) >= {"pages", "rejected_pages", "documents", "requests", "generations"}
    assert words_of(done.lake.root) == set()
    for table in tables(done.lake):
        if "doc_id" in (names := done.lake.read(*table).column_names):
            left = [row for row in done.lake.read(*table).to_pylist() if row["doc_id"] in MINES]
            assert all("text" in names and row["text"] is row["content_hash"] is None for row in left), table
            assert not left or table.layer in ("pages", "rejected_pages")
    assert done.case.state == "proven"
    assert set(done.case.left.values()) == {0}
    assert done.case.pages == len(MINES)
    assert done.case.found["documents"] == 5
    assert done.case.tombstones == len(MINES) + 1, "one page stands in rejected_pages, too"


def test_what_stays_is_what_it_was(done: Done) -> None:
    for table in tables(done.lake):
        if table.layer in ("mix", "real", "heldout", "dedup_index"):
            continue
        before, after = (lake.read(*table).to_pylist() for lake in (done.before, done.lake))
        if "doc_id" in done.lake.read(*table).column_names:
            before, after = ([row for row in some if row["doc_id"] not in MINES] for some in (before, after))
        if table.layer == "rejected_pages":
            said = {row["doc_id"]: row.pop("detail") for row in after}
            assert table.crawl != FIRST or said == {LIKE_IT: "much like a document that was taken down"}
            before = [{name: row[name] for name in row if name != "detail"} for row in before]
        assert after == before, table


def test_a_generation_whose_prompt_a_page_that_stays_shares_is_kept_with_its_chain(done: Done) -> None:
    def results(lake: Lake) -> dict[str, str]:
        return {
            row["generation_key"]: row["root"]
            for file in Store(lake).chunks()
            for row in pq.read_table(file).to_pylist()
        }

    before, after = results(done.before), results(done.lake)
    roots: dict[str, set[str]] = {}
    for crawl in (FIRST, SECOND):
        for row in rows(done.before, "requests", crawl):
            roots.setdefault(row["doc_id"], set()).add(row["generation_key"])
    assert roots[SHARED_PAGE] == roots[TWIN]
    only_mine = set().union(*(roots[page] for page in MINES if page in roots)) - roots[TWIN]
    assert only_mine
    assert after == {key: root for key, root in before.items() if root not in only_mine}
    assert set(before.values()) == set().union(*roots.values())
    assert any(SHARED[:40] in row["source"] for row in rows(done.lake, "generations", SECOND))


def test_reports_account_for_every_row(done: Done) -> None:
    for crawl, taken in ((FIRST, 4), (SECOND, 1)):
        for stage, count in (
            ("ingest", taken),
            ("extract-batch-0000", taken),
            ("plan", taken),
            ("rephrase", 2 * taken),
        ):
            before, after = recall(done.before, crawl, stage), recall(done.lake, crawl, stage)
            assert before
            assert after
            after.check()
            assert after.rejected["taken_down"] == count == before.rows_out - after.rows_out
            assert after.rows_in == before.rows_in
        gate = recall(done.lake, crawl, "gate")
        assert gate
        gate.check()
        verdicts = Counter(row["reason"] for row in rows(done.lake, "verdicts", crawl))
        assert gate.rows_out == verdicts.pop(None) == len(rows(done.lake, "accepted", crawl))
        lost = len(rows(done.before, "verdicts", crawl)) - len(rows(done.lake, "verdicts", crawl))
        assert gate.rejected == {**verdicts, "taken_down": lost}
        covered = gate.detail["coverage"]["overall"]["documents"]
        assert covered == len({row["doc_id"] for row in rows(done.lake, "coverage", crawl)})
        corpus = recall(done.lake, crawl, "corpus")
        assert corpus
        assert corpus.rows_in == len(rows(done.lake, "documents", crawl)) + gate.rows_out


def test_releases_that_held_them_have_new_versions_and_the_earlier_ones_are_withdrawn(done: Done) -> None:
    known = {release.tag: release.withdrawn for release in releases(done.home / "datasets")}
    assert known == {
        f"{crawl}@v1.{minor}.0": f"take-down {done.case.id}" if minor == 0 else None
        for crawl in (FIRST, SECOND)
        for minor in (0, 1)
    }
    assert done.case.versions == {crawl: f"{crawl}@v1.1.0" for crawl in (FIRST, SECOND)}
    assert words_of(done.home / "datasets") == set()
    report = json.loads((done.lake.root / "take_down" / f"{done.case.id}.json").read_bytes())
    assert report["withdrawn"] == [f"{FIRST}@v1.0.0", f"{SECOND}@v1.0.0"]
    assert {"remove", "prove", f"rebuild {FIRST}"} <= report["seconds"].keys()


def test_a_version_that_somebody_went_back_to_is_not_kept_for_want_of_a_new_one(home: Path) -> None:
    publish(home)
    work = workspace(home)
    datasets, remote = work.settings.datasets, work.settings.remote
    case = stages.find_pages(work, [], ["mine.example"], [], dry_run=False, everything=False)
    assert FIRST in stages.remove_pages(work, case.id).published
    build_corpus(work.lake, FIRST, MIX)
    run_corpus_gate(work.lake, FIRST, [], CorpusGateParams())
    assert publish_release(work.lake, FIRST, datasets, remote).tag == f"{FIRST}@v1.1.0", "what the rebuilt one equals"
    back = rollback(datasets, remote, f"{FIRST}@v1.0.0").tag
    stages.rebuild_release(work, case.id, FIRST)
    usable = [one.tag for one in releases(datasets) if one.crawl == FIRST and one.withdrawn is None]
    assert back not in usable
    assert f"{FIRST}@v1.0.0" not in usable
    assert usable
    assert words_of(datasets / FIRST) == set()


def test_pages_of_data_docs_that_quoted_them_do_so_no_more(done: Done) -> None:
    def quoting(lake: Lake) -> list[Path]:
        return [file for file in lake.root.rglob("*.html") if any(page in file.read_text() for page in MINES)]

    assert quoting(done.before)
    assert quoting(done.lake) == []
    summary = (done.lake.root / "data_docs" / FIRST / "generations" / "summary.html").read_text()
    assert "<h2>Expectations</h2>" in summary, "what quotes nobody stays"
    assert summary.rstrip().endswith("</html>")


def test_stages_after_ingest_take_the_cut_tables_for_what_they_were(done: Done) -> None:
    files = {file: file.stat().st_mtime_ns for file in done.lake.root.rglob("*.parquet")}
    for crawl in (FIRST, SECOND):
        assert collect_generations(done.lake, crawl).rejected["taken_down"]
        assert run_gate(done.lake, crawl, LENIENT, []).rejected["taken_down"]
        build_corpus(done.lake, crawl, MIX)
    assert {file: file.stat().st_mtime_ns for file in done.lake.root.rglob("*.parquet")} == files


def test_a_later_ingest_brings_none_of_them_back_and_everything_still_fits(
    built: Path, done: Done, tmp_path: Path
) -> None:
    lake = Lake(tmp_path / "lake")
    shutil.copytree(done.lake.root, lake.root)
    report = ingest(lake, built / "source" / FIRST, PARAMS, FIRST)
    assert report.rejected == {"taken_down": 4, "too_few_words": 1}
    ids = {row["doc_id"] for row in rows(lake, "documents", FIRST)}
    assert LIKE_IT in ids, "what was left out for being much like one of them is the only one of its kind now"
    shutil.rmtree(lake.path("pages", FIRST))  # read anew
    assert ingest(lake, built / "source" / FIRST, PARAMS, FIRST).rejected == {"opt_out": 5}
    assert words_of(lake.root) == set()
    rephrase(lake, words_teacher(tmp_path / "teacher"), FIRST)
    assert build_corpus(lake, FIRST, MIX).rows_out > 0
    assert words_of(lake.root) == set()


def test_the_same_request_again_changes_nothing(done: Done) -> None:
    files = {file: file.read_bytes() for file in done.lake.root.rglob("*.parquet")}
    work = workspace(done.home)
    case = stages.find_pages(work, [], ["mine.example"], [], dry_run=False, everything=False)
    assert case.id == done.case.id
    for crawl in stages.remove_pages(work, case.id).published:
        stages.rebuild_release(work, case.id, crawl)
    again = stages.prove_take_down(work, case.id)
    assert (again.versions, again.found, again.left) == (done.case.versions, done.case.found, done.case.left)
    assert {file: file.read_bytes() for file in done.lake.root.rglob("*.parquet")} == files
    assert [str(rule.text) for rule in standing_rules(work.lake)] == ["mine.example"]


def test_the_proof_finds_each_thing_that_was_left_on_purpose(done: Done, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(done.home, home)
    work = workspace(home)
    lake, before = work.lake, done.before
    made = before.read("generations", SECOND)
    mine = made.filter(pc.is_in(made["doc_id"], pa.array(MINES)))
    lake.write(made, layer="generations", crawl=SECOND, fingerprint="x")
    page = before.read("documents", FIRST).filter(pc.equal(before.read("documents", FIRST)["host"], MINE)).slice(0, 1)
    write_parquet(lake.root / "somewhere" / "stray.parquet", pa.table({"words_in_it": page["text"]}))
    write_parquet(lake.root / "elsewhere" / "stray.parquet", pa.table({"of": [page["doc_id"].to_pylist()]}))
    lake.write(page, layer="pages", crawl="OTHER", shard="batch-0000", fingerprint="x")
    write_parquet(home / "datasets" / FIRST / "more.parquet", page)
    write_atomically(lake.root / "data_docs" / "x.html", f"<p>{page['doc_id'][0]}</p>".encode())
    kept = Store(lake).chunks()[0]
    orphan = pq.read_table(kept).slice(0, 1)
    orphan = orphan.set_column(orphan.schema.get_field_index("root"), "root", pa.array(["f" * 32]))
    Store(lake).commit(orphan, "somebody")
    case = read_case(lake, done.case.id)
    case.withdrawn.append(case.versions[FIRST])
    case.save(lake)

    with pytest.raises(RewrapError, match=r"is not complete: what is left of its pages: .*generations 4"):
        stages.prove_take_down(work, done.case.id)

    left = read_case(lake, done.case.id).left
    assert {place: count for place, count in left.items() if count} == {
        "generations": mine.num_rows, "somewhere": 1, "elsewhere": 1, "pages": 2, "working copy": 2,
        "Data Docs and cards": 1, "store, asked for by no page": 1, "versions not withdrawn": 1,
    }  # fmt: skip


def contents(home: Path) -> dict[str, Any]:
    """All that a take-down leaves behind but times, and file names that hold a moment or a process."""
    lake = Lake(home / "lake")
    found: dict[str, Any] = {"/".join(map(str, table)): lake.read(*table).to_pylist() for table in tables(lake)}
    found["store"] = sorted(str(row) for file in Store(lake).chunks() for row in pq.read_table(file).to_pylist())
    for file in sorted((lake.root / "reports").rglob("*.json")):
        found[str(file.relative_to(lake.root))] = json.loads(file.read_bytes())
    found["standing"] = [rule.text for rule in standing_rules(lake)]
    [journal] = (lake.root / "take_down").glob("*.json")
    case = json.loads(journal.read_bytes())
    kept = ("state", "found", "affected", "published", "withdrawn", "left", "tombstones", "pages")
    return found | {name: case[name] for name in kept}


def test_killed_before_any_change_to_the_disk_and_run_again_it_ends_the_same(
    done: Done, built: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    shutil.copytree(built / "lake", home / "lake")
    publish(home)
    draw, killed = random.Random(3), 0
    for changes in [5, 40, *(draw.randint(1, 90) for _ in range(4)), None]:
        process = FORKS.Process(target=take_down, args=(home, changes))
        process.start()
        process.join(120)
        assert process.exitcode in (0, -signal.SIGKILL)
        killed += process.exitcode != 0
        if changes == 40:
            with pytest.raises(BadInput, match="was interrupted while it removed pages: nothing is mixed or published"):
                stages.build_corpus(workspace(home), FIRST)
    assert killed >= 4
    assert contents(home) == contents(done.home)


def test_it_waits_for_stages_that_run_and_not_for_those_that_died(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    ours, theirs = FORKS.Pipe()
    process = FORKS.Process(target=hold_as_stage, args=(home, theirs))
    process.start()
    assert ours.recv() == "at work"
    told, work = threading.Event(), workspace(home)
    case = stages.find_pages(work, [], ["mine.example"], [], dry_run=False, everything=False)
    waiting = logging.Handler()
    waiting.emit = lambda record: told.set()  # type: ignore[method-assign]
    logging.getLogger("rewrap.locks").addHandler(waiting)
    removing = threading.Thread(target=stages.remove_pages, args=(work, case.id))
    try:
        removing.start()
        assert told.wait(30), "it says that it waits"
        assert read_case(work.lake, case.id).state == "asked"
        process.kill()  # a stage that dies holds nobody up
        removing.join(60)
    finally:
        logging.getLogger("rewrap.locks").removeHandler(waiting)
    assert read_case(work.lake, case.id).state == "removed"
