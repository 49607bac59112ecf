"""Words as spaCy's English rules part them: the expectations are spaCy 3.8's."""

from itertools import product

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.ingest.quality import native, signals
from include.ingest.quality.words import split_word

PARTED = (
    ("mill", "mill"),
    ("don't", "do n't"),
    ("Don’t", "Do n’t"),
    ("dont", "do nt"),
    ("they'd've", "they 'd 've"),
    ("its", "its"),
    ("miller's", "miller 's"),
    ("cannot", "can not"),
    ("(isn't)", "( is n't )"),
    ("well-known", "well - known"),
    ("1-2", "1 - 2"),
    ("covid-19", "covid-19"),
    ("and/or", "and/or"),
    ("either/or", "either / or"),
    ("word.", "word ."),
    ("U.S.", "U.S."),
    ("BBC.", "BBC ."),
    ("Dr.", "Dr."),
    ("e.g.,", "e.g. ,"),
    ("(Dr.", "( Dr."),
    ("Dr.)", "Dr. )"),
    ("'em", "'em"),
    ("'em,", "'em ,"),
    ("end.Next", "end . Next"),
    ("wait...", "wait ..."),
    ("...and", "... and"),
    ("yes…no", "yes … no"),
    ("40km/h", "40 km/h"),
    ("40kg", "40 kg"),
    ("10%", "10 %"),
    ("$5", "$ 5"),
    ("US$5", "US$ 5"),
    ("5€", "5 €"),
    ("18+", "18 +"),
    ("+49", "+49"),
    ("+x", "+ x"),
    ("5pm", "5 pm"),
    ("“Hello,”", "“ Hello , ”"),
    ("a,b", "a , b"),
    ("1,000", "1,000"),
    ("x=y", "x = y"),
    ("one—two", "one — two"),
    ("main():", "main ( ):"),
    ("★Mill", "★ Mill"),
    ("https://example.org/a-b?c=d", "https://example.org/a-b?c=d"),
    ("(www.example.co.uk).", "( www.example.co.uk ) ."),
    ("me@mail.example.com,", "me@mail.example.com ,"),
    ("http://example/a-b", "http://example / a - b"),
)


@pytest.mark.parametrize(("word", "pieces"), PARTED)
def test_words_are_parted_as_by_spacy(word: str, pieces: str) -> None:
    assert split_word(word) == tuple(pieces.split())


def test_c_parts_words_as_python_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them, with all that may be cut off around them: a difference shows in the number or length of pieces."""
    before, after = (
        ("", "(", "'", "..", "$", "+", "a@b@"),
        ("", ")", ".", ",", "...", "'s", "5", "%", "/x.", "@c.org", ":80"),
    )
    column = pa.array([f"{a}{word}{b} end" for a, (word, _), b in product(before, PARTED, after)])
    compiled = signals(column)
    monkeypatch.setattr(native, "_library", lambda: None)
    assert signals(column).equals(compiled)


@given(st.text(alphabet="aB1.,-+'’s$%€:/@()…t漢★", min_size=1, max_size=20))
def test_no_character_is_lost(word: str) -> None:
    pieces = split_word(word)
    assert "".join(pieces) == word
    assert all(pieces)
