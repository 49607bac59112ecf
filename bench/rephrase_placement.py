"""Where the document stands in the prompt: speed with a prefix cache, and what of the texts is accepted.

How much a shared prefix gains depends on how many texts are written at once: with few, writing takes the time and not
reading. So rounds have 24 documents, 96 requests, as in the trial that the goal comes from; with 12 the gain was half.

The documents of a round are new to the engine, and a placement's prompts share no prefix with another's, so that no
variant finds the other's work in the cache.
"""

import time
from collections import deque
from collections.abc import Callable
from typing import Any

import pyarrow as pa

from include.recipes.recipe import Placement, Recipe
from include.rephrase.chain import Teaching, advance, first_request
from include.rephrase.engines.base import Engine, Request, Result
from include.schemas import GENERATION

CAP = 96
"""New tokens at most where speed is compared, as in the trial that the goal comes from; its texts are cut off, so
acceptance is measured in runs with the recipes' own limits."""

Row = dict[str, Any]
Judge = Callable[[pa.Table], list[bool]]


def placed(recipe: Recipe, place: Placement, cap: int | None) -> Recipe:
    """The recipe with the document at this place for every teacher, and at most ``cap`` new tokens."""
    (step,) = recipe.steps
    if cap is not None:
        sampling = step.sampling.model_copy(update={"max_tokens": cap})
        step = step.model_copy(update={"sampling": sampling})
    return recipe.model_copy(update={"document": place, "document_for": {}, "steps": [step]})


def asked(rows: list[Row], recipes: dict[str, Recipe]) -> list[tuple[Row, Request]]:
    """The planned rows as these recipes would have them, with their requests, in the plan's order."""
    pairs = []
    for row in rows:
        by = Teaching(row["teacher"], row["teacher_revision"], 0)
        request = first_request(recipes[row["recipe"]], row["source"], None, row["source_tokens"], by)
        own = {"generation_key": request.generation_key, "prompt_hash": request.prompt_hash, "seed": request.seed}
        pairs.append((row | own, request))
    return pairs


def pump(engine: Engine, requests: list[Request]) -> tuple[float, dict[str, Result]]:
    """Seconds for all requests, and their results by key."""
    waiting, results = deque(requests), dict[str, Result]()
    began = time.perf_counter()
    while len(results) < len(requests):
        while waiting and len(requests) - len(waiting) - len(results) < engine.capacity:
            engine.submit(waiting.popleft())
        results |= {result.generation_key: result for result in engine.results(timeout=5)}
    return time.perf_counter() - began, results


def measure(engine: Engine, rows: list[Row], recipes: dict[str, Recipe], judge: Judge) -> dict[str, Any]:
    pairs = asked(rows, recipes)
    seconds, results = pump(engine, [request for _, request in pairs])
    generations = [text for row, _ in pairs for text in advance(row, recipes[row["recipe"]], results).generations]
    extra = {"engine": engine.name, "engine_version": engine.version}
    accepted = judge(pa.Table.from_pylist([text | extra for text in generations], schema=GENERATION))
    tokens = sum(result.completion_tokens for result in results.values())
    return {
        "requests": len(pairs),
        "seconds": round(seconds, 1),
        "requests_per_second": round(len(pairs) / seconds, 2),
        "tokens_per_second": round(tokens / seconds, 1),
        "accepted_share": round(sum(accepted) / len(accepted), 3),
        "accepted_by_recipe": {
            recipe: sum(ok for ok, text in zip(accepted, generations, strict=True) if text["recipe"] == recipe)
            for recipe in sorted(recipes)
        },
        "accepted_per_second": round(sum(accepted) / seconds, 3),
    }


def compare_placements(engine: Engine, rounds: list[list[Row]], recipes: list[Recipe], judge: Judge) -> dict[str, Any]:
    """Both classic placements capped, in turns over ``rounds`` of planned rows; then all three at full length."""

    def run(rows: list[Row], place: Placement, cap: int | None) -> dict[str, Any]:
        return measure(engine, rows, {recipe.id: placed(recipe, place, cap) for recipe in recipes}, judge)

    capped: dict[str, list[dict[str, Any]]] = {"before": [], "after": []}
    for number, rows in enumerate(rounds):
        places: list[Placement] = ["after", "before"] if number % 2 == 0 else ["before", "after"]
        for place in places:
            capped[place].append(run(rows, place, CAP))
    full = {place: run(rounds[0], place, None) for place in ("after", "before", "alone")}
    speed = {
        place: sum(one["requests"] for one in runs) / sum(one["seconds"] for one in runs)
        for place, runs in capped.items()
    }
    return {
        "recipes": sorted(recipe.id for recipe in recipes),
        "new_tokens_at_most": CAP,
        "requests_per_second": {place: round(value, 2) for place, value in speed.items()},
        "document_first_times_as_fast": round(speed["before"] / speed["after"], 2),
        "by_round": [
            round(before["requests_per_second"] / after["requests_per_second"], 2)
            for before, after in zip(capped["before"], capped["after"], strict=True)
        ],
        "at_full_length": full,
        "at_full_length_times_as_fast": round(
            full["before"]["requests_per_second"] / full["after"]["requests_per_second"], 2
        ),
    }
