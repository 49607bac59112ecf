"""The signals: what they say, and that C and Python say the same, whatever the text."""

import time
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import include.native
from bench.quality_texts import real_texts, variations
from include.errors import BadInput
from include.ingest.quality import SIGNALS, native, signals

NASTY = (
    "\n\r\t\x0b\x0c\x1c\x85\u2028\xa0 .,…-–—•*#'’\"“()[]{}<>:;!?/@%$€°²0123456789+=_^~|&"
    "aeinorstABCSTUédßĐжЖαΣ漢字かなกि।。՞★😀\u0301\u200b\ufeff\U0001f468\U000e0041\U0010ffff"
)
PHRASES = (
    *(
        "the",
        "be",
        "to",
        "of",
        "and",
        "have",
        "with",
        "don't",
        "They're",
        "cannot",
        "Dr.",
        "U.S.",
        "e.g.",
        "5pm",
        "40km/h",
    ),
    *(
        "\n",
        "\n\n",
        "\r\n",
        " ",
        ". ",
        "...",
        "[1]",
        "[edit]",
        "[citation needed]",
        "lorem ipsum",
        "JavaScript",
        "{",
        "}",
    ),
    *(
        "privacy policy",
        "uses cookies",
        "terms of use",
        "The old mill stands.",
        "http://a.example.org/b-c",
        "a@b.co",
        "):",
    ),
    *("(", ")", "“", "'", ",", "a.m.", "x" * 1001, "well-known", "--", "10%", "$5", "- ", "• ", "US$3", "word.Next"),
)
texts = st.one_of(
    st.lists(st.sampled_from(PHRASES), max_size=60).map("".join),
    st.lists(st.sampled_from(PHRASES), max_size=60).map(" ".join),
    st.text(alphabet=NASTY, max_size=200),
    st.text(max_size=60),
    # Few words, so that all lengths of n-grams come back.
    st.lists(st.sampled_from(["a", "b", "ab", "\n"]), max_size=120).map(" ".join),
)


def measured(text: str) -> dict[str, Any]:
    row: dict[str, Any] = signals(pa.array([text])).to_pylist()[0]
    return row


