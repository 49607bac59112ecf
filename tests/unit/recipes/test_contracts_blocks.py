"""Contracts over paragraphs, lists, tables and tags, read out of what teachers really write."""

import pytest

from include.recipes.contracts.bullets import BulletsContract
from include.recipes.contracts.prose import ProseContract
from include.recipes.contracts.steps import StepsContract
from include.recipes.contracts.table import TableContract
from include.recipes.contracts.tags import TagsContract

prose = ProseContract(kind="prose")
article = ProseContract(kind="prose", opening="Article:", min_words=5, plain=True)
bullets = BulletsContract(kind="bullets")
steps = StepsContract(kind="steps")
table = TableContract(kind="table")
tags = TagsContract(kind="tags", tags=["plan", "rewrite"], min_parts=2)


def test_prose_counts_paragraphs_and_changes_nothing() -> None:
    text = "# Bees\n\nThey make **honey** * 2.\n \n- wax"
    assert (prose.parse(f"\n{text}\n").text, prose.parse(text).parts) == (
        "# Bees\n\nThey make **honey** * 2.\n\n- wax",
        3,
    )
    assert prose.parse(" \n\n \n").parts == prose.parse("***").parts == 0


PLAIN = "Bees make honey.\nThey live in hives.\n\nEach has one queen."


@pytest.mark.parametrize(
    "output",
    [
        f"Article:\n{PLAIN}",
        f"Article:\n\n{PLAIN}",
        f"Article: {PLAIN}",
        f"**Article:**\n\n{PLAIN}",
        f"**Article**: {PLAIN}",
        f"## Article\n\n{PLAIN}",
        f"article:\n{PLAIN}",
        "Article:\n> Bees make *honey*.\n> They live in __hives__.\n\n---\n\nArticle: - Each has **one** queen.",
    ],
)
def test_the_opening_is_demanded_and_taken_off_with_all_decoration(output: str) -> None:
    assert (article.parse(output).text, article.parse(output).parts) == (PLAIN, 2)


@pytest.mark.parametrize("output", [PLAIN, "I cannot do that, I am a model.", "Articles: five or more words here", ""])
def test_without_the_opening_nothing_counts(output: str) -> None:
    assert article.parse(output).parts == 0


def test_too_few_words_do_not_count() -> None:
    assert article.parse("Article: Bees make much honey.").parts == 0
    assert article.parse("Article: Bees make much honey here.").parts == 1


def test_arithmetic_keeps_its_signs_in_plain_text() -> None:
    assert article.parse("Article: 2 * 3 = 6 and 4 * 5 = 20, a_b_c").text == "2 * 3 = 6 and 4 * 5 = 20, a_b_c"


LIST = "Bees make honey in the hive.\nA hive has 1,500 cells.\nHeat: 30 degrees"


@pytest.mark.parametrize(
    "output",
    [
        "- Bees make honey in the hive.\n- A hive has 1,500 cells.\n- Heat: 30 degrees",
        "Facts:\n\n* Bees make honey in the hive.\n\n* A hive has 1,500 cells.\n\n* **Heat:** 30 degrees\n\nThe end.",
        "1. Bees make honey\n   in the hive.\n2. A hive has 1,500 cells.\n3) *Heat:* 30 degrees\n---\n- ...",
        "• Bees make honey in the hive.\n  • A hive has 1,500 cells.\n    – Heat: 30 degrees\n• heat: 30 Degrees",
    ],
)
def test_a_list_is_read_without_its_marks_and_what_is_around_it(output: str) -> None:
    assert (bullets.parse(output).text, bullets.parse(output).parts) == (LIST, 3)


@pytest.mark.parametrize("output", ["", "Bees make honey.", "1990. was warm\n3.5 kg", "---\n***\n- "])
def test_lines_without_marks_are_no_list(output: str) -> None:
    assert bullets.parse(output).parts == 0


STEPS = "How to smoke a hive\n\n1. Light the smoker.\nUse dry grass.\n\n2. Wait.\n- calm\n- slow\n\n3. Open the lid."


