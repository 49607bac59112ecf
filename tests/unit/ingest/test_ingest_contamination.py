"""Benchmark items in documents: found exactly, listed with their place, cut out."""

import json
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from warc_files import PROSE

from include.errors import BadInput
from include.ingest import contamination, ngrams
from include.ingest.contamination import Benchmarks, cut, find, load_benchmarks

ITEM = (
    "How many wheels does the old mill beside the river have in spring, when the miller has sold two of them "
    "and the flood has carried off another one?"
)
SAMPLE = Path("include/sample/benchmark.jsonl")


def benchmarks(folder: Path, *items: str, **rules: float) -> Benchmarks:
    file = folder / "b.jsonl"
    file.write_text("".join(json.dumps({"text": item}) + "\n" for item in items))
    return load_benchmarks([file], **rules)  # type: ignore[arg-type]


def words(count: int, seed: int) -> list[str]:
    return [f"w{number}" for number in random.Random(seed).sample(range(100_000), count)]


def test_a_shared_ngram_is_found_whatever_its_case_and_punctuation(tmp_path: Path) -> None:
    known = benchmarks(tmp_path, ITEM, "Too short.", words=8)
    assert known.find("They ask: how many WHEELS does -- the old mill, beside us?") == (
        "how many wheels does the old mill beside"
    )
    assert known.find("How many wheels does the new mill beside the river have?") is None
    assert load_benchmarks([], 8).find(ITEM) is None
    assert known.too_short == 1


def test_found_stretches_are_listed_with_their_place(tmp_path: Path) -> None:
    known = benchmarks(tmp_path, "Another item that has nothing to do with any wheel or river at all.", ITEM)
    texts = [PROSE, f"Été: “{ITEM.upper()}” {PROSE}", None, f"{PROSE} {ITEM}"]
    found = find(pa.array(texts), known).to_pylist()
    assert [(row["row"], row["benchmark"], row["item"], row["item_share"]) for row in found] == [
        (1, "b.jsonl", 2, 1.0),
        (3, "b.jsonl", 2, 1.0),
    ]
    for row in found:
        place = texts[row["row"]][row["start_char"] : row["end_char"]]  # type: ignore[index]
        assert place.lower() == ITEM.lower().removesuffix("?")
        assert row["ngram"] == " ".join(ngrams.fold_words(ITEM))


@pytest.mark.parametrize(
    ("shared", "length", "found"),
    [(13, 100, True), (12, 100, False), (12, 24, False), (12, 23, True), (10, 19, True), (9, 10, False)],
)
def test_thirteen_words_or_half_an_item_in_tens(tmp_path: Path, shared: int, length: int, found: bool) -> None:
    item = words(length, 1)
    text = (
        " ".join([*words(50, 2), *item[3 : 3 + shared], *words(50, 3)])
        if shared + 3 <= length
        else " ".join(item[:shared])
    )
    rows = find(pa.array([text]), benchmarks(tmp_path, " ".join(item)))
    assert [row["item_share"] for row in rows.to_pylist()] == ([shared / length] if found else [])


def test_an_item_with_a_changed_word_is_found_in_two_stretches(tmp_path: Path) -> None:
    item = words(24, 1)
    changed = [*item[:12], "changed", *item[13:]]
    found = find(pa.array([" ".join(changed)]), benchmarks(tmp_path, " ".join(item))).to_pylist()
    assert [len(row["ngram"].split()) for row in found] == [12, 11]
    assert {row["item_share"] for row in found} == {23 / 24}


def test_the_share_counts_each_word_of_an_item_once_and_only_in_long_stretches(tmp_path: Path) -> None:
    item = words(30, 1)
    known = benchmarks(tmp_path, " ".join(item), words=5, overlap_words=10)
    texts = [
        " ".join(part) for part in (item[:6], [*item[:12], "x", *item[:12]], [*item, *item], item[:20] + item[10:])
    ]
    found = find(pa.array(texts), known).to_pylist()
    shares = [{row["item_share"] for row in found if row["row"] == number} for number in range(4)]
    assert shares == [{0.0}, {12 / 30}, {1.0}, {1.0}]


def test_hundreds_of_items_with_one_passage_give_ten_lines(tmp_path: Path) -> None:
    passage = " ".join(words(40, 1))
    known = benchmarks(tmp_path, *(f"{passage} question {number} of this passage" for number in range(300)))
    found = find(pa.array([passage]), known).to_pylist()
    assert [row["item"] for row in found] == list(range(1, 11))


def test_all_planted_items_are_found_and_nothing_else(tmp_path: Path) -> None:
    items = [" ".join(words(40, seed)) for seed in range(200)]
    texts = [
        " ".join([*words(80, 1000 + row), *(items[row].split()[9:25] if row % 2 else []), *words(80, 2000 + row)])
        for row in range(200)
    ]
    found = find(pa.chunked_array([texts[:50], texts[50:]]), benchmarks(tmp_path, *items))
    assert list(zip(found["row"].to_pylist(), found["item"].to_pylist(), strict=True)) == [
        (row, row + 1) for row in range(200) if row % 2
    ]


