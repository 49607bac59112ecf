"""What a word is, and that C and Python find the same n-grams."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include import native
from include.ingest import ngrams

# Letters of many scripts, marks, invisible characters, ideographs of two planes, emoji, digits, signs.
ALPHABET = "aAbé\u0301ßΣςИ\u00ad\u200b\u200d _-'.9½漢か𠀀ह\u093fप😀\n\x00\U000e0001ﬁＡ가"
TEXTS = st.text(st.one_of(st.sampled_from(ALPHABET), st.characters(exclude_categories=["Cs"])), max_size=80)


@pytest.fixture(autouse=True)
def library() -> None:
    assert native.load("ngrams") is not None, "the C part must be built here, or these tests compare nothing"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Don't STOP_me — now!", ["don", "t", "stop", "me", "now"]),
        ("naïve NAI\u0308VE nai\u0308ve", ["naive", "naive", "naive"]),
        ("Donau\u00addampf zero\u200bwidth", ["donaudampf", "zero", "width"]),
        ("ΟΔΟΣ οδος", ["οδοσ", "οδοσ"]),
        ("水車 は 3.14", ["水", "車", "は", "3", "14"]),
        ("\u0301 \u00ad\u00ad", []),
        ("", []),
    ],
)
def test_what_a_word_is(text: str, words: list[str]) -> None:
    assert ngrams.fold_words(text) == words
    assert [word.text for word in ngrams.words_of(text)] == words


def test_words_know_where_they_stand() -> None:
    text = " \u00adNaïve, 水!"
    assert [text[word.start : word.end] for word in ngrams.words_of(text)] == ["Naïve", "水"]


@settings(deadline=None)
@given(TEXTS, st.integers(1, 4))
def test_c_and_python_hash_alike(text: str, words: int) -> None:
    in_c, in_python = ngrams.hash_ngrams(text, words), ngrams._hash_in_python(text, words)
    assert in_c.tolist() == in_python.tolist()
    assert len(in_c) == max(0, len(ngrams.fold_words(text)) - words + 1)


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), TEXTS), max_size=6), st.integers(1, 3), st.integers(0, 2))
def test_c_and_python_find_alike(texts: list[str | None], words: int, skipped: int) -> None:
    known = ngrams.build_set(
        np.concatenate([ngrams.hash_ngrams(text or "", words)[::2] for text in ["a b 漢 é", *texts]]), words
    )
    rows = pa.array(texts, pa.string()).slice(skipped)
    found = known.find(rows)
    assert found.tolist() == known._find_in_python(rows).tolist() == known.find(rows.cast(pa.large_string())).tolist()
    if skipped == 0:
        assert len(found) >= sum(len(ngrams.hash_ngrams(text or "", words)[::2]) for text in texts)


def test_more_hits_than_room_are_all_returned() -> None:
    known = ngrams.build_set(ngrams.hash_ngrams("a", 1), 1)
    assert known.find(pa.array(["a " * 5000, "b", "a"]))[:, :2].tolist() == [[0, n] for n in range(5000)] + [[2, 0]]


def test_an_empty_set_finds_nothing() -> None:
    assert ngrams.build_set(np.empty(0, np.uint64), 3).find(pa.array(["a b c d"])).shape == (0, 3)
