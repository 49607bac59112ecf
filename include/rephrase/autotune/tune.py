"""The command ``autotune``: tries engine settings on a dump's own prompts and writes the best into the params."""

import json
import logging
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from include.errors import BadInput
from include.lake import Lake, write_atomically
from include.rephrase.autotune.device import device_name
from include.rephrase.autotune.known import KnownTrials
from include.rephrase.autotune.params_file import write_model_settings
from include.rephrase.autotune.sample import sample_plan
from include.rephrase.autotune.sweep import Sweep
from include.rephrase.autotune.trial import Judge, Start, run_trial
from include.rephrase.engines.params import EngineParams
from include.rephrase.params import RephraseParams

log = logging.getLogger("rewrap.autotune")

VERSION = "1"


def autotune(
    lake: Lake,
    crawl: str,
    params: RephraseParams,
    start: Start,
    judge: Judge,
    draw: Callable[[Path], None],
    params_file: Path,
    again: bool = False,
) -> dict[str, Any]:
    """Sweep the settings of ``params.autotune`` for the teacher of the dump's plan; write the best to ``params_file``.

    The sweep begins with the settings of ``params`` without those that were tuned before. The report goes to
    ``autotune/<teacher>/report.json`` of the lake. The trials are kept beside it: a sweep that was ended goes on where
    it stopped, and one that was finished costs nothing when it is asked for again.

    Args:
        draw: makes a picture of the report (its path is given), beside it.
        again: measure anew what was measured before (when another version of vLLM has been installed).

    Raises:
        BadInput: the dump has no plan, the engine is not one of our own, or the params file cannot be changed.
        RewrapError: the engine does not work with the settings as they are.
    """
    sample = sample_plan(lake, crawl, params.autotune.chains)
    teacher, revision = (sample.column(name)[0].as_py() for name in ("teacher", "teacher_revision"))
    if teacher != params.teacher:
        raise BadInput(
            f"The plan of {crawl} is for teacher {teacher}, but rephrase.teacher is {params.teacher}. Plan again, or "
            "name the planned one."
        )
    base = _base(params, teacher)
    folder = lake.path("autotune", "".join(c if c.isalnum() or c in "-_." else "-" for c in teacher).strip("-."))
    device = device_name()
    log.info("tuning the engine of %s with %d chains of %s on %s", teacher, sample.num_rows, crawl, device)

    made_from = [VERSION, device, teacher, revision, sample.column("generation_key").to_pylist()]
    trials = KnownTrials(
        folder / "trials.json", made_from, lambda engine: run_trial(sample, params, engine, start, judge), again
    )
    search = Sweep(base, params.autotune, sample.num_rows, trials.measure)
    best = search.run().model_dump(include=set(params.autotune.grid))
    if trials.made == 0:
        log.info("all trials were made before: nothing was measured anew")
    # What is as in 'engine' need not be said, unless an earlier tuning said something else.
    general, own = params.engine.model_dump(), params.models.get(teacher, {})
    settings = {name: value for name, value in best.items() if value != general[name] or name in own}
    written = write_model_settings(params_file, teacher, settings)
    log.info("the best settings for %s %s %s", teacher, "are now in" if written else "stand already in", params_file)
    report = {
        "teacher": teacher,
        "teacher_revision": revision,
        "device": device,
        "crawl": crawl,
        "chains": sample.num_rows,
        "chains_by_recipe": dict(sorted(Counter(sample.column("recipe").to_pylist()).items())),
        "best": best,
        "gain": round(search.gain, 4),
        "params_file": str(params_file),
        "trials": [trial.report() for trial in search.trials],
        "not_tried": search.not_tried,
    }
    write_atomically(folder / "report.json", json.dumps(report, indent=1).encode())
    draw(folder / "report.json")
    return report


def _base(params: RephraseParams, teacher: str) -> EngineParams:
    """The settings as they are, without what an earlier tuning wrote."""
    if params.engine.kind == "endpoint":
        raise BadInput(
            "rephrase.engine.kind is 'endpoint': its servers are started, and tuned, by whoever runs them. Set it to "
            "'vllm' to tune an engine of your own."
        )
    own = {name: value for name, value in params.models.get(teacher, {}).items() if name not in params.autotune.grid}
    return EngineParams.model_validate(params.engine.model_dump() | own)
