"""What a plan would cost."""

from typing import Any

import pytest
from documents import write_documents
from planned_costs import CRAWL, chain, commit, result, write_plan, write_report, write_session
from rich.console import Console

from include.errors import BadInput
from include.lake import Lake
from include.rephrase.budget import Meter
from include.rephrase.collect import collect_generations
from include.rephrase.cost import estimate, recall_estimate
from include.rephrase.cost_text import headline, render, text
from include.rephrase.engines.scripted import ScriptedEngine
from include.rephrase.estimate import Estimate, RecipeCost
from include.rephrase.params import RephraseParams
from include.rephrase.plan import plan_requests
from include.rephrase.teacher import Teacher
from include.rephrase.units import cut_units
from include.rephrase.worker import generate_unit


def params(**settings: Any) -> RephraseParams:
    return RephraseParams.model_validate({"teacher": "words", **settings})


def recipe(found: Estimate, name: str) -> RecipeCost:
    [one] = [cost for cost in found.recipes if cost.recipe == name]
    return one


def test_a_dump_without_a_plan_says_what_to_run(lake: Lake) -> None:
    with pytest.raises(BadInput, match="has no requests yet"):
        estimate(lake, CRAWL, params())


def test_an_empty_store_leaves_everything_to_make(lake: Lake) -> None:
    write_plan(lake, [chain(n, "easy") for n in range(5)] + [chain(n, "qa", 50) for n in range(3)])
    found = estimate(lake, CRAWL, params())
    assert (found.chains, found.in_store, found.generations) == (8, 0, 8)
    assert (found.prompt_tokens, found.tokens) == (1600, 650)
    assert [cost.recipe for cost in found.recipes] == ["easy", "qa"]
    assert {cost.known_by for cost in found.recipes} == {"prior"}


def test_what_the_store_has_is_not_made_again(lake: Lake) -> None:
    rows = [chain(n, "easy") for n in range(5)]
    write_plan(lake, rows)
    commit(lake, [result(row, 90) for row in rows[:2]])
    commit(lake, [result(rows[0], 90), result(chain(77, "easy"), 90)])  # made twice; another dump's
    found = estimate(lake, CRAWL, params())
    assert (found.chains, found.in_store, found.generations, found.tokens) == (5, 2, 3, 300)


def test_a_finished_dump_costs_nothing(lake: Lake) -> None:
    rows = [chain(n, "easy") for n in range(3)]
    write_plan(lake, rows)
    commit(lake, [result(row, 90) for row in rows])
    write_session(lake, "a", crawl=CRAWL)
    found = estimate(lake, CRAWL, params())
    assert (found.generations, found.prompt_tokens, found.tokens) == (0, 0, 0)
    assert (found.gpu_hours, found.money) == (0, 0)


def test_the_same_text_twice_is_made_once(lake: Lake) -> None:
    write_plan(lake, [chain(1, "easy"), chain(1, "easy", doc_id="b"), chain(2, "easy")])
    found = recipe(estimate(lake, CRAWL, params()), "easy")
    assert (found.chains, found.in_store, found.to_make, found.generations) == (3, 1, 2, 2)


def test_a_recipe_whose_file_is_gone_is_still_reckoned(lake: Lake) -> None:
    rows = [chain(n, "easy") | {"recipe": "gone"} for n in range(3)]
    write_plan(lake, rows)
    commit(lake, [result(rows[0], 90)])
    found = recipe(estimate(lake, CRAWL, params()), "gone")
    assert (found.in_store, found.generations, found.tokens) == (1, 2, 200)


def test_failed_generations_are_made_again_only_if_asked(lake: Lake) -> None:
    rows = [chain(n, "easy") for n in range(2)]
    write_plan(lake, rows)
    commit(lake, [result(row, 0, finish_reason="error", error="too long") for row in rows])
    assert estimate(lake, CRAWL, params()).generations == 0
    assert estimate(lake, CRAWL, params(retry_failed=True)).generations == 2


def test_measured_averages_of_earlier_dumps_replace_the_recipes_guess(lake: Lake) -> None:
    write_plan(lake, [chain(n, "easy") for n in range(5)])
    version = recipe_version(lake)
    counts = {"chains": 30, "generations": 30, "source_tokens": 3000, "prompt_tokens": 6000, "tokens": 2400}
    write_report(lake, "T-0", {f"easy@{version}": counts})
    found = recipe(estimate(lake, CRAWL, params()), "easy")
    assert (found.tokens, found.known_by) == (400, "measured")
    assert found.prompt_tokens == 1000  # the plan has counted these


def recipe_version(lake: Lake) -> str:
    return str(lake.read("requests", CRAWL)["recipe_version"][0])


def test_another_version_of_a_recipe_has_measured_nothing_for_this_one(lake: Lake) -> None:
    write_plan(lake, [chain(n, "easy") for n in range(5)])
    write_report(lake, "T-0", {"easy@0": {"chains": 99, "source_tokens": 9900, "tokens": 1}})
    assert recipe(estimate(lake, CRAWL, params()), "easy").known_by == "prior"


