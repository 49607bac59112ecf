"""Every recipe of the project: loads, is whole, and says where it comes from."""

import re
from itertools import pairwise

import pytest

from include.recipes.clean import clean_output
from include.recipes.contracts import Parsed
from include.recipes.recipe import Recipe
from include.recipes.registry import FOLDER, known_recipes, load_recipe

OF_THE_PAPERS = {
    "WRAP": {"easy", "medium", "hard", "qa"},
    "Nemotron-CC": {"wikipedia", "diverse_qa", "distill", "extract_knowledge", "knowledge_list"},
    "FinePhrase": {"math", "table", "faq", "tutorial"},
    "ReWire": {"guided_rewrite"},
    "MGA": {"genre_audience"},
    "Kimi K2": {"long_document"},
}
RECIPES = [load_recipe(name) for name in known_recipes()]
each_recipe = pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: str(recipe.id))


def test_the_recipes_of_the_papers_are_there() -> None:
    assert set(known_recipes()) == set().union(*OF_THE_PAPERS.values())
    for paper, recipes in OF_THE_PAPERS.items():
        assert all(load_recipe(recipe).origin.startswith(f"{paper} (arXiv ") for recipe in recipes)


@each_recipe
def test_a_recipe_names_its_version_and_its_paper(recipe: Recipe) -> None:
    assert recipe.version.isdigit()
    assert re.search(r"arXiv \d{4}\.\d{5}", recipe.origin)


def test_all_recipes_share_the_system_message_so_that_they_share_the_cached_prefix() -> None:
    assert len({recipe.system for recipe in RECIPES}) == 1


@each_recipe
def test_no_two_recipes_have_the_same_fingerprint(recipe: Recipe) -> None:
    assert [other.id for other in RECIPES if other.fingerprint == recipe.fingerprint] == [recipe.id]


@each_recipe
def test_every_brace_of_an_instruction_is_filled(recipe: Recipe) -> None:
    fields = {"piece": "(1)", "written": "(2)", "genre": "(3)", "audience": "(4)"}
    for step in recipe.steps:
        asked = recipe.messages(step, "The text.", "some-teacher", fields)
        assert "The text." in asked[-1]["content"]
        assert not re.search(r"[{}]", asked[0]["content"] + asked[-1]["content"])
        if step.repeat == "each_item":
            assert all(value in asked[-1]["content"] for value in ("(3)", "(4)"))
        if step.repeat == "each_piece":
            assert all(value in asked[-1]["content"] for value in ("(1)", "(2)"))


@each_recipe
def test_what_is_demanded_of_the_opening_is_said_in_the_instruction(recipe: Recipe) -> None:
    for step in recipe.steps:
        wanted = step.contract.model_dump()
        told = [wanted.get("opening") or "", *wanted.get("tags", []), *wanted.get("fields", [])]
        assert all(word.lower() in step.instruction.lower() for word in told)


@each_recipe
def test_bounds_of_length_leave_room_for_what_may_be_generated(recipe: Recipe) -> None:
    """An output cut at ``max_ratio`` must be one that the check ``length_ratio`` would not have accepted whole."""
    longest = recipe.checks["length_ratio"].max
    assert longest is not None
    for step in recipe.steps:
        assert step.sampling.max_ratio is None or step.sampling.max_ratio >= longest


@pytest.mark.parametrize(
    ("place", "user"),
    [("alone", "A page."), ("before", "A page.\n\nRewrite it."), ("after", "Rewrite it.\n\nA page.")],
)
def test_a_recipe_says_where_the_document_stands(place: str, user: str) -> None:
    recipe = load_recipe("easy").model_copy(update={"document_for": {"small": place}, "system": "Be short."})
    step = recipe.steps[0].model_copy(update={"instruction": "Rewrite it."})
    system, asked = recipe.messages(step, " A page.\n", "small", {})
    assert asked == {"role": "user", "content": user}
    assert system["content"] == ("Be short. Rewrite it." if place == "alone" else "Be short.")
    assert recipe.messages(step, "A page.", "other", {})[1]["content"] == "A page.\n\nRewrite it."


def test_braces_of_a_page_are_left_alone() -> None:
    recipe = load_recipe("genre_audience")
    fields = {"genre": "a letter to {audience}", "audience": "pupils"}
    asked = recipe.messages(recipe.steps[1], "Write {genre}!", "teacher", fields)[1]["content"]
    assert asked.startswith("Write {genre}!")
    assert "a letter to {audience}." in asked


PAIRS = "\n\n".join(f"Question: What is {n}?\nAnswer: It is {n}." for n in range(1, 9))


def test_diverse_questions_are_published_behind_their_source_as_many_as_it_has_room_for() -> None:
    recipe = load_recipe("diverse_qa")
    parsed = recipe.steps[-1].contract.parse(clean_output(PAIRS))
    assert parsed.parts == 8
    texts = [recipe.published(parsed, "The page.\n", 60, f"key {n}") for n in range(200)]
    assert all(text.startswith("The page.\n\nQuestion: What is ") for text in texts)
    counts = [text.count("Question:") for text in texts]
    assert set(counts) == {1, 2, 3, 4}, "10 * 60 / 150 are 4 at most, and any number from 1 on occurs"
    pairs = [re.findall(r"What is (\d)", text) for text in texts]
    assert all(len(set(chosen)) == len(chosen) for chosen in pairs), "none twice"
    assert {chosen[0] for chosen in pairs} == set("12345678"), "each is chosen at times"
    assert any(first > second for chosen in pairs for first, second in pairwise(chosen)), "in random order"


def test_the_choice_of_questions_follows_from_the_key_alone() -> None:
    recipe = load_recipe("diverse_qa")
    parsed = recipe.steps[-1].contract.parse(PAIRS)
    assert recipe.published(parsed, "The page.", 300, "key") == recipe.published(parsed, "The page.", 300, "key")
    assert len({recipe.published(parsed, "The page.", 300, f"key {n}") for n in range(20)}) > 10


def test_a_short_source_gets_one_question() -> None:
    recipe = load_recipe("diverse_qa")
    parsed = recipe.steps[-1].contract.parse(PAIRS)
    assert {recipe.published(parsed, "The page.", 12, f"{n}").count("Question:") for n in range(20)} == {1}


def test_nothing_is_published_of_an_output_without_questions() -> None:
    recipe = load_recipe("diverse_qa")
    assert not recipe.published(Parsed("", 0), "The page.", 60, "key")


def test_other_recipes_publish_their_text_alone() -> None:
    recipe = load_recipe("qa")
    parsed = recipe.steps[-1].contract.parse(PAIRS)
    assert recipe.published(parsed, "The page.", 60, "key") == PAIRS


def test_recipes_are_files_of_this_folder() -> None:
    assert known_recipes() == sorted(file.stem for file in FOLDER.glob("*.yaml"))
