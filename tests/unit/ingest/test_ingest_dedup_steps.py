"""The steps of deduplication over a lake: who stays, who goes and why, within a dump and across dumps."""

import hashlib
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest
from near_duplicates import Page, Writer, cluster, deduplicate, extract, found_with_probability, jaccard

import include.lake
from include.errors import BadInput
from include.ingest.dedup import clusters, index
from include.ingest.dedup.bands import find_pairs
from include.ingest.dedup.clusters import build_clusters
from include.ingest.dedup.exact import find_exact
from include.ingest.dedup.settings import DedupParams
from include.lake import Lake
from include.schemas import DOCUMENT, PAGE

PARAMS = DedupParams(bands=5, band_rows=4)
"""Fewer bands than the default: each is a task, and here all that differs is time."""
FIRST, SECOND, THIRD = "CC-1", "CC-2", "CC-3"
Rows = list[dict[str, object]]


def digests(lake: Lake, *layers: str) -> dict[str, str]:
    return {
        str(path.relative_to(lake.root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for layer in layers or ("",)
        for path in sorted((lake.root / layer).rglob("*"))
        if path.is_file()
    }


def families(writer: Writer, count: int, copies: int, first_id: int = 0) -> list[Page]:
    """Texts of which each comes with copies that differ in one word each, all in a random order."""
    pages = []
    for family in range(count):
        text = writer.text(200)
        for copy in range(copies):
            edited = writer.edited(text, 1) if copy else text
            pages.append(Page(edited, first_id + family * copies + copy))
    writer.random.shuffle(pages)
    return pages


def by_id(rows: Rows) -> dict[int, dict[str, object]]:
    return {int(str(row["doc_id"]), 16): row for row in rows}


def documents(lake: Lake, crawl: str) -> dict[int, dict[str, object]]:
    return by_id(lake.read("documents", crawl).to_pylist())


def rejected(lake: Lake, crawl: str) -> dict[int, dict[str, object]]:
    return by_id(lake.read("rejected_pages", crawl).to_pylist())


def test_of_each_family_the_first_by_path_and_offset_stays(lake: Lake) -> None:
    writer = Writer(1)
    pages = families(writer, 20, 4) + [Page(writer.text(), 1000 + n) for n in range(30)]
    for page in pages[::2]:
        page.path = "segments/0/z.warc.gz"
    extract(lake, FIRST, [pages[:50], pages[50:]], PARAMS)

    counts = deduplicate(lake, FIRST, [], PARAMS)

    kept = documents(lake, FIRST)
    for family in range(20):
        members = [page for page in pages if page.id // 4 == family and page.id < 1000]
        first = min(members, key=lambda page: (page.path, page.id * 1000))
        assert [page.id for page in members if page.id in kept] == [first.id]
    assert set(range(1000, 1030)) <= set(kept)
    assert counts.documents == len(kept) == 50
    assert counts.rejected == {"near_duplicate": 60}
    row = rejected(lake, FIRST)[next(page.id for page in pages if page.id < 4 and page.id not in kept)]
    kept_id = next(number for number in range(4) if number in kept)
    assert row["detail"] == f"much like the document {kept_id:032x} {FIRST}"
    assert (row["status"], row["reason"]) == ("rejected", "near_duplicate")
    assert row["text"]


def test_clusters_tell_size_and_representative(lake: Lake) -> None:
    writer = Writer(2)
    extract(lake, FIRST, [families(writer, 3, 5)], PARAMS)
    rows = cluster(lake, FIRST, [], PARAMS)
    assert len(rows) == 15
    assert {row["cluster_size"] for row in rows} == {5}
    assert {int(str(row["doc_id"]), 16) for row in rows if row["is_representative"]} == {0, 5, 10}
    for row in rows:
        assert row["cluster_id"] == f"{int(str(row['doc_id']), 16) // 5 * 5:032x}"
        assert (row["seen_before"], row["first_crawl"]) == (False, FIRST)
    assert lake.read("duplicate_clusters", FIRST).schema == clusters.SCHEMA


def test_a_chain_of_changes_is_one_cluster(lake: Lake) -> None:
    writer = Writer(3)
    chain = [writer.text(200)]
    for _ in range(12):
        chain.append(writer.edited(chain[-1], 2))
    assert jaccard(chain[0], chain[-1]) < 0.5
    extract(lake, FIRST, [[Page(text, number) for number, text in enumerate(chain)]], PARAMS)
    rows = cluster(lake, FIRST, [], PARAMS)
    assert {row["cluster_id"] for row in rows} == {f"{0:032x}"}
    assert len(rows) == 13


def test_recall_and_precision_of_clusters_against_planted_pairs(lake: Lake) -> None:
    params, writer = DedupParams(), Writer(4)
    pages, planted = [], {}
    for pair in range(1_000):
        text = writer.text(200)
        copy = writer.edited(text, writer.random.choice([1, 3, 6, 12, 25, 60]))
        planted[pair] = jaccard(text, copy)
        pages += [Page(text, 2 * pair), Page(copy, 2 * pair + 1)]
    writer.random.shuffle(pages)
    extract(lake, FIRST, [pages], params)

    clustered: dict[object, set[int]] = {}
    for row in cluster(lake, FIRST, [], params):
        clustered.setdefault(row["cluster_id"], set()).add(int(str(row["doc_id"]), 16))

    found = {min(members) // 2 for members in clustered.values()}
    assert all(members == {2 * (min(members) // 2), 2 * (min(members) // 2) + 1} for members in clustered.values())
    similar = [pair for pair, similarity in planted.items() if similarity >= 0.8]
    assert len(similar) > 200
    recall = sum(pair in found for pair in similar) / len(similar)
    expected = sum(found_with_probability(planted[pair], params) for pair in similar) / len(similar)
    assert recall >= expected - 0.02
    false = [planted[pair] for pair in found if planted[pair] < 0.5]
    unlike = [pair for pair, similarity in planted.items() if similarity < 0.5]
    assert len(unlike) > 200
    assert len(false) <= 0.02 * len(unlike)


def test_shards_and_their_order_change_nothing(tmp_path: Path) -> None:
    writer = Writer(5)
    pages = families(writer, 60, 3) + [Page(writer.text(), 1000 + n) for n in range(50)]
    pages += [Page(pages[n].text, 2000 + n) for n in range(10)]
    outcomes = []
    for number, count in enumerate((1, 3, 7)):
        random.Random(number).shuffle(pages)
        lake = Lake(tmp_path / str(number))
        extract(lake, FIRST, [pages[start::count] for start in range(count)], PARAMS)
        counts = deduplicate(lake, FIRST, [], PARAMS)
        found = {
            number: {key: value for key, value in row.items() if key != "position"}
            for number, row in by_id(lake.read("duplicate_clusters", FIRST).to_pylist()).items()
        }
        reasons = {number: (row["reason"], row["detail"]) for number, row in rejected(lake, FIRST).items()}
        outcomes.append((found, documents(lake, FIRST), reasons, counts))
    assert outcomes[0] == outcomes[1] == outcomes[2]
    assert outcomes[0][3].rejected == {"near_duplicate": 120, "exact_duplicate": 10}


def test_equal_texts_are_exact_duplicates_not_near_ones(lake: Lake) -> None:
    text = Writer(6).text()
    pages = [Page(text, 2), Page(text.upper() + " !", 1), Page(text, 3)]
    extract(lake, FIRST, [pages], PARAMS)
    counts = deduplicate(lake, FIRST, [], PARAMS)
    assert list(documents(lake, FIRST)) == [1]
    assert counts.rejected == {"exact_duplicate": 2}
    assert rejected(lake, FIRST)[3]["detail"] == "same text as the page in segments/1/a.warc.gz at 1000"
    assert lake.read("duplicate_clusters", FIRST).num_rows == 0


def test_a_record_id_used_twice_gives_one_document(lake: Lake) -> None:
    writer = Writer(7)
    text = writer.text()
    # The second page with that id is first of a family: what resembles it must not go with it.
    pages = [Page(writer.text(), 1, offset=10), Page(text, 1, offset=20), Page(writer.edited(text, 1), 2, offset=30)]
    extract(lake, FIRST, [pages], PARAMS)
    counts = deduplicate(lake, FIRST, [], PARAMS)
    assert sorted(documents(lake, FIRST)) == [1, 2]
    assert counts.rejected == {"exact_duplicate": 1}
    assert rejected(lake, FIRST)[1]["detail"] == "same WARC-Record-ID as the page in segments/1/a.warc.gz at 10"
    assert lake.read("dedup_index", FIRST).num_rows == 2


def test_pages_that_were_rejected_before_keep_their_reason(lake: Lake) -> None:
    writer = Writer(8)
    pages = [Page("", 1, status="rejected"), Page(writer.text(), 2), Page("", 3, status="failed"), Page("? !", 4)]
    extract(lake, FIRST, [pages], PARAMS)
    deduplicate(lake, FIRST, [], PARAMS)
    assert sorted(documents(lake, FIRST)) == [2, 4]
    assert Counter(row["status"] for row in rejected(lake, FIRST).values()) == {"rejected": 1, "failed": 1}
    assert lake.read("documents", FIRST).schema == DOCUMENT
    assert lake.read("rejected_pages", FIRST).schema == PAGE


def two_dumps(lake: Lake, params: DedupParams) -> tuple[list[Page], list[Page]]:
    """The second dump has edited copies (ids + 100) of the first ten pages of the first dump, and ten new pages."""
    writer = Writer(9)
    old = [Page(writer.text(), number) for number in range(20)]
    new = [Page(writer.edited(page.text, 1), page.id + 100) for page in old[:10]]
    new += [Page(writer.text(), 200 + number) for number in range(10)]
    extract(lake, FIRST, [old], params)
    extract(lake, SECOND, [new[::2], new[1::2]], params)
    return old, new


def test_documents_of_earlier_dumps_are_marked_and_kept(lake: Lake) -> None:
    _, new = two_dumps(lake, PARAMS)
    deduplicate(lake, FIRST, [], PARAMS)
    counts = deduplicate(lake, SECOND, [FIRST], PARAMS)
    assert sorted(documents(lake, SECOND)) == sorted(page.id for page in new)
    assert counts.rejected == {}
    marked = by_id(lake.read("duplicate_clusters", SECOND).to_pylist())
    assert sorted(marked) == list(range(100, 110))
    for number, row in marked.items():
        assert (row["cluster_id"], row["first_crawl"]) == (f"{number - 100:032x}", FIRST)
        assert (row["seen_before"], row["is_representative"], row["cluster_size"]) == (True, True, 1)


def test_documents_of_earlier_dumps_are_dropped_if_the_params_say_so(lake: Lake) -> None:
    params = DedupParams(drop_seen_before=True, bands=5, band_rows=4)
    two_dumps(lake, params)
    deduplicate(lake, FIRST, [], params)
    counts = deduplicate(lake, SECOND, [FIRST], params)
    assert sorted(documents(lake, SECOND)) == list(range(200, 210))
    assert counts.rejected == {"seen_before": 10}
    assert rejected(lake, SECOND)[105]["detail"] == f"much like the document {5:032x} {FIRST}"
    assert lake.read("dedup_index", SECOND).num_rows == 10


def test_a_cluster_keeps_its_name_over_many_dumps(lake: Lake) -> None:
    writer = Writer(10)
    text = writer.text()
    for number, crawl in enumerate((FIRST, SECOND, THIRD)):
        extract(lake, crawl, [[Page(text, number), Page(writer.text(), 10 + number)]], PARAMS)
        deduplicate(lake, crawl, [FIRST, SECOND, THIRD][:number], PARAMS)
        text = writer.edited(text, 2)
    [row] = lake.read("duplicate_clusters", THIRD).to_pylist()
    assert (row["cluster_id"], row["first_crawl"]) == (f"{0:032x}", FIRST)
    indexed = by_id(lake.read("dedup_index", THIRD).to_pylist())
    assert [indexed[n]["first_crawl"] for n in (2, 12)] == [FIRST, THIRD]


def edited_in_halves(edits: int) -> tuple[str, str, str]:
    """Three texts: the outer ones resemble the middle one more than each other, being changed in different halves."""
    writer = Writer(11)
    middle = writer.text(400)
    words = middle.split()
    one = " ".join([*writer.edited(" ".join(words[:200]), edits).split(), *words[200:]])
    other = " ".join([*words[:200], *writer.edited(" ".join(words[200:]), edits).split()])
    return one, middle, other


def test_a_document_between_two_clusters_joins_the_older(lake: Lake) -> None:
    one, middle, other = edited_in_halves(5)
    extract(lake, FIRST, [[Page(one, 1)]], PARAMS)
    extract(lake, SECOND, [[Page(other, 2)]], PARAMS)
    extract(lake, THIRD, [[Page(middle, 3)]], PARAMS)
    deduplicate(lake, SECOND, [], PARAMS)
    deduplicate(lake, FIRST, [], PARAMS)
    for earlier, oldest in (([FIRST, SECOND], (1, FIRST)), ([SECOND, FIRST], (2, SECOND))):
        [row] = cluster(lake, THIRD, earlier, PARAMS)
        assert (row["cluster_id"], row["first_crawl"]) == (f"{oldest[0]:032x}", oldest[1])


def test_what_a_dump_drops_does_not_depend_on_the_dumps_that_are_indexed(tmp_path: Path) -> None:
    one, middle, other = edited_in_halves(9)
    assert jaccard(one, other) < 0.72
    params = DedupParams(bands=20, band_rows=10)
    for indexed in ([], [FIRST]):
        lake = Lake(tmp_path / str(len(indexed)))
        extract(lake, FIRST, [[Page(middle, 1)]], params)
        extract(lake, SECOND, [[Page(one, 2), Page(other, 3)]], params)
        deduplicate(lake, FIRST, [], params)
        counts = deduplicate(lake, SECOND, indexed, params)
        assert (counts.documents, counts.rejected) == (2, {}), indexed
    assert lake.read("duplicate_clusters", SECOND)["cluster_id"].to_pylist() == [f"{1:032x}"] * 2


def test_of_two_clusters_in_one_bucket_the_one_of_the_older_dump_counts(lake: Lake) -> None:
    text = Writer(17).text()
    for crawl, number in ((FIRST, 9), (SECOND, 1), (THIRD, 5)):
        extract(lake, crawl, [[Page(text, number)]], PARAMS)
    # Each by itself, as if neither had known of the other.
    deduplicate(lake, FIRST, [], PARAMS)
    deduplicate(lake, SECOND, [], PARAMS)
    for earlier, oldest in (([FIRST, SECOND], (9, FIRST)), ([SECOND, FIRST], (1, SECOND))):
        [row] = cluster(lake, THIRD, earlier, PARAMS)
        assert (row["cluster_id"], row["first_crawl"]) == (f"{oldest[0]:032x}", oldest[1])


def test_a_dump_indexed_again_replaces_its_own_part(lake: Lake) -> None:
    writer = Writer(12)
    pages = [Page(writer.text(), number) for number in range(5)]
    extract(lake, FIRST, [pages], PARAMS)
    deduplicate(lake, FIRST, [], PARAMS)
    before = digests(lake)
    deduplicate(lake, FIRST, [], PARAMS)
    assert digests(lake) == before
    extract(lake, FIRST, [pages[:2]], PARAMS)
    deduplicate(lake, FIRST, [], PARAMS)
    assert sorted(by_id(lake.read("dedup_index", FIRST).to_pylist())) == [0, 1]


def test_the_index_forgets_and_does_not_remember(lake: Lake) -> None:
    two_dumps(lake, PARAMS)
    deduplicate(lake, FIRST, [], PARAMS)
    deduplicate(lake, SECOND, [FIRST], PARAMS)
    gone = [f"{number:032x}" for number in (3, 4, 203, 999)]

    assert index.forget(lake, gone) == {FIRST: 2, SECOND: 1}

    assert index.forget(lake, gone) == {}
    assert not {3, 4} & set(by_id(lake.read("dedup_index", FIRST).to_pylist()))
    index.add_to_index(lake, FIRST, PARAMS)
    assert lake.read("dedup_index", FIRST).num_rows == 18
    rows = cluster(lake, SECOND, [FIRST], PARAMS)
    assert sorted(by_id(rows)) == [n for n in range(100, 110) if n not in (103, 104)]


WRITES = {
    "exact": "exact_duplicates",
    "bands": "duplicate_pairs",
    "clusters": "duplicate_clusters",
    "host_lines": "host_lines",
    "assemble": "documents",
    "index": "dedup_index",
}


def killable_dump(lake: Lake) -> Lake:
    writer = Writer(13)
    pages = families(writer, 10, 3)
    pages += [Page(pages[0].text, 500), *(Page(writer.text(), 600 + n) for n in range(10))]
    extract(lake, FIRST, [pages[:20], pages[20:]], PARAMS)
    return lake


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    lake = killable_dump(Lake(tmp_path_factory.mktemp("undisturbed")))
    deduplicate(lake, FIRST, [], PARAMS)
    return digests(lake)


@pytest.mark.parametrize("step", WRITES)
def test_killed_while_a_step_writes_a_second_run_gives_the_same_bytes(
    lake: Lake, undisturbed: dict[str, str], monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    killable_dump(lake)
    real = include.lake.write_atomically

    def die(path: Path, content: bytes) -> None:
        if WRITES[step] in path.parts:
            raise KeyboardInterrupt
        real(path, content)

    with monkeypatch.context() as patched:
        patched.setattr("include.lake.write_atomically", die)
        with pytest.raises(KeyboardInterrupt):
            deduplicate(lake, FIRST, [], PARAMS)
    assert lake.manifest(WRITES[step], FIRST) is None
    deduplicate(lake, FIRST, [], PARAMS)
    assert digests(lake) == undisturbed


def test_a_process_that_is_gone_at_once_leaves_the_old_tables(lake: Lake, undisturbed: dict[str, str]) -> None:
    killable_dump(lake)
    script = f"""
import os, sys
from pathlib import Path
sys.path.insert(0, {str(Path(__file__).parent)!r})
import include.parquet
from near_duplicates import Lake, deduplicate
from include.ingest.dedup.settings import DedupParams
real = include.parquet.ParquetStream._flush
def flush(stream):
    real(stream)
    if "documents" in stream.path.parts:
        os._exit(9)  # no finally, no atexit
include.parquet.ParquetStream._flush = flush
deduplicate(Lake(Path({str(lake.root)!r})), "{FIRST}", [], DedupParams(bands=5, band_rows=4))
"""
    ended = subprocess.run([sys.executable, "-c", script], cwd=Path(include.lake.__file__).parents[1], check=False)
    assert ended.returncode == 9
    assert lake.manifest("documents", FIRST) is None
    assert list(lake.path("documents", FIRST).glob(".*.tmp"))
    deduplicate(lake, FIRST, [], PARAMS)
    left = {path: digest for path, digest in digests(lake).items() if not path.startswith(".duckdb")}
    assert left == undisturbed


def test_steps_wait_for_those_before_them(lake: Lake) -> None:
    with pytest.raises(BadInput, match="no signatures yet"):
        find_exact(lake, FIRST)
    extract(lake, FIRST, [[Page(Writer(14).text(), 1)]], PARAMS)
    with pytest.raises(BadInput, match="no exact_duplicates yet"):
        find_pairs(lake, FIRST, 0, [], PARAMS)
    find_exact(lake, FIRST)
    with pytest.raises(BadInput, match="CC-2 has no dedup_index yet"):
        find_pairs(lake, FIRST, 0, [SECOND], PARAMS)
    find_pairs(lake, FIRST, 0, [], PARAMS)
    with pytest.raises(BadInput, match=r"4 of 5 bands are not grouped.*band_01"):
        build_clusters(lake, FIRST, [], PARAMS)


def test_signatures_of_other_settings_are_refused(lake: Lake) -> None:
    two_dumps(lake, PARAMS)
    deduplicate(lake, FIRST, [], PARAMS)
    other = DedupParams(ngram_words=3, bands=5, band_rows=4)
    find_exact(lake, SECOND)
    with pytest.raises(BadInput, match=r"v1: 5 words, 5 bands of 4.*v1: 3 words"):
        find_pairs(lake, SECOND, 0, [FIRST], other)


def test_signatures_that_are_not_of_these_pages_are_refused(lake: Lake) -> None:
    writer = Writer(15)
    pages = [Page(writer.text(), number) for number in range(3)]
    extract(lake, FIRST, [pages], PARAMS)
    others = pa.Table.from_pylist([page.row() for page in pages[:2]], schema=PAGE)
    lake.write(others, layer="pages", crawl=FIRST, shard="batch-0000", fingerprint="other")
    with pytest.raises(BadInput, match=r"batch-0000 are not of its pages.*Extract this batch again"):
        deduplicate(lake, FIRST, [], PARAMS)
    assert lake.manifest("documents", FIRST) is None


def test_many_row_groups_and_shards_keep_rows_and_positions_together(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("include.parquet.ROW_GROUP", 64)
    monkeypatch.setattr("include.ingest.dedup.narrow.ROWS_AT_ONCE", 50)
    writer = Writer(16)
    pages = families(writer, 100, 3)
    for number in range(200):
        pages.insert(writer.random.randrange(len(pages)), Page("", 1000 + number, status="rejected"))
    pages += [Page(pages[-1 - n].text, 2000 + n) for n in range(20) if pages[-1 - n].status == "kept"]
    extract(lake, FIRST, [pages[:333], pages[333:]], PARAMS)
    counts = deduplicate(lake, FIRST, [], PARAMS)
    assert sorted(documents(lake, FIRST)) == list(range(0, 300, 3))
    for number, row in documents(lake, FIRST).items():
        assert row["text"] == next(page.text for page in pages if page.id == number)
    copies = sum(page.id >= 2000 for page in pages)
    assert counts.rejected == {"near_duplicate": 200, "exact_duplicate": copies}
    assert Counter(row["reason"] for row in rejected(lake, FIRST).values()) == {**counts.rejected, "http_status": 200}