@pytest.mark.parametrize(
    "output",
    [
        STEPS,
        "# How to smoke a hive\n1. Light the smoker.\nUse dry grass.\n1. Wait.\n   - calm\n   - slow\n1. Open the lid.",
        "**How to smoke a hive**\n\n**Step 1:** Light the smoker.\nUse dry grass.\n\n**Step 2:** Wait.\n- calm\n"
        "- slow\n\n**Step 3:** Open the lid.",
        STEPS.replace("1. ", "1. Step 1: ").replace("2. ", "- Step 2: "),
        "How to smoke a hive\n### Step 1\nLight the smoker.\nUse dry grass.\n### Step 2 -\nWait.\n- calm\n- slow\n"
        "### Step 3\nOpen the lid.\n### Step 4\n\n4. open the lid.",
    ],
)
def test_steps_are_read_and_numbered_anew(output: str) -> None:
    assert (steps.parse(output).text, steps.parse(output).parts) == (STEPS, 3)


def test_numbers_below_a_step_belong_to_it() -> None:
    parsed = steps.parse("1. Mix.\n   1. flour\n   2. salt\n2. Bake.")
    assert (parsed.text, parsed.parts) == ("1. Mix.\n1. flour\n2. salt\n\n2. Bake.", 2)


@pytest.mark.parametrize("output", ["", "Light it, then wait.", "Step back and wait.", "12.5 grams\n1990 was dry"])
def test_without_numbers_there_are_no_steps(output: str) -> None:
    assert (steps.parse(output).text, steps.parse(output).parts) == ("", 0)


TABLE = "| Bee | Days |\n| --- | --- |\n| Worker | 21 |\n| Queen | 16 |\n\nQuestion: How long?\nAnswer: 21 days."


@pytest.mark.parametrize(
    "output",
    [
        TABLE,
        TABLE.replace("| --- | --- |", "|:---|---:|"),
        TABLE.replace("| --- | --- |\n", ""),
        TABLE.replace("\n| ", "\n\n| "),
        TABLE.replace("Worker", "**Worker**").replace("Question:", "**Question:**"),
        TABLE.replace("| Bee | Days |", "Bee | Days").replace("| Worker | 21 |", "Worker | 21"),
        "The table:\n\n" + TABLE.replace("| Queen", "| Drone |\n| Worker | 21 |\n| Bee | Days |\n| Queen"),
        TABLE + "\n\nQuestion: And?\nAnswer: No.\n\n| a | b |",
    ],
)
def test_a_table_is_read_with_its_question(output: str) -> None:
    assert (table.parse(output).text, table.parse(output).parts) == (TABLE, 2)


def test_a_table_without_a_question_below_it_has_no_part() -> None:
    alone, asked = TABLE.split("\n\n")
    assert table.parse(alone).parts == table.parse(f"{asked}\n\n{alone}").parts == 0


@pytest.mark.parametrize(
    "output", ["", "| a |\n| b |", "| a | b |", "no table\n\nQuestion: a?\nAnswer: b.", "|||\n|||"]
)
def test_what_is_no_table_has_no_part(output: str) -> None:
    assert table.parse(output).parts == 0


def test_bars_inside_cells_and_empty_corners_are_kept() -> None:
    parsed = table.parse("| | a\\|b |\n|-|-|\n| c | 1 |\nQuestion: q?\nAnswer: a.")
    assert parsed.text.splitlines()[0] == "|  | a\\|b |"
    assert parsed.parts == 1


@pytest.mark.parametrize(
    "output",
    [
        "<plan>Say more.</plan>\n<rewrite>Bees make honey.</rewrite>",
        "<PLAN>\nSay more.\n</PLAN>\n\n<Rewrite >\nBees make honey.\n</Rewrite>\nDone!",
        "<plan>Say more.<rewrite>Bees make honey.",
        "I think.\n<plan>Say more.</plan> so <rewrite>No</rewrite> or <rewrite>Bees make honey.</rewrite>",
    ],
)
def test_only_the_last_tag_is_published(output: str) -> None:
    assert (tags.parse(output).text, tags.parse(output).parts) == ("Bees make honey.", 2)


@pytest.mark.parametrize(
    ("output", "parts"),
    [
        ("Bees make honey.", 0),
        ("<plan>Say more.</plan> Bees make honey.", 1),
        ("<rewrite>Bees make honey.</rewrite>", 1),
        ("<plan></plan><rewrite>Bees make honey.</rewrite>", 1),
        ("<rewrite>Bees make honey.</rewrite><plan>Say more.</plan>", 0),
        ("<planet>Say more.</planet>", 0),
    ],
)
def test_a_tag_that_is_missing_empty_or_out_of_order_breaks_the_contract(output: str, parts: int) -> None:
    assert tags.parse(output).parts == parts < tags.min_parts