def test_the_dumps_own_first_results_are_measurements(lake: Lake) -> None:
    rows = [chain(n, "easy") for n in range(40)]
    write_plan(lake, rows)
    commit(lake, [result(row, 50) for row in rows[:30]])
    found = recipe(estimate(lake, CRAWL, params()), "easy")
    assert (found.tokens, found.known_by) == (500, "measured")


def test_few_results_and_scripted_ones_are_no_measurements(lake: Lake) -> None:
    rows = [chain(n, "easy") for n in range(40)]
    write_plan(lake, rows)
    commit(lake, [result(row, 50) for row in rows[:5]])
    commit(lake, [result(row, 50, engine="scripted") for row in rows[5:30]])
    found = recipe(estimate(lake, CRAWL, params()), "easy")
    assert (found.tokens, found.known_by) == (1000, "prior")


def test_a_chain_along_pieces_counts_what_is_left_of_it(lake: Lake) -> None:
    pieces = [{"end": 10 * n, "tokens": 25} for n in range(1, 5)]
    row = chain(1, "easy", pieces=pieces, predicted_prompt_tokens=800)
    write_plan(lake, [row])
    assert estimate(lake, CRAWL, params()).generations == 4
    commit(lake, [result(row, 30), result(row, 30, generation_key="second")])
    found = estimate(lake, CRAWL, params())
    assert (found.generations, found.prompt_tokens, found.tokens) == (2, 800 - 420, 40)
    commit(lake, [result(row, 30, generation_key=key) for key in ("third", "fourth")])
    assert estimate(lake, CRAWL, params()).generations == 0


def test_a_chain_that_ended_early_has_nothing_left(lake: Lake) -> None:
    row = chain(1, "easy", pieces=[{"end": 10, "tokens": 50}, {"end": 20, "tokens": 50}])
    write_plan(lake, [row])
    commit(lake, [result(row, 500, finish_reason="length")])
    assert estimate(lake, CRAWL, params()).generations == 0


def test_a_chain_of_two_steps_is_finished_with_its_last(lake: Lake) -> None:
    rows = [chain(n, "genre_audience", predicted_tokens=450, predicted_prompt_tokens=1000) for n in range(4)]
    write_plan(lake, rows)
    found = estimate(lake, CRAWL, params())
    assert (found.generations, found.tokens) == (4 * (1 + 4), 4 * 450)
    proposed = [result(row, 50, step="propose") for row in rows[:3]]
    commit(lake, proposed)
    begun = estimate(lake, CRAWL, params())
    assert (begun.in_store, begun.generations, begun.tokens) == (0, 17, 4 * 450 - 150)
    commit(lake, [result(rows[0], 100, generation_key="item", step="rewrite")])
    cut = result(rows[3], 256, step="propose", finish_reason="length")
    commit(lake, [cut])
    assert estimate(lake, CRAWL, params()).in_store == 2


def test_what_was_generated_and_collected_costs_nothing_and_was_no_measurement(
    lake: Lake, teacher: Teacher, texts: list[str]
) -> None:
    settings = params(recipes=["easy", "genre_audience"], engine={"kind": "scripted"})
    write_documents(lake, texts)
    plan_requests(lake, CRAWL, settings, teacher, "test: its outputs may train models")
    before = estimate(lake, CRAWL, settings)
    assert (before.chains, before.in_store) == (8, 0)
    [unit] = cut_units(lake, CRAWL, 1)
    meter = Meter(lake, CRAWL, str(unit), settings)
    generate_unit(lake, CRAWL, unit, settings, ScriptedEngine, meter, lambda texts: texts.num_rows)
    # Chains to which the stand-in proposed no genres have ended, but that shows only where they are replayed.
    generated = estimate(lake, CRAWL, settings)
    assert recipe(generated, "easy").to_make == 0
    assert recipe(generated, "genre_audience").to_make > 0
    assert generated.spent.tokens > 0
    assert generated.spent.gpu_seconds == 0
    collect_generations(lake, CRAWL)
    after = estimate(lake, CRAWL, settings)
    assert (after.in_store, after.generations, after.tokens) == (8, 0, 0)
    assert {cost.known_by for cost in after.recipes} == {"prior"}


def test_the_measured_speed_gives_hours_and_money_with_the_engines_starts(lake: Lake) -> None:
    write_plan(lake, [chain(n, "easy", 1000) for n in range(36)])
    write_session(lake, "a")  # 100 tokens/s, 40 s to start
    found = estimate(lake, CRAWL, params(units=2, rates={"gpu_hour": 10, "million_output_tokens": 100}))
    assert found.gpu_hours == pytest.approx(360 / 3600 + 2 * 40 / 3600)
    assert found.money == pytest.approx(10 * (360 + 80) / 3600 + 3.6)
    assert recipe(found, "easy").gpu_hours == pytest.approx(0.1)


