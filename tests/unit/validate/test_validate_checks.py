"""Each row check: what passes, what fails, and with which value."""

from typing import Any

import pytest

from include.params import GateParams
from include.validate.checks import CHECKS
from include.validate.checks.contract import count_pairs
from include.validate.checks.new_numbers import count_new
from include.validate.judge import judge
from tests.unit.validate.conftest import GOOD, GOOD_QA, SOURCE, generation, table

LOOP = GOOD.split(". ")[0] + "." + " The bees are busy and happy today." * 5
GERMAN = (
    "Die Bienen leben zusammen in einem Stock, den der Imker einmal in der Woche besucht. Ein starkes Volk zählt sehr "
    "viele Arbeiterinnen, die Nektar sammeln und daraus Honig machen. Im Winter drängen sie sich um die Königin."
)

REJECTED: dict[str, list[dict[str, Any]]] = {
    "engine_error": [{"output": None, "finish_reason": "error", "error": "the engine was killed"}],
    "empty": [{"output": "  \n"}, {"output": "Here is a paraphrase of the text:"}, {"output": "..."}],
    "truncated": [{"finish_reason": "length"}],
    "leftover_preamble": [
        {"output": "Here is a paraphrase of the text. " + GOOD},
        {"output": "Sure! " + GOOD},
        {"output": "Let's re-write the text in clear and correct English. " + GOOD},
        {"output": "I'm sorry, but I cannot do this. " + GOOD},
        {"output": "As an AI language model, I like bees. " + GOOD},
        {"output": GOOD + " The rewritten text uses short sentences."},
        {"output": GOOD + " Reply with the rewritten text only."},
        {"output": "Rewrite the text above for a small child. " + GOOD},
        {"output": GOOD + "\n\nI hope this helps!"},
        {"output": GOOD + "<|im_end|>"},
        {"output": GOOD + "\nUser: And the wasps?"},
    ],
    "contract": [{"recipe": "qa", "output": GOOD}, {"recipe": "qa", "output": GOOD_QA.split("\nQuestion")[0]}],
    "language": [{"output": GERMAN}],
    "length_ratio": [{"output": "Bees live in a hive and make honey."}, {"output": f"{GOOD} {GERMAN} {GOOD}"}],
    "repetition": [{"output": LOOP}],
    "near_copy": [{"output": SOURCE}, {"output": SOURCE.upper()}],
    "new_numbers": [{"output": GOOD.replace("50,000", "60,000")}, {"output": GOOD + " This was so in 1987."}],
}
CASES = [(reason, case) for reason, cases in REJECTED.items() for case in cases]


def verdict(**different: Any) -> dict[str, Any]:
    verdicts, _ = judge(table([generation(**different)]), GateParams(), ["en"])
    row: dict[str, Any] = verdicts.to_pylist()[0]
    row["checks"] = {check["name"]: check for check in row["checks"]}
    return row


@pytest.mark.parametrize("recipe", ["easy", "medium", "hard", "qa"])
def test_a_good_rephrasing_passes_every_check(recipe: str) -> None:
    row = verdict(recipe=recipe)
    assert [name for name, check in row["checks"].items() if not check["passed"]] == []
    assert row["accepted"]
    assert row["reason"] is None


@pytest.mark.parametrize(("reason", "different"), CASES)
def test_a_bad_row_is_rejected_with_its_reason(reason: str, different: dict[str, Any]) -> None:
    row = verdict(**different)
    assert (row["accepted"], row["reason"]) == (False, reason)
    assert not row["checks"][reason]["passed"]


def test_every_registered_check_has_a_case_here_and_is_stored_for_every_row() -> None:
    names = [check.name for check in CHECKS]
    assert sorted(REJECTED) == sorted(names)
    assert list(verdict()["checks"]) == names
    assert list(verdict(output=None, finish_reason="error")["checks"]) == names


def test_the_first_failing_check_in_the_order_of_the_registry_decides() -> None:
    row = verdict(finish_reason="length", output=GERMAN + " 1987")
    assert row["reason"] == "truncated"
    assert not row["checks"]["language"]["passed"]
    assert not row["checks"]["new_numbers"]["passed"]


def test_values_do_not_depend_on_the_other_rows_of_the_batch() -> None:
    rows = [generation(number, **case) for number, (_, case) in enumerate(CASES)]
    together, _ = judge(table(rows), GateParams(), ["en"])
    alone = [judge(table([row]), GateParams(), ["en"])[0].to_pylist()[0] for row in rows]
    assert together.to_pylist() == alone


