"""Puts the parts together that generate one unit: the teacher, an engine that is kept alive, the meter, the worker."""

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from include.errors import BadInput
from include.lake import Lake
from include.rephrase.budget import Meter
from include.rephrase.engines.base import Engine
from include.rephrase.engines.start import ready_teacher, start_engine
from include.rephrase.params import RephraseParams
from include.rephrase.supervise import Supervised
from include.rephrase.teacher import Teacher
from include.rephrase.units import Unit
from include.rephrase.worker import generate_unit
from include.settings import Settings


def run_unit(
    settings: Settings,
    lake: Lake,
    crawl: str,
    unit: str,
    params: RephraseParams,
    accepted: Callable[[pa.Table], int],
) -> dict[str, Any]:
    """Generate what the store lacks of a unit of the dump's plan; arguments and errors as of ``generate_unit``.

    Raises:
        BadInput: ``unit`` is none, or the parameters name another teacher than the plan.
    """

    def start() -> Engine:
        teacher = ready_teacher(settings, params)
        _require_planned(teacher, lake, crawl)
        engine = params.engine_for(teacher.name)
        return Supervised(lambda: start_engine(settings, params, teacher), engine.max_restarts)

    return generate_unit(lake, crawl, Unit.parse(unit), params, start, Meter(lake, crawl, unit, params), accepted)


def _require_planned(teacher: Teacher, lake: Lake, crawl: str) -> None:
    """What another teacher writes would be stored under the keys of the planned one."""
    plan = pq.ParquetFile(lake.files("requests", crawl)[0])
    row = next(plan.iter_batches(1, columns=["teacher", "teacher_revision"])).to_pylist()[0]
    if (teacher.name, teacher.revision) != (row["teacher"], row["teacher_revision"]):
        raise BadInput(
            f"The plan of {crawl} is for teacher {row['teacher']} (revision {row['teacher_revision']}), but the "
            f"parameters name {teacher.name} (revision {teacher.revision}). Plan again, or name the planned one in "
            "rephrase.teacher and rephrase.teacher_revision."
        )