def test_a_measured_speed_is_preferred_to_a_given_one_and_that_to_a_published_one(lake: Lake) -> None:
    write_plan(lake, [chain(n, "easy") for n in range(3)])
    published = estimate(lake, CRAWL, params(teacher="smollm2-1.7b-instruct")).speed
    assert published is not None
    assert published.tokens == 9220
    assert "published for H100 80 GB, not measured here" in published.origin
    rates = {"tokens_per_second": 500}
    four = {"tensor_parallel_size": 4}
    given = estimate(lake, CRAWL, params(teacher="smollm2-1.7b-instruct", rates=rates, engine=four)).speed
    assert given is not None
    assert (given.tokens, given.origin) == (125, "given in rephrase.rates.tokens_per_second")
    write_session(lake, "a")
    measured = estimate(lake, CRAWL, params(rates=rates)).speed
    assert measured is not None
    assert measured.tokens == 100


def test_an_unknown_speed_is_said_and_not_invented(lake: Lake) -> None:
    write_plan(lake, [chain(n, "easy") for n in range(3)])
    found = estimate(lake, CRAWL, params(budget={"money": 5, "tokens": 10_000}))
    assert (found.gpu_hours, found.money, found.speed) == (None, None, None)
    assert "GPU-hours: unknown" in text(found)
    assert "set rephrase.rates.tokens_per_second" in text(found)
    assert found.budget_lines == ("whether rephrase.budget.money of 5 USD is enough cannot be told: no speed is known",)


def test_an_endpoint_costs_tokens_and_no_gpu_time(lake: Lake) -> None:
    write_plan(lake, [chain(n, "easy") for n in range(10)])
    rates = {"million_prompt_tokens": 1000, "million_output_tokens": 5000}
    found = estimate(lake, CRAWL, params(engine={"kind": "endpoint"}, rates=rates))
    assert (found.gpu_hours, found.money) == (0, pytest.approx(2 + 5))


def test_a_budget_that_will_not_do_is_told_with_the_share_that_it_pays(lake: Lake) -> None:
    write_plan(lake, [chain(n, "easy") for n in range(10)])
    assert estimate(lake, CRAWL, params(budget={"tokens": 3000})).budget_lines == ()
    [line] = estimate(lake, CRAWL, params(budget={"tokens": 1200})).budget_lines
    assert line == "rephrase.budget.tokens of 1,200 will be reached at about 40% of what is to make"


def test_a_budget_that_is_reached_already_is_told_only_if_something_is_left(lake: Lake) -> None:
    rows = [chain(n, "easy") for n in range(10)]
    write_plan(lake, rows)
    write_session(lake, "a", crawl=CRAWL)
    spent = params(budget={"tokens": 18_000})
    assert estimate(lake, CRAWL, spent).budget_lines == (
        "rephrase.budget.tokens of 18,000 is reached: nothing more will be made",
    )
    commit(lake, [result(row, 90) for row in rows])
    assert estimate(lake, CRAWL, spent).budget_lines == ()


def test_what_was_spent_before_counts_against_the_budget(lake: Lake) -> None:
    write_plan(lake, [chain(n, "easy") for n in range(10)])
    write_session(lake, "a", crawl=CRAWL, prompt_tokens=1000, tokens=500)
    found = estimate(lake, CRAWL, params(budget={"tokens": 3000}))
    assert found.budget_lines == ("rephrase.budget.tokens of 3,000 will be reached at about 50% of what is to make",)
    assert "spent on this dump so far: 1.5 k tokens" in text(found)


def test_it_is_written_beside_the_reports_and_can_be_read_again(lake: Lake) -> None:
    write_plan(lake, [chain(n, "easy") for n in range(10)])
    assert recall_estimate(lake, CRAWL) is None
    write_session(lake, "a")
    found = estimate(lake, CRAWL, params(budget={"tokens": 1}))
    assert recall_estimate(lake, CRAWL) == found


def test_the_table_fits_a_terminal_of_80_columns(lake: Lake) -> None:
    recipes = ("extract_knowledge", "genre_audience")
    write_plan(lake, [chain(n, recipe, 900_000) for n in range(1000) for recipe in recipes])
    found = estimate(lake, CRAWL, params(rates={"tokens_per_second": 9}))
    console = Console(width=80, record=True)
    console.print(render(found))
    assert "…" not in console.export_text()


def test_people_read_it_as_a_table_as_lines_and_as_a_note(lake: Lake) -> None:
    write_plan(lake, [chain(n, "easy", 20_000) for n in range(100)] + [chain(n, "qa") for n in range(5)])
    write_session(lake, "a")
    found = estimate(lake, CRAWL, params(budget={"gpu_hours": 1}))
    console = Console(width=140, record=True)
    console.print(render(found))
    shown = console.export_text()
    for words in (
        "easy",
        "qa",
        "105",
        "2 M",
        "USD",
        "prior",
        "will be reached at about 18%",
        "measured with vllm 1 cpu",
    ):
        assert words in shown, words
    assert "  easy: 100 chains, 0 in the store; to make: 100 generations, 20 k prompt and 2 M output tokens" in text(
        found
    )
    note = headline(found)
    assert len(note) <= 1000
    assert "to make: about 105 generations" in note
    assert "will be reached at about 18%" in note
