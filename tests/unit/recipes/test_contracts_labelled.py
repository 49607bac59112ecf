"""Contracts whose parts stand behind labels, read out of what teachers really write."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.recipes.contracts import labelled
from include.recipes.contracts.faq import FaqContract
from include.recipes.contracts.items import ItemsContract
from include.recipes.contracts.pairs import PairsContract
from include.recipes.contracts.problem import ProblemContract

pairs = PairsContract(kind="pairs", min_parts=2)
faq = FaqContract(kind="faq")
problem = ProblemContract(kind="problem")
items = ItemsContract(kind="items", fields=["genre", "audience"])

TWO = "Question: Who keeps bees?\nAnswer: A keeper.\n\nQuestion: Why?\nAnswer: For honey."


@pytest.mark.parametrize(
    "output",
    [
        TWO,
        TWO.replace("\n\n", "\n"),
        TWO.replace("\n", " "),
        TWO.replace("\n", "\r\n"),
        TWO.replace("Question:", "**Question:**").replace("Answer:", "**Answer:**"),
        TWO.replace("Question:", "**Question**:").replace("Answer:", "*Answer*:"),
        TWO.replace("Question:", "### Question:").replace("Answer:", "> Answer:"),
        TWO.replace("Question:", "- Question:"),
        TWO.replace("Question: Who", "1. **Question:** Who").replace("Question: Why", "2. **Question:** Why"),
        TWO.replace("Question: Who", "Question 1: Who").replace("Answer:", "Answer #1 :"),
        TWO.replace("Question:", "QUESTION:").replace("Answer:", "ANSWER:"),
        TWO.replace("Question", "Q").replace("Answer", "A"),
        TWO.replace("Question", "**Q").replace("Answer", "**A").replace(":", ":**"),
        TWO.replace("Question: Who", "1. Q: Who").replace("Question: Why", "2. Q1: Why").replace("Answer", "A"),
        f"Here are the questions\n\n{TWO}",
        f"{TWO}\n\nQuestion: What does it",
        f"{TWO}\n\nQuestion: Why?\nAnswer: Because of the honey.",
        f"Answer: of nothing\n\n{TWO}\nQuestion:\nAnswer: none\nQuestion: none?\nAnswer: ...",
    ],
)
def test_pairs_are_read_however_they_are_decorated(output: str) -> None:
    parsed = pairs.parse(output)
    assert parsed.parts == 2
    assert parsed.text == TWO
    assert parsed.items == [
        {"question": "Who keeps bees?", "answer": "A keeper."},
        {"question": "Why?", "answer": "For honey."},
    ]


@pytest.mark.parametrize(
    "output",
    ["", "Bees make honey.", "Question: Why?", "Answer: Honey.\nQuestion: Why?", "Plan A: go.\nPlan B: stay. Q: why",
     "the question: why\nthe answer: honey"],
)  # fmt: skip
def test_without_a_whole_pair_there_is_no_text(output: str) -> None:
    assert (pairs.parse(output).text, pairs.parse(output).parts) == ("", 0)


def test_options_of_a_multiple_choice_and_longer_answers_stay_whole() -> None:
    first = "Question: Which?\nA) wax\nB) honey\nAnswer: B) honey\n\nIt is sweet: bees make 12."
    parsed = pairs.parse(f"1. {first}\n\n2. Question: More?\nAnswer: 5.")
    assert parsed.items[0] == {
        "question": "Which?\nA) wax\nB) honey",
        "answer": "B) honey\n\nIt is sweet: bees make 12.",
    }
    assert parsed.items[1] == {"question": "More?", "answer": "5."}


FAQ = "What is wax?\nBees make it.\nIt melts.\n\nHow hot?\nAt 62 degrees."


@pytest.mark.parametrize(
    "output",
    [
        FAQ,
        "## FAQ\n\n" + FAQ,
        FAQ.replace("What is wax?", "**What is wax?**").replace("How hot?", "### How hot?"),
        FAQ.replace("What is", "1. What is").replace("How", "2. How"),
        FAQ.replace("What is", "**1. What is").replace("How", "**2. How").replace("?", "?**"),
        FAQ.replace("What is", "Question: What is").replace("Bees", "Answer: Bees")
        .replace("How", "Question: How").replace("At", "Answer: At"),
        FAQ.replace("What is", "**Q: What is").replace("wax?", "wax?**").replace("Bees", "A: Bees")
        .replace("How", "**Q: How").replace("t?", "t?**").replace("At", "A: At"),
        FAQ.replace("\n\n", "\n\n---\n\n") + "\n\nWhat next?",
    ],
)  # fmt: skip
def test_frequent_questions_are_read_with_and_without_labels(output: str) -> None:
    parsed = faq.parse(output)
    assert (parsed.text, parsed.parts) == (FAQ, 2)
    assert parsed.items[1] == {"question": "How hot?", "answer": "At 62 degrees."}


def test_a_question_that_repeats_counts_once() -> None:
    assert faq.parse("Why?\nHoney.\nWhy?\nHoney.\nWHY?\nWax.").parts == 1


PROBLEM = "Problem: A hive has 3 frames of 5 cells.\n\nSolution: 3 * 5 = 15 cells."


@pytest.mark.parametrize(
    "output",
    [
        PROBLEM,
        PROBLEM.replace("Problem:", "**Problem:**").replace("Solution:", "**Solution:**\n"),
        PROBLEM.replace("Problem:", "## Problem:\n\n").replace("Solution:", "## Solution:"),
        PROBLEM.replace("Problem", "Question").replace("Solution", "Answer"),
        f"A word problem\n\n{PROBLEM}\n\nProblem: And how many",
    ],
)
def test_a_problem_is_read_with_its_solution(output: str) -> None:
    assert (problem.parse(output).text, problem.parse(output).parts) == (PROBLEM, 1)


@pytest.mark.parametrize(
    "output", ["Problem: How many?\nSolution: 15.", "Problem: 3 by 5?\nSolution: many", "3 * 5 = 15"]
)
def test_a_problem_without_numbers_on_both_sides_is_none(output: str) -> None:
    assert problem.parse(output).parts == 0


LETTER = {"genre": "a letter", "audience": "children who like bees"}
REPORT = {"genre": "a news report", "audience": "farmers"}


@pytest.mark.parametrize(
    "output",
    [
        "Genre: a letter; Audience: children who like bees\nGenre: a news report; Audience: farmers",
        "1. Genre: a letter\n   Audience: children who like bees\n2. Genre: a news report\n   Audience: farmers",
        "**Genre:** a letter | **Audience:** children who like bees\n**Genre:** a news report | **Audience:** farmers",
        "- Genre 1: a letter, Audience 1: children who like bees\n- Genre 2: a news report, Audience 2: farmers",
        '[{"genre": "a letter", "audience": "children who like bees"},\n'
        ' {"genre": "a news report", "audience": "farmers"}]',
        "Genre: *a letter*\n\nAudience:\nchildren who like bees\n\nGENRE: a news report\n\nAUDIENCE: farmers\n",
        "Genre: a letter; Audience: children who like bees\nGenre: a poem\nGenre: a news report; Audience: farmers",
        "Genre: a letter; Audience: children who like bees\nGenre: A Letter; Audience: Children who like bees\n"
        "Genre: a news report; Audience: farmers; Audience: bakers\nAudience: cooks; Genre: ; Audience: no one",
    ],
)
def test_items_are_read_however_they_are_written(output: str) -> None:
    parsed = items.parse(output)
    assert parsed.items == [LETTER, REPORT]
    assert parsed.parts == 2


def test_only_so_many_items_are_taken_and_only_short_values() -> None:
    output = "\n".join(f"Genre: kind {n}; Audience: {'reader ' * 100}" for n in range(9))
    parsed = items.parse(output)
    assert [item["genre"] for item in parsed.items] == [f"kind {n}" for n in range(5)]
    assert all(len(item["audience"]) <= 200 and item["audience"].endswith("reader") for item in parsed.items)


@pytest.mark.parametrize(
    "output", ["", "Genre: a letter", "Audience: a; Genre: b", "Genre: ; Audience: {}", "a letter to pupils"]
)
def test_halves_are_no_items(output: str) -> None:
    assert items.parse(output).items == []


@given(
    st.lists(
        st.sampled_from(["Question", "Answer", "ANSWER", ":", " ", "\n", "**", "_", "#", ">", '"', "1", "x", "\u00a0"])
    )
)
def test_words_are_labels_where_only_decoration_stands_between_them_and_white_space(parts: list[str]) -> None:
    output = "".join(parts)
    pattern, _ = labelled._patterns(("Question", "Q"), ("Answer", "A"))
    plainly = re.compile(rf"(?:^|(?<=\s))[*_#>\"]*{pattern.pattern}", re.MULTILINE)
    assert labelled._split_at_words(pattern, output) == plainly.split(output)
