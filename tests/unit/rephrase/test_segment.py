import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.rephrase.segment import Segment, pack, split_sentences


def words(texts: list[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def characters(texts: list[str]) -> list[int]:
    return [len(text) for text in texts]


def segments(text: str, limit: int, language: str = "en", count=words) -> list[Segment]:  # type: ignore[no-untyped-def]
    (sentences,) = split_sentences([(text, language)], count)
    return pack(sentences, limit, count)


def test_segments_put_together_are_the_document() -> None:
    text = "One fact stands here. Dr. Smith found it in 1984.\n\nA second paragraph follows! Is it short? Yes.\n"
    found = segments(text, 8)
    assert "".join(segment.text for segment in found) == text
    assert all(text[segment.start : segment.end] == segment.text for segment in found)


def test_sentences_are_kept_whole() -> None:
    text = "Dr. Smith paid 3.5 euros for it. The second sentence is here. The third one ends the text."
    assert [segment.text.strip() for segment in segments(text, 8)] == [
        "Dr. Smith paid 3.5 euros for it.",
        "The second sentence is here.",
        "The third one ends the text.",
    ]


def test_white_space_stays_behind_the_sentence_before_it() -> None:
    (sentences,) = split_sentences([("  One is here.\n\n  Two is here. \n", "en")], words)
    assert [sentence.text for sentence in sentences] == ["  One is here.\n\n  ", "Two is here. \n"]


@pytest.mark.parametrize("count", [11, 31, 61])
def test_segments_are_balanced_instead_of_leaving_a_stump(count: int) -> None:
    text = " ".join(f"Sentence number {n} has six words." for n in range(count))
    sizes = [segment.tokens for segment in segments(text, 60)]
    assert len(sizes) == -(-6 * count // 60)
    assert max(sizes) - min(sizes) <= 6


def test_a_sentence_that_is_too_long_is_cut_between_words() -> None:
    text = " ".join(f"word{n}" for n in range(100))
    found = segments(text, 30)
    assert all(segment.tokens <= 30 for segment in found)
    assert [word for segment in found for word in segment.text.split()] == text.split()
    assert [segment.sentences for segment in found] == [1] + [0] * (len(found) - 1), "it begins once"


def test_a_table_is_cut_between_its_rows() -> None:
    rows = [f"| town {n} | {n} people | {n} km" for n in range(200)]
    found = segments("\n".join(rows), 100)
    assert len(found) > 10
    assert [line for segment in found for line in segment.text.splitlines()] == rows


def test_a_script_without_spaces_is_cut_and_nothing_of_it_is_lost() -> None:
    text = "面包会发酵因为酵母把糖变成气体" * 200
    found = segments(text, 50, language="zh", count=characters)
    assert "".join(segment.text for segment in found) == text
    assert max(segment.tokens for segment in found) <= 50
    assert min(segment.tokens for segment in found) > 20


def test_a_giant_word_before_many_short_ones_is_cut_in_few_steps() -> None:
    text = "a b " + "x" * 20_000 + " and then" * 1000
    found = segments(text, 64, count=characters)
    assert "".join(segment.text for segment in found) == text
    assert max(segment.tokens for segment in found) <= 64


def test_a_giant_sentence_is_not_counted_anew_at_every_halving() -> None:
    counted: list[int] = []

    def count(texts: list[str]) -> list[int]:
        counted.extend(len(text) for text in texts)
        return words(texts)

    text = "word " * 100_000
    assert max(segment.tokens for segment in segments(text, 50, count=count)) <= 50
    assert sum(counted) < 5 * len(text)


def test_a_gap_of_white_space_makes_no_segment_of_its_own() -> None:
    text = "One two." + " " * 500 + "\n" * 500 + "Three four."
    found = segments(text, 20, count=characters)
    assert "".join(segment.text for segment in found) == text
    assert [segment.text.strip() for segment in found] == ["One two.", "Three four."]


def test_nothing_is_made_of_white_space() -> None:
    assert segments(" \n\n ", 30) == []
    assert segments("", 30) == []


def test_a_language_that_nobody_knows_is_cut_all_the_same() -> None:
    assert len(segments("One is here. Two is here.", 3, language="xx-unknown")) == 2


@settings(max_examples=80, deadline=None)
@given(st.lists(st.text(alphabet=st.sampled_from("ab .!?\n|1é。"), max_size=200), max_size=3), st.integers(2, 20))
def test_no_character_is_lost_no_segment_is_too_long_and_every_sentence_begins_once(
    texts: list[str], limit: int
) -> None:
    for text, sentences in zip(texts, split_sentences([(text, "en") for text in texts], words), strict=True):
        found = pack(sentences, limit, words)
        assert "".join(segment.text for segment in found) == (text if text.strip() else "")
        assert all(0 < segment.tokens <= limit and segment.text.strip() for segment in found)
        assert sum(segment.sentences for segment in found) == len(sentences)