def test_equal_hashes_are_no_match(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every n-gram gets one hash: only the comparison of the words is left to tell them apart."""
    monkeypatch.setattr(ngrams, "_library", lambda: None)
    monkeypatch.setattr(ngrams, "_hash_word", lambda word: 7)
    known = benchmarks(tmp_path, " ".join(words(14, 1)))
    assert len(known.ngrams.keys) == 1
    assert find(pa.array([" ".join(words(30, 2)), " ".join(words(14, 1))]), known)["row"].to_pylist() == [1]


def test_python_alone_finds_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = pa.array([PROSE, ITEM, f"{PROSE}\n{ITEM[:90]}\n{PROSE}", ITEM.replace("spring", "autumn")])
    found = find(texts, benchmarks(tmp_path, ITEM, PROSE[:200]))
    monkeypatch.setattr(ngrams, "_library", lambda: None)
    assert find(texts, benchmarks(tmp_path, ITEM, PROSE[:200])) == found
    assert len(found) >= 4


def test_the_sample_s_own_set_is_found_in_full() -> None:
    items = [json.loads(line)["text"] for line in SAMPLE.read_text().splitlines() if line]
    found = find(pa.array([PROSE, *items]), load_benchmarks([SAMPLE]))
    assert found["row"].to_pylist() == list(range(1, len(items) + 1))
    assert set(found["item_share"].to_pylist()) == {1.0}


def test_benchmarks_may_be_plain_text_or_parquet(tmp_path: Path) -> None:
    (tmp_path / "lines.txt").write_text(f"{PROSE}\n\n{ITEM}\n", "utf-8-sig")
    (tmp_path / "marked.jsonl").write_text(json.dumps({"text": PROSE}), "utf-8-sig")
    pq.write_table(pa.table({"text": [None, PROSE, ITEM], "label": [1, 2, 3]}), tmp_path / "table.parquet")
    known = load_benchmarks([tmp_path / name for name in ("marked.jsonl", "lines.txt", "table.parquet")])
    found = find(pa.array([ITEM]), known)
    assert found.select(["benchmark", "item"]).to_pylist() == [
        {"benchmark": "lines.txt", "item": 3},
        {"benchmark": "table.parquet", "item": 3},
    ]


def test_the_digest_follows_the_files(tmp_path: Path) -> None:
    first = benchmarks(tmp_path, ITEM).digest
    assert benchmarks(tmp_path, ITEM).digest == first
    assert benchmarks(tmp_path, ITEM, PROSE).digest != first


def test_unusable_benchmark_files_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "b.jsonl"
    for content, message in [
        ("{}", "not JSONL"),
        ("[", "not JSONL"),
        ('{"text": 5}', "not JSONL"),
        ('{"text": "a b"}', "no item of 10"),
    ]:
        file.write_text(content)
        with pytest.raises(BadInput, match=message):
            load_benchmarks([file])
    (tmp_path / "b.parquet").write_bytes(b"PAR1")
    pq.write_table(pa.table({"question": ["a"]}), tmp_path / "c.parquet")
    for name in ("b.parquet", "c.parquet"):
        with pytest.raises(BadInput, match="column"):
            load_benchmarks([tmp_path / name])
    for length in (0, 65):
        with pytest.raises(BadInput, match="from 1 to 64"):
            load_benchmarks([SAMPLE], length, 70)
    with pytest.raises(BadInput, match="cannot be read"):
        load_benchmarks([Path("no/such/benchmark.jsonl")])


def test_a_cut_takes_the_item_and_what_stands_close_and_ends_with_a_sentence() -> None:
    before = " ".join(f"Sentence {number} stands before." for number in range(40))
    after = " ".join(f"Sentence {number} stands after." for number in range(40))
    text = f"{before} It is worth 99 points. {ITEM} The answer is 42. {after}"
    start = text.index(ITEM)
    left = cut(text, [(start, start + len(ITEM))])
    assert left is not None
    assert "42" not in left
    assert "99" not in left
    assert "wheels" not in left
    head, tail = left.split("\n")
    assert before.startswith(head)
    assert after.endswith(tail)
    assert head.endswith("stands before.")
    assert tail.startswith("Sentence")
    assert len(before) - len(head) <= 2 * contamination.MARGIN
    assert len(after) - len(tail) <= 2 * contamination.MARGIN


def test_cuts_that_touch_are_one_and_more_than_ten_give_the_document_up() -> None:
    text = "word " * 4000
    assert cut(text, [(0, 50), (100, 150), (300, 350)]) == text[350 + 2 * contamination.MARGIN :].strip()
    assert cut(text, [(1500 * number, 1500 * number + 50) for number in range(10)]) is not None
    assert cut(text, [(1500 * number, 1500 * number + 50) for number in range(11)]) is None


def test_nothing_is_left_of_a_short_document() -> None:
    assert cut(ITEM + " " + ITEM, [(0, len(ITEM))]) is None
    assert cut(PROSE * 3, []) == (PROSE * 3).strip()


@pytest.mark.timeout(20)
def test_a_page_made_of_one_repeated_item_takes_linear_time(tmp_path: Path) -> None:
    known = benchmarks(tmp_path, "spam " * 60, ITEM)
    found = find(pa.array(["spam " * 40_000, f"{ITEM} " * 2_000]), known)
    assert {row["item"] for row in found.to_pylist()} == {1, 2}
