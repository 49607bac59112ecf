"""Whatever a teacher writes, every contract reads it: no error, no endless search, and nothing but clean text."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.recipes.clean import clean_output
from include.recipes.contracts import Contract, Parsed
from include.recipes.contracts.prose import ProseContract
from include.recipes.registry import known_recipes, load_recipe

CONTRACTS = {f"{name} {step.id}": step.contract for name in known_recipes() for step in load_recipe(name).steps}
each_contract = pytest.mark.parametrize("contract", CONTRACTS.values(), ids=CONTRACTS.keys())

SNIPPETS = [
    "Question:", "Answer:", "Q:", "A: ", "Problem: 1", "Solution: 2", "Article:", "Summary:", "Genre:", "Audience: b;",
    "genre", "**", "*", "_", "# ", "> ", "- ", "1. ", "Step 2:",
    "|", "---", "```", '"', "<plan>", "</plan>", "<rewrite>",
    "</rewrite>", "\n", "\n\n", " ", "?", "word", "12", "\t", "\r\n", "\u2028", "\x00", "\ud800", "é", "蜂", "{genre}",
]  # fmt: skip
outputs = st.one_of(st.text(max_size=200), st.lists(st.sampled_from(SNIPPETS), max_size=40).map("".join))
SIZE = 100_000


@each_contract
@given(output=outputs)
@settings(max_examples=100, deadline=None, derandomize=True, database=None)
def test_any_output_is_read(contract: Contract, output: str) -> None:
    parsed = contract.parse(clean_output(output))
    assert isinstance(parsed, Parsed)
    assert parsed.parts >= 0
    assert parsed.text == parsed.text.strip()
    assert parsed.parts < contract.min_parts or re.search(r"\w", parsed.text), "no contract is held by nothing"
    assert not parsed.items or len(parsed.items) == parsed.parts
    for item in parsed.items:
        assert tuple(item) == contract.item_fields
        assert all(re.search(r"\w", value) for value in item.values())
    assert not re.search(r"</?(plan|rewrite)>", parsed.text) or contract.kind != "tags"
    if isinstance(contract, ProseContract) and contract.opening and parsed.parts:
        assert not parsed.text.lower().startswith(contract.opening.lower())


@pytest.mark.parametrize("recipe", ["qa", "easy", "tutorial", "math"])
@given(output=outputs)
@settings(max_examples=200, deadline=None, derandomize=True, database=None)
def test_a_text_that_was_read_once_is_read_again_as_it_is(recipe: str, output: str) -> None:
    contract = load_recipe(recipe).steps[-1].contract
    text = contract.parse(output).text
    assert contract.parse(text).text == text


@pytest.mark.parametrize(
    "contract", {step.kind: step for step in CONTRACTS.values()}.values(), ids=lambda one: one.kind
)
def test_hostile_outputs_take_no_longer_than_others(contract: Contract) -> None:
    """With one quadratic pattern they took 24 s together; without, one."""
    before = time.process_time()
    for snippet in [*SNIPPETS, " \n", "-", "**a", "a?\n", "- a\n b\n", "Here is a paraphrase: ", "Paraphrase: ", "`"]:
        start = "```\n| a | b |\n| c | d |\nQuestion: x\nAnswer: "
        contract.parse(clean_output(start + snippet * (SIZE // len(snippet))))
    assert time.process_time() - before < 5
