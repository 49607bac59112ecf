from hypothesis import given, settings
from hypothesis import strategies as st

from include.rephrase.segment import segment


def words(texts: list[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def test_segments_put_together_are_the_document() -> None:
    text = "One fact stands here. Dr. Smith found it in 1984.\n\nA second paragraph follows! Is it short? Yes."
    pieces = segment(text, "en", 8, words)
    assert "".join(piece.text for piece in pieces) == text
    assert all(text[piece.start : piece.end] == piece.text for piece in pieces)


def test_sentences_are_kept_whole() -> None:
    text = "Dr. Smith paid 3.5 euros for it. The second sentence is here. The third one ends the text."
    assert [piece.text.strip() for piece in segment(text, "en", 8, words)] == [
        "Dr. Smith paid 3.5 euros for it.",
        "The second sentence is here.",
        "The third one ends the text.",
    ]


def test_segments_are_balanced_instead_of_leaving_a_stump() -> None:
    text = " ".join(f"Sentence number {n} has six words." for n in range(11))
    sizes = [piece.tokens for piece in segment(text, "en", 60, words)]
    assert len(sizes) == 2
    assert min(sizes) >= 30


def test_a_sentence_that_is_too_long_is_cut_between_words() -> None:
    text = " ".join(f"word{n}" for n in range(100))
    pieces = segment(text, "en", 30, words)
    assert all(piece.tokens <= 30 for piece in pieces)
    assert "".join(piece.text for piece in pieces).split() == text.split()


def test_nothing_is_made_of_white_space() -> None:
    assert segment(" \n\n ", "en", 30, words) == []


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.sampled_from("ab .!?\n1é"), max_size=300), st.integers(2, 20))
def test_no_character_is_lost_and_no_segment_is_too_long(text: str, limit: int) -> None:
    pieces = segment(text, "en", limit, words)
    assert "".join(piece.text for piece in pieces).strip() == text.strip()
    assert all(piece.tokens <= limit for piece in pieces)
