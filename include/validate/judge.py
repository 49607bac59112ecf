"""Applies every row check to generations and names the one that decided."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from include.params import GateParams
from include.schemas import CHECK, GENERATION, IDENTITY, JUDGED, VERDICT
from include.validate.checks import CHECKS
from include.validate.rows import Rows


def judge(generations: pa.Table, params: GateParams, languages: list[str]) -> tuple[pa.Table, pa.Table]:
    """Verdicts (VERDICT) and the judged rows (JUDGED, accepted or not) of ``generations``, row by row in their order.

    Args:
        generations: a batch: its words are held in memory together, about six times the bytes of its texts.
        languages: ISO 639-1 codes that an output may be in; empty allows every language.

    Raises:
        BadInput: a generation names a recipe that does not exist any more.
    """
    rows = Rows(generations, params, languages)
    verdicts = _verdicts(generations, rows)
    columns = [*generations.select(GENERATION.names).columns, rows.published, verdicts["reason"]]
    return verdicts, pa.Table.from_arrays(columns, names=JUDGED.names).cast(JUDGED)


def count_accepted(generations: pa.Table, params: GateParams, languages: list[str]) -> int:
    """How many of a batch's rows (GENERATION) the gate will accept: what a worker tells while it generates."""
    verdicts = _verdicts(generations, Rows(generations, params, languages))
    return pc.sum(verdicts["accepted"]).as_py() or 0


def _verdicts(batch: pa.Table, rows: Rows) -> pa.Table:
    measured = [check(rows) for check in CHECKS]
    values = np.stack([value for value, _ in measured], axis=1)
    passed = np.stack([verdict for _, verdict in measured], axis=1)
    names = pa.array([check.name for check in CHECKS])
    row_count, check_count = passed.shape
    checks = pa.StructArray.from_arrays(
        [names.take(pa.array(np.tile(np.arange(check_count), row_count))), pa.array(values.ravel()), passed.ravel()],
        fields=list(CHECK),
    )
    offsets = pa.array(np.arange(row_count + 1) * check_count, pa.int32())
    accepted = passed.all(axis=1)
    decisive = pa.array(np.argmin(passed, axis=1), mask=accepted)
    columns = {
        **{name: batch[name] for name in ("generation_key", *IDENTITY)},
        "accepted": pa.array(accepted),
        "reason": names.take(decisive),
        "checks": pa.ListArray.from_arrays(offsets, checks),
    }
    return pa.table(columns).select(VERDICT.names).cast(VERDICT)