def test_marks_that_the_source_itself_carries_are_no_preamble() -> None:
    quote = "As an AI language model, I cannot help you."
    quoting = verdict(source=f'{SOURCE} The program said: "{quote}"', output=f'{GOOD} The machine replied: "{quote}"')
    assert quoting["accepted"]
    assert verdict(output=f"{GOOD} {quote}")["reason"] == "leftover_preamble"


def test_answers_may_copy_the_source_but_prose_may_not() -> None:
    sentences = SOURCE.split(". ")
    copied = "".join(f"Question: What is known?\nAnswer: {sentence}.\n" for sentence in sentences)
    assert verdict(recipe="qa", output=copied)["checks"]["near_copy"]["passed"]
    assert not verdict(recipe="easy", output=copied)["checks"]["near_copy"]["passed"]


def test_near_copy_is_the_share_of_four_word_runs_that_stand_in_the_source() -> None:
    row = verdict(source="a b c d e f g h", output="A, b c d! e x y z")  # two of five runs: abcd, bcde
    assert row["checks"]["near_copy"]["value"] == pytest.approx(2 / 5)


def test_repetition_is_the_share_of_four_word_runs_seen_before() -> None:
    row = verdict(output="a b c d a b c d")  # abcd bcda cdab dabc abcd
    assert row["checks"]["repetition"]["value"] == pytest.approx(1 / 5)


def test_runs_do_not_cross_from_one_row_into_the_next() -> None:
    rows = [generation(0, source="x", output="a b c"), generation(1, source="a b c d e", output="d e f")]
    verdicts, _ = judge(table(rows), GateParams(), [])
    for row in verdicts.to_pylist():
        assert {check["name"]: check["value"] for check in row["checks"]}["near_copy"] == 0


def test_languages_are_those_asked_for_and_an_empty_list_allows_every_one() -> None:
    row = table([generation(output=GERMAN)])
    for languages, accepted in ((["en"], False), (["de"], True), (["en", "de"], True), ([], True)):
        verdicts, _ = judge(row, GateParams(), languages)
        assert verdicts["accepted"].to_pylist() == [accepted], languages


def test_a_text_in_capitals_keeps_its_language() -> None:
    assert verdict(output=GOOD.upper())["accepted"]


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("Question: Who? Answer: She.", 1),
        ("**Question:** Who?\n**Answer:** She.\nQuestion: What?\nAnswer: This.", 2),
        ("Question: Who?\nAnswer:", 0),
        ("Question:\nAnswer: She.", 0),
        ("Question: Who?\nQuestion: What?\nAnswer: This.", 1),
        ("Answer: She.\nQuestion: Who?", 0),
        ("The question: who?\nAnswer: She.", 0),
    ],
)
def test_a_pair_is_a_question_followed_by_its_answer(text: str, pairs: int) -> None:
    assert count_pairs(text) == pairs


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("1000 bees", "1,000 bees"),
        ("1,234,567.5 m", "1234567.50 m"),
        ("1 000 bees", "1000 bees"),
        ("1000 bees", "1.000 Bienen"),
        ("12.5% of it", "12.50 percent"),
        ("in the 1990s", "in 1990"),
        ("7 bees", "seven bees"),
        ("seven bees", "7 bees"),
        ("12 bees", "Twelve bees"),
        ("5,000,000 people", "5 million people"),
        ("5 million people", "5,000,000 people"),
        ("2000000 people", "two million people"),
        ("5 million to 6 million", "5 to 6 million"),
        ("on 3 May 1999", "on 03.05.1999 in May"),
        ("1. First bees.\n2) Then honey.", "First bees, then honey."),
        ("It ended in 1990.", "until 1990, when"),
        ("one of them", "a bee"),
    ],
)
def test_the_same_number_in_another_form_is_not_new(text: str, source: str) -> None:
    assert count_new(text, source) == 0


@pytest.mark.parametrize(
    ("text", "source", "new"),
    [
        ("1000 bees", "100 bees", 1),
        ("in 1991 and 1992", "in 1990", 2),
        ("50% of 200", "half of 200", 1),
        ("13 bees", "thirteen bees", 1),
        ("8 bees", "seven bees", 1),
        ("5 billion", "6 million", 1),
        ("Chapter 1.5", "chapter 1", 1),
        ("3. Wasps sting 4 times.", "Wasps sting.", 1),
    ],
)
def test_a_number_that_the_source_lacks_is_counted(text: str, source: str, new: int) -> None:
    assert count_new(text, source) == new
