"""What generation for a dump would cost, told before an engine starts (DESIGN.md 7.6)."""

import json
from collections.abc import Iterator
from dataclasses import asdict

from include.errors import BadInput
from include.lake import Lake, write_atomically
from include.recipes.registry import load_recipe
from include.rephrase.budget import number, price
from include.rephrase.cost_params import BudgetParams, RatesParams
from include.rephrase.estimate import Estimate, RecipeCost
from include.rephrase.made import Made, made_so_far
from include.rephrase.params import RephraseParams
from include.rephrase.rates import RecipeCounts, Speed, measured_speed, recipe_counts
from include.rephrase.spend import Spent, spent_on
from include.teachers.catalogue import published_speed

LEAST_CHAINS = 20
"""Finished chains of a recipe from which its average is believed more than the recipe's own guess."""


def estimate(lake: Lake, crawl: str, params: RephraseParams) -> Estimate:
    """What is still to make of the dump's plan, and what that would cost; written to ``reports/<crawl>/cost.json``.

    Raises:
        BadInput: the dump has no plan.
    """
    engine = params.engine_for(params.teacher)
    speed = _speed(lake, params) if engine.kind == "vllm" else None
    counts = recipe_counts(lake, params.teacher)
    recipes = []
    for made in made_so_far(lake, crawl, params.retry_failed):
        known = counts.get(f"{made.recipe}@{made.version}", RecipeCounts()) + made.counts
        recipes.append(_recipe(made, known, speed, engine.kind == "vllm", params.rates))
    starts = Spent(gpu_seconds=_start_gpu_seconds(params, speed) if any(recipe.tokens for recipe in recipes) else 0.0)
    hours = [recipe.gpu_hours for recipe in recipes]
    amounts = [recipe.money for recipe in recipes]
    gpu_hours = None if None in hours else sum(hour or 0.0 for hour in hours) + starts.gpu_hours
    money = None if None in amounts else sum(amount or 0.0 for amount in amounts) + price(starts, params.rates)
    spent = spent_on(lake, crawl)
    rest = (sum(recipe.prompt_tokens + recipe.tokens for recipe in recipes), gpu_hours, money)
    result = Estimate(
        crawl=crawl,
        teacher=params.teacher,
        currency=params.rates.currency,
        recipes=tuple(recipes),
        gpu_hours=gpu_hours,
        money=money,
        speed=speed,
        spent=spent,
        budget_lines=tuple(_reached(params.budget, params.rates.currency, spent, rest)),
    )
    write_atomically(lake.path("reports", crawl) / "cost.json", json.dumps(asdict(result), indent=1).encode())
    return result


def recall_estimate(lake: Lake, crawl: str) -> Estimate | None:
    """The dump's last estimate, or None."""
    path = lake.path("reports", crawl) / "cost.json"
    return Estimate.from_json(json.loads(path.read_bytes())) if path.exists() else None


def _recipe(made: Made, known: RecipeCounts, speed: Speed | None, own_gpus: bool, rates: RatesParams) -> RecipeCost:
    """What the chains that are not in the store take, less what of them was made already."""
    measured = known.chains >= LEAST_CHAINS and known.source_tokens > 0
    if measured:
        tokens = made.open_source_tokens * known.tokens / known.source_tokens
    else:
        tokens = float(made.open_predicted_tokens)
    # The plan knows the prompt of a chain's first step exactly; what later steps are asked is a guess of it.
    if measured and made.several_steps:
        prompt_tokens = made.open_source_tokens * known.prompt_tokens / known.source_tokens
    else:
        prompt_tokens = float(made.open_predicted_prompt_tokens)
    if measured and known.generations:
        generations = made.open * known.generations / known.chains
    else:
        generations = made.open_pieces + (made.open - made.open_with_pieces) * _generations(made)
    rest = Spent(
        prompt_tokens=max(0, round(prompt_tokens) - made.open_made.prompt_tokens),
        tokens=max(0, round(tokens) - made.open_made.tokens),
    )
    unknown_speed = own_gpus and speed is None and rest.tokens > 0
    cost = rest + Spent(gpu_seconds=rest.tokens / speed.tokens if speed else 0.0)
    return RecipeCost(
        recipe=made.recipe,
        version=made.version,
        chains=made.chains,
        in_store=made.chains - made.open,
        generations=max(made.open and 1, round(generations) - made.open_made.generations),
        prompt_tokens=rest.prompt_tokens,
        tokens=rest.tokens,
        gpu_hours=None if unknown_speed else cost.gpu_hours,
        money=None if unknown_speed and rates.gpu_hour else price(cost, rates),
        known_by="measured" if measured else "prior",
    )


def _generations(made: Made) -> int:
    """Generations of one chain that nobody has measured; a step for each item is taken to be as many as the plan takes.

    See :meth:`include.rephrase.fit.Fitted.predicted_prompt_tokens`.
    """
    try:
        recipe = load_recipe(made.recipe)
    except BadInput:
        return 1  # the recipe is gone; its plan is not
    total, times = 0, 1
    for step in recipe.steps:
        times *= max(1, round(recipe.expected_ratio)) if step.repeat == "each_item" else 1
        total += times
    return total


def _speed(lake: Lake, params: RephraseParams) -> Speed | None:
    """Measured here, else given in the parameters, else published for this model."""
    engine = params.engine_for(params.teacher)
    if measured := measured_speed(lake, params.teacher, engine):
        return measured
    if given := params.rates.tokens_per_second:
        return Speed(given / engine.tensor_parallel_size, 0.0, "given in rephrase.rates.tokens_per_second")
    if published := published_speed(params.teacher):
        return Speed(
            published.tokens_per_second, 0.0, f"published for {published.gpu}, not measured here: {published.source}"
        )
    return None


def _start_gpu_seconds(params: RephraseParams, speed: Speed | None) -> float:
    gpus = params.engine_for(params.teacher).tensor_parallel_size
    return 0.0 if speed is None else speed.start_seconds * params.units * gpus


def _reached(
    budget: BudgetParams, currency: str, spent: Spent, rest: tuple[int, float | None, float | None]
) -> Iterator[str]:
    """A line for each bound that ends the run before its end."""
    bounds = (
        ("tokens", budget.tokens, spent.all_tokens, rest[0], ""),
        ("gpu_hours", budget.gpu_hours, spent.gpu_hours, rest[1], ""),
        ("money", budget.money, spent.money, rest[2], f" {currency}"),
    )
    for name, bound, used, needed, unit in bounds:
        if bound is None or needed == 0:
            continue
        which = f"rephrase.budget.{name} of {number(bound)}{unit}"
        if used >= bound:
            yield f"{which} is reached: nothing more will be made"
        elif needed is None:
            yield f"whether {which} is enough cannot be told: no speed is known"
        elif used + needed > bound:
            yield f"{which} will be reached at about {(bound - used) / needed:.0%} of what is to make"
