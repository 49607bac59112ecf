"""Rephrasing measured: the worker beside the bare engine, where the document stands, predictions, a rerun.

Run by ``make bench-rephrase [PAGES=<folder of html_gold>] [ARGS=...]``; without PAGES the documents are those of the
sample dump. Results go to ``bench/results/rephrase.json`` (on a GPU: ``rephrase_<its name>.json``). The engine is set
as everywhere: ``--set rephrase.engine.max_num_seqs=256``, ``--set rephrase.teacher=org/model``.
"""

import argparse
import json
import logging
import re
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.rephrase_engines import RawEngine
from bench.rephrase_placement import compare_placements
from bench.rephrase_texts import CHARACTERS, CRAWL, load_texts
from bench.rephrase_worker import (
    UNITS,
    compare_with_raw,
    first_requests,
    plan_rows,
    planned,
    predictions,
    rerun,
    run_worker,
)
from include.cli import parse_overrides
from include.errors import BadInput
from include.params import Params, load_params
from include.recipes.registry import load_recipe
from include.rephrase.autotune.device import device_name
from include.rephrase.engines.start import ready_teacher, start_engine
from include.rephrase.teacher import Teacher
from include.rephrase.units import cut_units
from include.settings import PROJECT, settings
from include.validate.judge import judge

RESULTS = PROJECT / "bench" / "results"
RECIPES = ["easy", "medium", "hard", "qa"]
"""WRAP's: of one request each, so that the bare engine can be asked for the same."""
SPARE = 20
"""Tokens that a text may have more when its sentences are counted one by one."""
WARM_UP = 4
"""Documents that both engines generate before anything is timed."""


def main(texts: list[str], documents: int, rounds: int, overrides: dict[str, Any]) -> None:
    params = load_params((PROJECT / "params.yaml",), overrides)
    teacher = ready_teacher(settings(), params.rephrase)
    texts = of_one_segment(texts, teacher)
    needed = WARM_UP + rounds * documents
    if len(texts) < needed:
        raise SystemExit(f"{needed} documents are needed and {len(texts)} are there: lower --documents or --rounds.")
    device = device_name()
    result: dict[str, Any] = {
        "device": device,
        "teacher": teacher.name,
        "engine": params.rephrase.engine_for(teacher.name).model_dump(),
        "documents": documents * rounds,
        "characters_per_document": CHARACTERS,
        **measure(texts, documents, rounds, params, teacher),
    }
    RESULTS.mkdir(exist_ok=True)
    name = "rephrase" if " cores of " in device else re.sub(r"\W+", "_", f"rephrase_{device}").lower()
    (RESULTS / f"{name}.json").write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))
    worker, placement = result["worker"], result["placement"]
    shares = {place: f"{run['accepted_share']:.0%}" for place, run in placement["at_full_length"].items()}
    print(f"worker / bare vLLM, output tokens/s: {worker['worker_to_raw']} (goal: at least 0.95)")
    print(
        f"document first / instruction first, requests/s: {placement['document_first_times_as_fast']} (goal: at least "
        f"1.5); accepted: {shares['before']} / {shares['after']}, with the document alone {shares['alone']}"
    )
    print(f"rerun over what is all there: {result['rerun_seconds']} s, no engine was started")


def of_one_segment(texts: list[str], teacher: Teacher) -> list[str]:
    """Those that no recipe cuts in two: halves would have half the prefix to share."""
    limit = min(load_recipe(recipe).segment.max_tokens for recipe in RECIPES) - SPARE
    return [text for text, tokens in zip(texts, teacher.count_tokens()(texts), strict=True) if tokens <= limit]


def measure(texts: list[str], documents: int, rounds: int, params: Params, teacher: Teacher) -> dict[str, Any]:
    def accepts(generations: Any) -> list[bool]:
        verdicts, _ = judge(generations, params.gate, params.ingest.languages)
        accepted: list[bool] = verdicts.column("accepted").to_pylist()
        return accepted

    with TemporaryDirectory() as scratch:
        parts = [texts[:WARM_UP]] + [texts[WARM_UP:][n * documents : (n + 1) * documents] for n in range(rounds)]
        warm_up, *lakes = [planned(Path(scratch, str(n)), part, params, teacher) for n, part in enumerate(parts)]
        units = [cut_units(lake, CRAWL, UNITS) for lake in lakes]
        with closing(start_engine(settings(), params.rephrase, teacher)) as engine:
            with RawEngine(settings(), teacher, params.rephrase.engine_for(teacher.name)) as raw:
                raw.run(first_requests(warm_up))
                run_worker(warm_up, engine, params)
                result = {"vllm": raw.version, "worker": compare_with_raw(raw, engine, lakes, params)}
            rows = [plan_rows(lake) for lake in lakes]
            recipes = [load_recipe(recipe) for recipe in RECIPES]
            result["placement"] = compare_placements(engine, rows, recipes, accepts)
        result["rerun_seconds"] = rerun(lakes[0], params)
        result["prediction"] = predictions(lakes, units)
    return result


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=Path, help="folder of html_gold, instead of the sample dump")
    parser.add_argument("--documents", type=int, default=24, help="of a round (default: 24)")
    parser.add_argument("--rounds", type=int, default=2, help="of both sides in turns (default: 2)")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a parameter")
    return parser.parse_args()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s", datefmt="%H:%M:%S")
    given = read_arguments()
    own = [f"rephrase.recipes={json.dumps(RECIPES)}", *given.set]
    try:
        main(load_texts(given.pages), given.documents, given.rounds, parse_overrides(own))
    except BadInput as error:
        raise SystemExit(f"error: {error}") from None
