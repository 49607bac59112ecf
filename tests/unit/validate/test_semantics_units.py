"""Texts are cut into units whose meaning can be compared."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.validate.semantics.units import MIN_WORDS, split_units


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("", []),
        (" \n\n***\n...", []),
        ("Yes.", ["Yes."]),
        (
            "The mill stands by the river. It was built in 1911, and nobody knows by whom.",
            ["The mill stands by the river.", "It was built in 1911, and nobody knows by whom."],
        ),
        # Stumps and headings say too little alone.
        ("# The mill\n\nIt stands down by the river.", ["The mill It stands down by the river."]),
        ("It stands down by the river. It is old.", ["It stands down by the river. It is old."]),
        # A line that was wrapped goes on; an item of a list does not.
        (
            "The mill that stands down by the river, where the\nroad bends, was built long ago.",
            ["The mill that stands down by the river, where the road bends, was built long ago."],
        ),
        (
            "- wheels of oak with iron\n- a roof of grey slate\n2. **walls** of stone and lime",
            ["wheels of oak with iron", "a roof of grey slate", "walls of stone and lime"],
        ),
        # Labels go; an answer that is short stays with its question.
        (
            "Question: Who built the old mill?\nAnswer: Two men.\n\nQuestion: When was it built?\nAnswer: In 1911.",
            ["Who built the old mill? Two men.", "When was it built? In 1911."],
        ),
        ("Problem: A mill has 3 wheels.\n\nSolution: 3 + 1 = 4.", ["A mill has 3 wheels.", "3 + 1 = 4."]),
        # A row of a table says nothing without its header.
        (
            "| Mill | Built | River |\n|---|:-:|---|\n| Rance | 1911 | the lower Tarn |\n| Old one | | Ash |",
            ["Mill: Rance; Built: 1911; River: the lower Tarn", "Mill: Old one; River: Ash"],
        ),
        ("| Mill | Built |\n| --- | --- |\n| the very old mill of Rance |", ["the very old mill of Rance"]),
    ],
)
def test_a_text_is_cut_where_its_form_says(text: str, units: list[str]) -> None:
    assert split_units(text, "en") == units


def test_sentences_end_as_their_language_has_it() -> None:
    text = "Die Mühle steht z. B. am Fluss im Tal. Sie ist seit 1911 in Betrieb."
    assert split_units(text, "de") == ["Die Mühle steht z. B. am Fluss im Tal.", "Sie ist seit 1911 in Betrieb."]


@given(st.text(alphabet="ab .|-\n#*:?1", max_size=120))
def test_no_word_is_lost_or_made_and_only_a_lone_unit_is_short(text: str) -> None:
    units = split_units(text, "en")
    words = re.findall(r"[ab]+", text)
    header = [line for line in text.splitlines() if line.lstrip(" >#").startswith("|")]
    if not header:  # a header comes again in each row
        assert re.findall(r"[ab]+", " ".join(units)) == words
    assert len(units) <= 1 or all(len(unit.split()) >= MIN_WORDS for unit in units)
