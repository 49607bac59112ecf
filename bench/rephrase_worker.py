"""The worker beside the bare engine, in turns, over documents that are new to both; and what it then says of its work.

Both engines are warm, run with the same settings on this machine, and have seen the same prompts before, so that their
prefix caches are alike. The worker's time is that of the whole path: plan read, chains replayed, engine's process fed,
results committed to the store, texts judged, progress written.
"""

import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from bench.rephrase_engines import Lent, RawEngine
from bench.rephrase_texts import CRAWL, write_documents
from include.lake import Lake
from include.params import Params
from include.rephrase.budget import Meter
from include.rephrase.chain import advance, planned_recipe
from include.rephrase.collect import collect_generations
from include.rephrase.engines.base import Engine, Request
from include.rephrase.plan import plan_requests
from include.rephrase.teacher import Teacher
from include.rephrase.units import Unit, cut_units
from include.rephrase.worker import generate_unit
from include.validate.judge import count_accepted

UNITS = 2


def planned(folder: Path, texts: list[str], params: Params, teacher: Teacher) -> Lake:
    """A lake with a plan for these documents."""
    lake = Lake(folder)
    write_documents(lake, texts)
    plan_requests(lake, CRAWL, params.rephrase, teacher, "bench")
    return lake


def plan_rows(lake: Lake) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = lake.read("requests", CRAWL).to_pylist()
    return rows


def first_requests(lake: Lake) -> list[Request]:
    return [advance(row, planned_recipe(row["recipe"], row["recipe_hash"]), {}).ready[0] for row in plan_rows(lake)]


def run_worker(lake: Lake, engine: Engine, params: Params) -> dict[str, Any]:
    """``tokens``, ``seconds``, ``accepted`` of the whole plan as one unit."""
    unit = Unit(0, len(plan_rows(lake)))
    meter = Meter(lake, CRAWL, str(unit), params.rephrase)
    began = time.perf_counter()
    made = generate_unit(
        lake, CRAWL, unit, params.rephrase, lambda: Lent(engine), meter,
        lambda texts: count_accepted(texts, params.gate, params.ingest.languages),
    )  # fmt: skip
    seconds = time.perf_counter() - began
    return {"requests": made["generated"], "tokens": made["tokens"], "seconds": seconds, "accepted": made["accepted"]}


def compare_with_raw(raw: RawEngine, engine: Engine, lakes: list[Lake], params: Params) -> dict[str, Any]:
    """Output tokens/s of both over every lake's plan; who begins changes from round to round."""
    rounds = []
    for number, lake in enumerate(lakes):
        runs = {
            "raw": lambda lake=lake: raw.run(first_requests(lake)),
            "worker": lambda lake=lake: run_worker(lake, engine, params),
        }
        order = list(runs) if number % 2 == 0 else list(reversed(runs))
        rounds.append({name: runs[name]() for name in order})
    rate = {
        name: sum(one[name]["tokens"] for one in rounds) / sum(one[name]["seconds"] for one in rounds)
        for name in ("raw", "worker")
    }
    return {
        "requests": sum(one["worker"]["requests"] for one in rounds),
        "tokens": {name: sum(one[name]["tokens"] for one in rounds) for name in ("raw", "worker")},
        "tokens_per_second": {name: round(value, 1) for name, value in rate.items()},
        "worker_to_raw": round(rate["worker"] / rate["raw"], 3),
        "by_round": [
            round(one["worker"]["tokens"] / one["worker"]["seconds"] / one["raw"]["tokens"] * one["raw"]["seconds"], 3)
            for one in rounds
        ],
        "accepted_share": round(
            sum(one["worker"]["accepted"] for one in rounds) / sum(one["worker"]["requests"] for one in rounds), 3
        ),
    }


def rerun(lake: Lake, params: Params) -> float:
    """Seconds of generating again what is all there."""

    def no_engine() -> Engine:
        raise AssertionError("a rerun over an unchanged dump must start no engine")

    (unit,) = cut_units(lake, CRAWL, 1)
    began = time.perf_counter()
    generate_unit(lake, CRAWL, unit, params.rephrase, no_engine, Meter(lake, CRAWL, str(unit), params.rephrase), len)
    return round(time.perf_counter() - began, 2)


def predictions(lakes: list[Lake], units: list[list[Unit]]) -> dict[str, Any]:
    """Output tokens as the plan predicted them and as they were, by recipe and by unit, over all lakes.

    ``units`` are those that each plan was cut into before anything was generated.
    """
    by_recipe: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    by_unit = [[0, 0] for _ in range(UNITS)]
    for lake, cut in zip(lakes, units, strict=True):
        collect_generations(lake, CRAWL)
        made: defaultdict[tuple[str, int, str], int] = defaultdict(int)
        for text in lake.read("generations", CRAWL).to_pylist():
            made[text["doc_id"], text["segment"], text["recipe"]] += text["completion_tokens"]
        for position, row in enumerate(plan_rows(lake)):
            number = next(number for number, unit in enumerate(cut) if unit.start <= position < unit.stop)
            for sums in (by_recipe[row["recipe"]], by_unit[number]):
                sums[0] += row["predicted_tokens"]
                sums[1] += made[row["doc_id"], row["segment"], row["recipe"]]

    def told(sums: list[int]) -> dict[str, float]:
        predicted, measured = sums
        return {"predicted": predicted, "measured": measured, "measured_to_predicted": round(measured / predicted, 2)}

    return {
        "by_recipe": {recipe: told(sums) for recipe, sums in sorted(by_recipe.items())},
        "by_unit": [told(sums) for sums in by_unit],
        "largest_unit_to_mean": {
            name: round(UNITS * max(column) / sum(column), 3)
            for name, column in zip(("predicted", "measured"), zip(*by_unit, strict=True), strict=True)
        },
    }