@pytest.fixture
def in_python(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As on a machine without a C compiler."""
    monkeypatch.setenv("REWRAP_NATIVE", "off")
    for cached in (include.native.load, native._library):
        cached.cache_clear()
    assert native.measure_all(pa.array(["a"]), len(SIGNALS)) is None
    yield
    for cached in (include.native.load, native._library):
        cached.cache_clear()


def test_the_c_part_is_what_these_tests_compare_with_python() -> None:
    assert native.measure_all(pa.array(["a"]), len(SIGNALS)) is not None


def test_signals_of_words_are_what_they_say() -> None:
    found = measured("The mill #1 doesn't have 2 wheels...\n- and 3 doors!")
    pieces = ["The", "mill", "#", "1", "does", "n't", "have", "2", "wheels", "...", "-", "and", "3", "doors", "!"]
    words = [piece for piece in pieces if piece not in ("#", "...", "-", "!")]
    assert (found["pieces"], found["words"], found["lines"]) == (len(pieces), len(words), 2)
    assert found["mean_word_length"] == pytest.approx(sum(map(len, words)) / len(words))
    assert found["symbol_word_ratio"] == pytest.approx(1 / 15)
    assert found["alphabetic_words"] == pytest.approx(8 / 15)
    assert (found["bullet_lines"], found["ellipsis_lines"]) == (0.5, 0.5)
    assert found["stop_words"] == 2  # "The" is not "the"


def test_repeats_are_counted_in_number_and_characters() -> None:
    found = measured("one\ntwo\n\none\ntwo\n\nthree\nthree\n\none\ntwo")
    assert found["characters"] == 38
    assert found["duplicate_lines"] == pytest.approx(5 / 8)
    assert found["duplicate_line_characters"] == pytest.approx(17 / 38)
    assert found["duplicate_paragraphs"] == pytest.approx(2 / 4)
    assert found["duplicate_paragraph_characters"] == pytest.approx(14 / 38)


def test_ngrams_are_counted_in_characters() -> None:
    text = "a bb a bb c d e f g h a bb c d e f"
    found = measured(text)
    assert found["top_2_gram"] == pytest.approx(3 * len("a bb") / len(text))
    assert found["top_3_gram"] == pytest.approx(2 * len("a bb c") / len(text))
    assert found["duplicate_5_gram"] == pytest.approx(len("abbcde") / len(text))
    assert found["duplicate_6_gram"] == pytest.approx(len("abbcdef") / len(text))
    assert found["duplicate_7_gram"] == 0


def test_fineweb_looks_at_lines_that_are_not_blank() -> None:
    found = measured("A line that is rather longer than thirty characters.\n  \nShort.\nShort.\nno end")
    assert found["line_punct_ratio"] == pytest.approx(3 / 4)
    assert found["short_line_ratio"] == pytest.approx(3 / 4)
    assert found["char_duplicates_ratio"] == pytest.approx(6 / 72)
    assert found["new_line_ratio"] == pytest.approx(4 / 16)


def test_c4_looks_at_lines_of_three_words() -> None:
    found = measured(
        "Two words.\nThree whole words. And more! “Yes.”\nNo end of it\nTurn on JavaScript now.\n"
        "Lorem ipsum dolor sit\nA curly {bracket} here.\nWe use cookies, always.\nOnly an end... \n"
        + "x" * 1001
        + " is too long."
    )
    assert (found["sentences"], found["ended_sentences"]) == (5, 0)
    assert (found["lorem_ipsum_lines"], found["ended_lorem_ipsum_lines"]) == (1, 0)
    assert (found["curly_bracket_lines"], found["ended_curly_bracket_lines"]) == (1, 1)
    assert (found["javascript_lines"], found["policy_lines"], found["unended_lines"]) == (1, 1, 4)


def test_a_mark_of_a_citation_hides_no_end_of_a_sentence() -> None:
    marked = measured("The mill is old.[12] The wheel is new.[citation needed]")
    assert marked["ended_sentences"] == measured("The mill is old. The wheel is new.")["ended_sentences"] == 2


@pytest.mark.parametrize("text", ["", " ", "\n", "\n\n\n", "\r\n \x85", "...", "a", "\0", "\ufeff"])
def test_a_text_with_next_to_nothing_has_finite_signals(text: str) -> None:
    row = signals(pa.array([text]))
    assert row.schema == SIGNALS
    assert all(value == value and abs(value) <= 40 for value in row.to_pylist()[0].values())


@settings(max_examples=400, deadline=None)
@given(st.lists(texts, min_size=1, max_size=4))
def test_c_and_python_measure_the_same(batch: list[str]) -> None:
    compiled = signals(pa.array(batch))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(native, "_library", lambda: None)
        assert signals(pa.array(batch)).equals(compiled)


def test_c_and_python_measure_the_same_on_all_kinds_of_text(monkeypatch: pytest.MonkeyPatch) -> None:
    column = pa.array([text for _, text in variations()][::7])
    compiled = signals(column)
    monkeypatch.setattr(native, "_library", lambda: None)
    assert signals(column).equals(compiled)


@pytest.mark.slow
def test_c_and_python_measure_the_same_on_real_pages(shared_data: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    column = pa.array(real_texts(shared_data / "html_gold" / "article-extraction-benchmark"))
    compiled = signals(column)
    monkeypatch.setattr(native, "_library", lambda: None)
    assert signals(column).equals(compiled)


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_slices_chunks_and_nulls_keep_their_places(kind: pa.DataType) -> None:
    column = pa.array(["left out", "The old mill.", None, "", "It stands — still."], kind)[1:]
    found = signals(pa.chunked_array([column[:2], column[2:], column[:0]]))
    assert found["characters"].to_pylist() == [13, None, 0, 18]
    assert found["words"].to_pylist() == [3, None, 0, 3]
    assert signals(column).equals(found)
    assert signals(pa.array([], kind)).num_rows == 0


@pytest.mark.usefixtures("in_python")
def test_slices_and_nulls_keep_their_places_in_python() -> None:
    test_slices_chunks_and_nulls_keep_their_places(pa.string())


def test_bytes_that_are_no_utf8_do_no_harm() -> None:
    spoiled = [
        b"\xff\xfe \xc3",
        b"\xf0\x9f\x98",
        b"\xed\xa0\x80 a",
        b"\xe2\x82",
        b"ok \xc0\xaf \xf8\x88\x80\x80\x80",
        b"\x80",
    ]
    column = pa.array(spoiled, pa.binary())
    column = pa.Array.from_buffers(pa.string(), len(column), column.buffers())
    assert signals(column)["characters"].to_pylist() == [4, 3, 3, 2, 11, 1]


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "piece",
    [*("a", "a ", ".", "-", "a-", "…", ")", "'s", "a.", "a@", "@a.b", "://", "[", "[1", "{", "\n", "a\n", "\r\n"),
     *("1km", "privacy polic", "x x ", "a b c d e f g h i j ", "漢", "\U0001f600", "(a.)", "n't", "5$", "--", "lorem")],
)  # fmt: skip
def test_no_text_takes_more_than_linear_time(piece: str) -> None:
    def seconds(size: int) -> float:
        column = pa.array([piece * (size // len(piece))])
        best = float("inf")
        for _ in range(3):
            start = time.process_time()
            signals(column)
            best = min(best, time.process_time() - start)
        return best

    seconds(1_000)
    # Eight times the text: a square would take 64 times as long.
    assert seconds(800_000) < 20 * max(seconds(100_000), 0.002)


def test_a_text_beyond_all_records_is_refused() -> None:
    with pytest.raises(BadInput, match="longer than 134217728 bytes"):
        signals(pa.array(["x" * (native.MAX_TEXT + 1)]))
