"""What cleaning cuts off, and above all what it must leave alone."""

import pytest

from include.recipes.clean import clean_output

TEXT = "The cat sat on the mat.\n\nThen it slept: all day long."


@pytest.mark.parametrize(
    "lead",
    [
        "Here is a paraphrase of the text:\n\n",
        "Here's the rewritten text:\n",
        "Here’s a simplified version: ",
        "Sure, here is the text rephrased for a small child:\n\n",
        "Sure! Here is a rewritten version of the text above:\n",
        "Certainly. Here is the paraphrase:\n\n",
        "Of course! I have rewritten the passage in other words:\n\n",
        "The following is a paraphrase in high-quality English:\n",
        "The following text has been reworded for an erudite scholar.\n\n",
        "Below is a conversation based on the text:\n\n",
        "Rewritten text:\n",
        "**Paraphrased version:**\n\n",
        "**Paraphrased version**:\n\n",
        "Paraphrase: ",
        "I've rewritten it below:\n",
        "Certainly!\n",
        "Sure thing! \n\nHere is the paraphrase:\n\n",
    ],
)
def test_an_announcement_is_cut_off(lead: str) -> None:
    assert clean_output(lead + TEXT) == TEXT


@pytest.mark.parametrize(
    "output",
    [
        f"  \n{TEXT}\n\n",
        "```\n" + TEXT + "\n```",
        "```text\n" + TEXT + "```",
        f'"{TEXT}"',
        f"“{TEXT}”",
        f'Here is the rewritten text:\n\n"{TEXT}"',
        f"```\nHere is the rewritten text:\n\n{TEXT}\n```",
    ],
)
def test_white_space_fences_and_quotation_marks_around_the_text_are_taken_off(output: str) -> None:
    assert clean_output(output) == TEXT


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        "The following animals live in the forest: bears, wolves and deer.",
        "Certainly! The rain came, and everybody was glad.",
        "Of course\nthe rain came.",
        "Sure! they said.\nAnd off they went.",
        "Here is what you need: flour, eggs and milk.",
        "Here are the rules: nobody runs, nobody shouts.",
        "Sure, it rains a lot in spring. But summers are dry: bring water.",
        "This is how it works: the pump lifts water.",
        "Rewriting history: how kings changed their chronicles",
        "A paraphrase has three parts: the source, the reading and the new words.",
        "Here is the monastery. Monks would rewrite its books: every one by hand.",
        "I have two cats: one black and one white.",
        '"Come in," he said. "Sit down."',
        "“Yes,” she said. “No.”",
        "'Tis the season of the bees'",
        "Question: What is a paraphrase?\nAnswer: The same meaning in other words.",
        "Use `print` like this:\n```\nprint(1)\n```",
        "```\na = 1\n```\nand\n```\nb = 2\n```",
        "Bees dance\n\nHere is a paraphrase of their language: a circle means near.",
        "* one\n* two",
    ],
)
def test_text_that_only_resembles_an_announcement_stays_whole(text: str) -> None:
    assert clean_output(text) == text


def test_a_list_keeps_its_first_mark_when_the_announcement_goes() -> None:
    assert clean_output("Here is the rewritten text:\n* one\n* two") == "* one\n* two"


def test_an_announcement_longer_than_a_sentence_or_two_is_taken_for_text() -> None:
    long = "Here is a paraphrase " + "and some more of the story " * 12 + ": the end."
    assert clean_output(long) == long


def test_nothing_is_left_of_an_announcement_without_a_text() -> None:
    assert not clean_output("Here is a paraphrase of the text:")
