"""Texts beside their sources: C and Python count alike, and what is counted."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include import native
from include.validate import pairs
from include.validate.pairs import CAPITAL, NUMERAL, Pairs, measure_pairs

# Letters of many scripts with and without case, marks, invisible characters, ideographs, numerals, signs.
ALPHABET = "aAbBcéÉ\u0301ßΣИ\u00ad\u200b _-.9½Ⅷ٣漢か𠀀ह\u093f😀\n\x00ﬁ가"
WORDS = st.lists(
    st.sampled_from(["the", "The", "hives", "hiveside", "Bees", "bees", "50,000", "honey", "é9", "Östlich", "漢字"]),
    max_size=30,
).map(" ".join)
TEXTS = st.one_of(st.none(), WORDS, st.text(st.sampled_from(ALPHABET), max_size=60))


@pytest.fixture(autouse=True)
def library() -> None:
    assert native.load("ngrams") is not None, "the C part must be built here, or these tests compare nothing"


def as_lists(found: Pairs) -> list[list[int]]:
    counts = [column for name, column in vars(found).items() if name != "new"]
    new = found.new
    return [column.tolist() for column in (*counts, new.row, new.start, new.end, new.kinds)]


@settings(deadline=None)
@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=8), st.integers(0, 2))
def test_c_and_python_measure_alike(rows: list[tuple[str | None, str | None]], skipped: int) -> None:
    texts, sources = (pa.array([row[side] for row in rows], pa.string()).slice(skipped) for side in (0, 1))
    in_c = measure_pairs(texts, sources)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pairs, "_library", lambda: None)
        in_python = measure_pairs(texts, sources)
    assert as_lists(in_c) == as_lists(in_python)
    assert in_c.new.words(CAPITAL) == in_python.new.words(CAPITAL)


def test_a_row_is_measured_alike_behind_another_of_the_same_source() -> None:
    texts = ["the old bees in the hive", "The Bees of 1902", "", "new hive"]
    sources = ["the old bees in the hive", "the old bees in the hive", "the old bees in the hive", "the new hive"]
    alone = [
        as_lists(measure_pairs(pa.array([text]), pa.array([source])))[:-4]
        for text, source in zip(texts, sources, strict=True)
    ]
    together = as_lists(measure_pairs(pa.array(texts), pa.array(sources)))[:-4]
    assert together == [[row[column][0] for row in alone] for column in range(len(together))]


def test_words_ngrams_and_stems_are_counted() -> None:
    found = measure_pairs(
        pa.array(["A, b c d! e x y z", "The beekeepers harvest"]),
        pa.array(["a b c d e f g h", "beekeeping; the harvests"]),
    )
    assert found.text_words.tolist() == [8, 3]
    assert found.source_words.tolist() == [8, 3]
    assert (found.ngrams.tolist(), found.copied.tolist()) == ([5, 0], [2, 0])
    assert (found.long_words.tolist(), found.related.tolist()) == ([0, 2], [0, 2])


def test_the_longest_run_of_long_words_without_a_relative_in_the_source() -> None:
    text = "Honey flows while strangers invented everything about honey and nothing mattered."
    found = measure_pairs(pa.array([text]), pa.array(["The honey."]))
    assert found.new_run.tolist() == [6]  # flows ... about; "and" is short and parts nothing


def test_new_words_are_those_with_a_capital_or_a_numeral_that_the_source_lacks() -> None:
    texts = pa.array(["In May 1999 Éva met 3 bees", "", "B2 and Zoë's b2", "éva"])
    sources = pa.array(["in may 3 EVA", "x", "zoe b2", "1"])
    new = measure_pairs(texts.slice(0), sources).new
    assert new.words(CAPITAL) == []
    assert new.words(NUMERAL) == [(0, "1999")]
    assert new.count(NUMERAL).tolist() == [1, 0, 0, 0]
    new = measure_pairs(texts.slice(2), sources.slice(3, 1).take(pa.array([0, 0]))).new
    assert new.words(CAPITAL) == [(0, "B2"), (0, "Zoë")]
    assert new.words(NUMERAL) == [(0, "B2"), (0, "b2")]


def test_more_new_words_than_room_are_all_returned() -> None:
    found = measure_pairs(pa.array(["A1 " * 5000, "B", "a"]), pa.array(["", "", ""]))
    assert np.bincount(found.new.row).tolist() == [5000, 1]
    assert found.new_run.tolist() == [0, 0, 0]


def test_nothing_beside_nothing() -> None:
    found = measure_pairs(pa.array([], pa.string()), pa.array([], pa.string()))
    assert found.text_words.tolist() == []
    assert found.new.words(CAPITAL) == []
