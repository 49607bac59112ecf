"""One trial: a fresh engine generates the sample through the whole path of the worker."""

import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa

from include.errors import RewrapError
from include.lake import Lake
from include.rephrase.autotune.measured import Measured
from include.rephrase.budget import Meter
from include.rephrase.cost_params import BudgetParams
from include.rephrase.engines.base import Engine
from include.rephrase.engines.params import EngineParams
from include.rephrase.params import RephraseParams
from include.rephrase.units import Unit
from include.rephrase.worker import generate_unit

Start = Callable[[EngineParams], Engine]
"""Starts an engine of its own with these settings, which ends when it dies. Raises RewrapError."""
Judge = Callable[[pa.Table], list[bool]]
"""For each of these rows (GENERATION), whether the row checks accept it."""


def run_trial(sample: pa.Table, params: RephraseParams, engine: EngineParams, start: Start, judge: Judge) -> Measured:
    """Generate ``sample`` (REQUEST) with these settings and judge the texts.

    In a lake of its own, which is then thrown away. What is generated does not go into the store: the plan's keys are
    of the teacher as it is planned, also where a trial quantises it; the next trial must not find it; and a sample is
    a vanishing share of a dump.

    Raises:
        RewrapError: the engine does not start, or does not finish, with these settings.
    """
    crawl = sample.column("crawl")[0].as_py()
    params = params.model_copy(update={"engine": engine, "models": {}, "budget": BudgetParams()})
    texts = _Judged(judge)
    with TemporaryDirectory(prefix="rewrap-autotune-") as scratch:
        lake = Lake(Path(scratch))
        lake.write(sample, layer="requests", crawl=crawl, fingerprint="autotune")
        unit = Unit(0, sample.num_rows)
        began = time.monotonic()
        warm = start(engine)
        started = time.monotonic()
        try:
            meter = Meter(lake, crawl, str(unit), params)
            made = generate_unit(lake, crawl, unit, params, lambda: warm, meter, texts.accepted)
            ended = time.monotonic()
        finally:
            warm.close()
    if made["failed"] == made["generated"]:
        raise RewrapError(f"every request failed, the first one so: {texts.first_error}")
    return Measured(
        engine=f"{warm.name} {warm.version}",
        start_seconds=round(started - began, 1),
        seconds=round(ended - started, 4),
        tokens=made["tokens"],
        texts=made["texts"],
        accepted=made["accepted"],
        accepted_tokens=texts.accepted_tokens,
        gpus=engine.tensor_parallel_size,
    )


class _Judged:
    """What the worker hands over for judging, added up."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self.accepted_tokens = 0
        self.first_error: str | None = None

    def accepted(self, texts: pa.Table) -> int:
        verdicts = self._judge(texts)
        tokens = texts.column("completion_tokens").to_pylist()
        self.accepted_tokens += sum(count for count, accepted in zip(tokens, verdicts, strict=True) if accepted)
        errors = (error for error in texts.column("error").to_pylist() if error is not None)
        self.first_error = self.first_error or next(errors, None)
        return sum(verdicts)
