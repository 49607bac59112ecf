"""Replays of chains with made-up answers: which requests follow, and which rows come out."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.recipes.recipe import Recipe
from include.rephrase.chain import NOTHING_WRITTEN, Row, Teaching, advance, first_request
from include.rephrase.engines.base import Request, Result

SOURCE = "Bread rises because yeast makes gas.\n\nSalt slows it down. "
PIECES = [{"end": 38, "tokens": 8}, {"end": len(SOURCE), "tokens": 5}]
BY = Teaching("words", "r1", seed=0)
SAMPLING = {"temperature": 0.7, "max_tokens": 100, "max_ratio": 2.0}
PROSE = {"instruction": "Rewrite it.", "sampling": SAMPLING, "contract": {"kind": "prose"}}
ITEMS = {"kind": "items", "fields": ["genre", "audience"], "most": 5}
PROPOSE = {"id": "propose", "instruction": "Name readers.", "sampling": SAMPLING, "contract": ITEMS}
FOR_EACH = PROSE | {"repeat": "each_item", "instruction": "As {genre} for {audience}."}
GO_ON = PROSE | {"repeat": "each_piece", "instruction": "So far: {written} Now: {piece}"}
PROPOSED = """
Genre: letter; Audience: a friend
Genre: lesson; Audience: children
"""


def recipe(*steps: dict[str, Any], **changes: Any) -> Recipe:
    base = {"id": "r", "version": "1", "origin": "a test", "system": "Be short.", "expected_ratio": 1.0}
    pieces = any(step.get("repeat") == "each_piece" for step in steps)
    segment = {"max_tokens": 300, "piece_tokens": 8 if pieces else None}
    return Recipe.model_validate(base | {"segment": segment, "steps": list(steps)} | changes)


SINGLE, TWO_STEPS, TWO_IN_A_ROW = (
    recipe(PROSE),
    recipe(PROPOSE, FOR_EACH),
    recipe(PROSE | {"id": "draft"}, PROSE | {"id": "better", "instruction": "Better: {text}"}),
)
BY_PIECES = recipe(GO_ON)


def planned(recipe: Recipe, source: str = SOURCE, pieces: list[dict[str, int]] | None = None, by: Teaching = BY) -> Row:
    """What the plan would write of a chain."""
    if recipe.segment.piece_tokens is not None:
        pieces = pieces or PIECES
    first = first_request(recipe, source, pieces, 13, by)
    row = {"generation_key": first.generation_key, "prompt_hash": first.prompt_hash, "seed": first.seed}
    whole = {"source": source, "source_tokens": 13, "pieces": pieces, "recipe": "r"}
    return row | whole | {"teacher": by.teacher, "teacher_revision": by.revision, "doc_id": "d"}


def answer(request: Request, output: str, finish_reason: str = "stop") -> Result:
    error = "it broke" if finish_reason == "error" else None
    return Result(request.generation_key, output, finish_reason, error, 10, len(output.split()))


@dataclass
class Run:
    requests: dict[str, Request] = field(default_factory=dict)
    results: dict[str, Result] = field(default_factory=dict)
    generations: list[dict[str, Any]] = field(default_factory=list)

    @property
    def prompts(self) -> list[str]:
        return [request.messages[-1]["content"] for request in self.requests.values()]


def run(row: Row, recipe: Recipe, answers: Callable[[Request], Result], pick: random.Random | None = None) -> Run:
    """Answer until nothing is ready: all at once, or one at a time in any order."""
    done = Run()
    while (then := advance(row, recipe, done.results)).ready:
        done.requests |= {request.generation_key: request for request in then.ready}
        chosen = then.ready if pick is None else [pick.choice(then.ready)]
        done.results |= {request.generation_key: answers(request) for request in chosen}
    done.generations = then.generations
    return done


def told(*outputs: str, finish_reason: str = "stop") -> Callable[[Request], Result]:
    """Answers in the order of the requests; the last one has the given end."""
    left = list(outputs)

    def answers(request: Request) -> Result:
        output = left.pop(0)
        return answer(request, output, "stop" if left else finish_reason)

    return answers


def test_one_step_asks_once_and_gives_one_row() -> None:
    row = planned(SINGLE)
    done = run(row, SINGLE, told("Yeast lifts bread."))
    (request,), (generation,) = done.requests.values(), done.generations
    assert request == first_request(SINGLE, SOURCE, None, 13, BY)
    assert request.root == request.generation_key == generation["generation_key"]
    assert generation["made_of"] == [request.generation_key]
    assert (generation["output"], generation["variant"], generation["stopped_at"]) == ("Yeast lifts bread.", 0, None)
    assert (generation["prompt_tokens"], generation["completion_tokens"]) == (10, 3)
    assert request.max_tokens == 13 * 2 + 32


@pytest.mark.parametrize("finish_reason", ["length", "error"])
def test_a_last_step_that_fails_or_is_cut_off_is_a_row_that_says_so(finish_reason: str) -> None:
    (generation,) = run(planned(SINGLE), SINGLE, told("Yeast li", finish_reason=finish_reason)).generations
    assert generation["finish_reason"] == finish_reason
    assert generation["error"] == ("it broke" if finish_reason == "error" else None)
    assert generation["stopped_at"] is None, "the chain came to its end"


def test_every_item_of_the_first_step_gets_its_own_request_and_row() -> None:
    row = planned(TWO_STEPS)
    done = run(row, TWO_STEPS, told(PROPOSED, "Dear Ann, bread.", "Children, this is bread."))
    first, letter, lesson = done.requests.values()
    assert letter.messages[-1]["content"].endswith("As letter for a friend.")
    assert lesson.messages[-1]["content"].endswith("As lesson for children.")
    assert {request.root for request in done.requests.values()} == {first.generation_key}
    assert letter.seed != lesson.seed
    assert [(g["variant"], g["output"]) for g in done.generations] == [
        (0, "Dear Ann, bread."),
        (1, "Children, this is bread."),
    ]
    assert done.generations[1]["made_of"] == [first.generation_key, lesson.generation_key]
    assert done.generations[1]["generation_key"] == lesson.generation_key


def test_tokens_of_a_first_step_are_counted_in_the_first_row_alone() -> None:
    done = run(planned(TWO_STEPS), TWO_STEPS, told(PROPOSED, "one two", "one two three"))
    proposed = len(PROPOSED.split())
    assert [g["completion_tokens"] for g in done.generations] == [proposed + 2, 3]
    assert [g["prompt_tokens"] for g in done.generations] == [20, 10]
    assert sum(g["completion_tokens"] for g in done.generations) == sum(
        result.completion_tokens for result in done.results.values()
    )


def test_what_is_proposed_twice_is_made_once() -> None:
    # The contract drops literal repeats; prompts are alike as well where only what no prompt names differs.
    for_genre = recipe(PROPOSE, FOR_EACH | {"instruction": "As {genre}."})
    twice = "Genre: letter; Audience: a friend\nGenre: letter; Audience: a foe\nGenre: ode; Audience: all"
    done = run(planned(for_genre), for_genre, told(twice, "Dear", "O bread"))
    assert len(done.requests) == 3
    assert [(g["variant"], g["output"]) for g in done.generations] == [(0, "Dear"), (1, "O bread")]


@pytest.mark.parametrize(
    ("output", "finish_reason"), [("I cannot do that.", "stop"), (PROPOSED, "length"), ("", "error"), ("", "stop")]
)
def test_a_first_step_that_gives_nothing_to_build_on_ends_the_chain(output: str, finish_reason: str) -> None:
    done = run(planned(TWO_STEPS), TWO_STEPS, told(output, finish_reason=finish_reason))
    (generation,) = done.generations
    assert len(done.requests) == 1
    assert (generation["stopped_at"], generation["finish_reason"]) == ("propose", finish_reason)
    assert generation["output"] == output


def test_a_failed_item_does_not_stop_the_others() -> None:
    def answers(request: Request) -> Result:
        if request.step == "propose":
            return answer(request, PROPOSED)
        return answer(request, "", "error") if "letter" in request.messages[-1]["content"] else answer(request, "Fine.")

    done = run(planned(TWO_STEPS), TWO_STEPS, answers)
    assert [(g["finish_reason"], g["stopped_at"]) for g in done.generations] == [("error", None), ("stop", None)]


def test_a_step_that_is_asked_once_gets_the_cleaned_text_of_the_one_before() -> None:
    done = run(planned(TWO_IN_A_ROW), TWO_IN_A_ROW, told("Here is a paraphrase of the text:\n\nBread.", "Good bread."))
    assert done.prompts[1].endswith("Better: Bread.")
    assert [g["output"] for g in done.generations] == ["Good bread."]


def test_each_piece_sees_what_the_pieces_before_have_become() -> None:
    done = run(planned(BY_PIECES), BY_PIECES, told("Yeast lifts bread.", "Salt brakes it."))
    assert done.prompts[0].endswith(f"So far: {NOTHING_WRITTEN} Now: Bread rises because yeast makes gas.")
    assert done.prompts[1].endswith("So far: Yeast lifts bread. Now: Salt slows it down.")
    assert next(iter(done.requests.values())) == first_request(BY_PIECES, SOURCE, PIECES, 13, BY)
    assert [request.max_tokens for request in done.requests.values()] == [8 * 2 + 32, 5 * 2 + 32]
    (generation,) = done.generations
    assert generation["output"] == "Yeast lifts bread.\n\nSalt brakes it."
    assert generation["made_of"] == list(done.requests)
    assert generation["generation_key"] not in done.requests, "the text is more than its last piece"
    assert (generation["prompt_tokens"], generation["completion_tokens"]) == (20, 6)


@pytest.mark.parametrize(
    ("between", "seam"), [(" ", " "), ("", ""), ("\n", "\n"), (" \n", "\n"), ("\n\n", "\n\n"), ("\n \n\n", "\n\n")]
)
def test_pieces_are_joined_as_they_stood_in_the_source(between: str, seam: str) -> None:
    source = f"One.{between}Two."
    pieces = [{"end": 4 + len(between), "tokens": 2}, {"end": len(source), "tokens": 2}]
    (generation,) = run(planned(BY_PIECES, source, pieces), BY_PIECES, told("Eins.\n", " Zwei.")).generations
    assert generation["output"] == f"Eins.{seam}Zwei."


@pytest.mark.parametrize(("output", "finish_reason"), [("Salt br", "length"), ("", "error"), ("***", "stop")])
def test_a_piece_that_fails_ends_the_chain_with_what_there_is(output: str, finish_reason: str) -> None:
    three = [{"end": 38, "tokens": 8}, {"end": 50, "tokens": 3}, {"end": len(SOURCE), "tokens": 2}]
    done = run(
        planned(BY_PIECES, SOURCE, three), BY_PIECES, told("Yeast lifts bread.", output, finish_reason=finish_reason)
    )
    (generation,) = done.generations
    assert len(done.requests) == 2
    assert (generation["stopped_at"], generation["finish_reason"]) == ("rewrite", finish_reason)
    assert generation["output"] == f"Yeast lifts bread.\n\n{output}"


def test_braces_in_values_are_not_expanded() -> None:
    done = run(planned(TWO_STEPS), TWO_STEPS, told("Genre: a {audience} x; Audience: b {genre} y {text} z", "Text."))
    assert done.prompts[1].endswith("As a {audience} x for b {genre} y {text} z.")
    source = "Write {piece} and {written} here. Then {0} and {}."
    pieces = [{"end": 34, "tokens": 9}, {"end": len(source), "tokens": 7}]
    done = run(planned(BY_PIECES, source, pieces), BY_PIECES, told("A {piece} of {written}.", "End."))
    assert done.prompts[1].endswith("So far: A {piece} of {written}. Now: Then {0} and {}.")


def all_keys(recipe: Recipe, by: Teaching = BY) -> list[str]:
    outputs = [PROPOSED, "One.", "Two."] if recipe.steps[0].id == "propose" else ["One.", "Two."]
    return list(run(planned(recipe, by=by), recipe, told(*outputs)).requests)


@pytest.mark.parametrize("steps", [[PROPOSE, FOR_EACH], [GO_ON]])
@pytest.mark.parametrize("change", ["revision", "teacher", "seed"])
def test_another_teacher_revision_or_seed_makes_all_keys_other_ones(steps: list[dict[str, Any]], change: str) -> None:
    other = Teaching(**vars(BY) | {change: 1 if change == "seed" else "other"})
    assert not set(all_keys(recipe(*steps))) & set(all_keys(recipe(*steps), other))


@pytest.mark.parametrize("change", [{"temperature": 0.5}, {"top_p": 0.9}, {"top_k": 5}, {"max_tokens": 40}])
def test_other_sampling_of_a_later_step_changes_its_keys_and_not_the_first(change: dict[str, Any]) -> None:
    before = all_keys(TWO_STEPS)
    after = all_keys(recipe(PROPOSE, FOR_EACH | {"sampling": SAMPLING | change}))
    assert before[0] == after[0]
    assert not set(before[1:]) & set(after[1:])


def test_other_wording_changes_keys_and_another_version_alone_does_not() -> None:
    assert all_keys(recipe(PROSE | {"instruction": "Rewrite it!"})) != all_keys(SINGLE)
    assert all_keys(recipe(PROSE, system="Be long.")) != all_keys(SINGLE)
    assert all_keys(recipe(PROSE, document="after")) != all_keys(SINGLE)
    assert all_keys(recipe(PROSE, version="2", expected_ratio=2.0)) == all_keys(SINGLE), "nothing is asked anew"


def of_chance(request: Request) -> Result:
    """An answer that depends on the request alone: proposals with repeats, broken, cut off and failed ones."""
    chance = random.Random(request.generation_key)
    genres = "".join(f"Genre: g{chance.randint(1, 4)}; Audience: a{chance.randint(1, 2)}\n" for _ in range(5))
    output = genres if request.step == "propose" else f"Text {chance.random()}. {{genre}}"
    return answer(request, chance.choice([output] * 6 + [""]), chance.choice(["stop"] * 8 + ["length", "error"]))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([SINGLE, TWO_STEPS, TWO_IN_A_ROW, BY_PIECES]), st.integers(0, 10**6), st.randoms())
def test_any_order_of_results_gives_the_same_requests_and_rows(recipe: Recipe, seed: int, order: random.Random) -> None:
    row = planned(recipe, by=Teaching("words", "r1", seed))
    at_once = run(row, recipe, of_chance)
    one_by_one = run(row, recipe, of_chance, order)
    assert one_by_one.requests == at_once.requests
    assert one_by_one.generations == at_once.generations
    assert advance(row, recipe, at_once.results).ready == [], "a restarted worker finds nothing to do"
    some = {key: result for key, result in at_once.results.items() if order.random() < 0.5}
    open_requests = advance(row, recipe, some).ready
    assert {request.generation_key for request in open_requests} <= at_once.requests.keys() - some.keys()
    made_of = [key for generation in at_once.generations for key in generation["made_of"]]
    assert set(made_of) == set(at_once.results), "every result stands in a row"
    for tokens in ("prompt_tokens", "completion_tokens"):
        counted = sum(generation[tokens] for generation in at_once.generations)
        assert counted == sum(getattr(result, tokens) for result in at_once.results.values())


def test_results_of_other_chains_do_no_harm() -> None:
    other = run(planned(TWO_STEPS, "Another page."), TWO_STEPS, told(PROPOSED, "x", "y"))
    assert advance(planned(TWO_STEPS), TWO_STEPS, other.results) == advance(planned(TWO_STEPS), TWO_STEPS, {})


def test_a_long_chain_of_pieces_costs_little_beside_its_generations() -> None:
    source = ("Bread rises because yeast makes gas. " * 28 + "\n") * 16
    pieces = [{"end": len(source) * (n + 1) // 16, "tokens": 256} for n in range(16)]
    text = "Yeast makes the gas that lifts bread. " * 28
    row = planned(BY_PIECES, source, pieces)
    began = perf_counter()
    done = run(row, BY_PIECES, lambda request: answer(request, text))
    assert len(done.requests) == 16
    assert perf_counter() - began < 1.0, "generating 16 pieces of 256 tokens takes seconds on any engine"
