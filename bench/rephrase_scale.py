"""Memory and time of planning, generating and collecting at 1, 4 and 16 times the documents, without a model.

Every step is a process of its own, so that its peak is its own (``python -m bench.rephrase_scale STEP LAKE``); the
engine is the scripted one, within the worker. ``python -m bench.rephrase_scale [<folder of html_gold>]`` runs all steps
and writes ``bench/results/rephrase_scale.json``; ``make bench-rephrase`` does that, too.
"""

import json
import math
import subprocess
import sys
import time
from itertools import islice, product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.rephrase_texts import CRAWL, load_texts, write_documents
from include.lake import Lake
from include.params import load_params
from include.rephrase.budget import Meter
from include.rephrase.collect import collect_generations
from include.rephrase.engines.base import Engine
from include.rephrase.engines.scripted import ScriptedEngine
from include.rephrase.engines.start import ready_teacher
from include.rephrase.plan import plan_requests
from include.rephrase.teacher import find_teacher
from include.rephrase.units import cut_units
from include.rephrase.worker import generate_unit
from include.settings import PROJECT, settings
from include.validate.judge import count_accepted

DOCUMENTS, TIMES = 1250, (1, 4, 16)
"""Of one segment each: with four recipes 5,000, 20,000 and 80,000 chains. With fewer, the smallest plan would not fill
one row group (4,096 rows), and the peak would grow until it does."""
CHARACTERS = 600
RESULT = PROJECT / "bench" / "results" / "rephrase_scale.json"
OVERRIDES = {"rephrase": {"recipes": ["easy", "medium", "hard", "qa"], "engine": {"kind": "scripted"}}}


def run_step(step: str, lake: Lake) -> None:
    params = load_params((PROJECT / "params.yaml",), OVERRIDES)
    rephrase = params.rephrase
    if step == "plan":
        teacher = find_teacher(settings(), rephrase.teacher)
        assert teacher is not None, "main asks for it before"
        plan_requests(lake, CRAWL, rephrase, teacher, "bench")
    elif step in ("generate", "rerun"):
        (unit,) = cut_units(lake, CRAWL, 1)
        start = ScriptedEngine if step == "generate" else no_engine
        with Meter(lake, CRAWL, str(unit), rephrase) as meter:
            generate_unit(
                lake, CRAWL, unit, rephrase, start, meter,
                lambda texts: count_accepted(texts, params.gate, params.ingest.languages),
            )  # fmt: skip
    else:
        collect_generations(lake, CRAWL)


def no_engine() -> Engine:
    raise AssertionError("a rerun over an unchanged dump must start no engine")


def one_step(step: str, lake: Lake) -> None:
    began = time.perf_counter()
    run_step(step, lake)
    seconds = time.perf_counter() - began
    status = Path("/proc/self/status").read_text().splitlines()
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    print(json.dumps({"seconds": round(seconds, 2), "peak_mib": round(peak / 1024)}))


def measure_scale(texts: list[str]) -> dict[str, Any]:
    """Seconds and peak of every step at every size; growth of the peak and exponent of the time, from 1x to 16x."""
    by_step: dict[str, dict[str, Any]] = {step: {} for step in ("plan", "generate", "rerun", "collect")}
    for times in TIMES:
        with TemporaryDirectory() as scratch:
            # Numbered, so that no document is a copy of another: a key that is in the store is not made again.
            many = (f"{text} Number {number}." for number, text in product(range(10**6), texts))
            write_documents(Lake(Path(scratch)), list(islice(many, DOCUMENTS * times)))
            for step, sizes in by_step.items():
                sizes[f"{times}x"] = _in_a_process(step, scratch)
    smallest, middle, largest = (f"{times}x" for times in TIMES)
    summary = {
        step: {
            "growth_of_peak": round(sizes[largest]["peak_mib"] / sizes[smallest]["peak_mib"], 3),
            "time_exponent": round(math.log(sizes[largest]["seconds"] / sizes[middle]["seconds"], 4), 3),
        }
        for step, sizes in by_step.items()
    }
    chains = {f"{times}x": len(OVERRIDES["rephrase"]["recipes"]) * DOCUMENTS * times for times in TIMES}
    return {"chains": chains, "steps": by_step, "from_1x_to_16x": summary}


def _in_a_process(step: str, lake: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.rephrase_scale", step, lake],
        cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        sys.exit(f"{step} failed:\n{done.stderr[-3000:]}")
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return measured


def main(pages: Path | None) -> None:
    ready_teacher(settings(), load_params((PROJECT / "params.yaml",)).rephrase)
    result = measure_scale(load_texts(pages, CHARACTERS))
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))
    for step, growth in result["from_1x_to_16x"].items():
        print(
            f"{step}, 16 times the documents: {growth['growth_of_peak']} times the memory (goal: at most 1.1), time "
            f"exponent {growth['time_exponent']} (goal: at most 1.05)"
        )


if __name__ == "__main__":
    if len(sys.argv) == 3:
        one_step(sys.argv[1], Lake(Path(sys.argv[2])))
    else:
        main(Path(sys.argv[1]) if len(sys.argv) == 2 else None)
