"""Applies every row check to generations and names the one that decided."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from include.schemas import CHECK, GENERATION, IDENTITY, JUDGED, VERDICT
from include.validate.checks import CHECKS
from include.validate.gate_params import GateParams
from include.validate.rows import Rows


def judge(
    generations: pa.Table, params: GateParams, languages: list[str], semantics: pa.Table | None = None
) -> tuple[pa.Table, pa.Table]:
    """Verdicts (VERDICT) and the judged rows (JUDGED, accepted or not) of ``generations``, row by row in their order.

    Args:
        generations: a batch: its words are held in memory together, about six times the bytes of its texts.
        languages: ISO 639-1 codes that an output may be in; empty allows every language.
        semantics: what embeddings tell of each row (SEMANTICS); without it the checks that need it are left out.

    Raises:
        BadInput: a generation names a recipe that does not exist any more.
    """
    rows = Rows(generations, params, languages, semantics)
    verdicts = verdicts_of(generations, rows)
    columns = [*generations.select(GENERATION.names).columns, rows.published, verdicts["reason"]]
    return verdicts, pa.Table.from_arrays(columns, names=JUDGED.names).cast(JUDGED)


def count_accepted(generations: pa.Table, params: GateParams, languages: list[str]) -> int:
    """How many of a batch's rows (GENERATION) the gate will accept: what a worker tells while it generates."""
    verdicts = verdicts_of(generations, Rows(generations, params, languages))
    return pc.sum(verdicts["accepted"]).as_py() or 0


def verdicts_of(batch: pa.Table, rows: Rows) -> pa.Table:
    """One row (VERDICT) for each of ``rows``, which were made of ``batch``."""
    checks_here = [check for check in CHECKS if rows.semantics is not None or not check.needs_semantics]
    measured = [check(rows) for check in checks_here]
    values = np.stack([value for value, _ in measured], axis=1)
    passed = np.stack([verdict for _, verdict in measured], axis=1)
    names = pa.array([check.name for check in checks_here])
    row_count, check_count = passed.shape
    of_row = names.take(pa.array(np.tile(np.arange(check_count), row_count)))
    known = pa.array(values.ravel(), from_pandas=True)  # null where a check could not measure
    checks = pa.StructArray.from_arrays([of_row, known, passed.ravel()], fields=list(CHECK))
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
