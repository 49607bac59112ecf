"""Applies every row check to generations and names the one that decided."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from include.params import GateParams
from include.schemas import CHECK, JUDGED, VERDICT
from include.validate.checks import CHECKS
from include.validate.rows import Rows

BATCH = 4096
"""Rows measured together: bounds the memory for words and n-grams (about 50 MB at 1 kB a text)."""


def judge(generations: pa.Table, params: GateParams, languages: list[str]) -> tuple[pa.Table, pa.Table]:
    """Verdicts (VERDICT) and the judged rows (JUDGED, accepted or not) of ``generations``, row by row in their order.

    Args:
        languages: ISO 639-1 codes that an output may be in; empty allows every language.

    Raises:
        BadInput: a generation names a recipe that does not exist any more.
    """
    verdicts, judged = [VERDICT.empty_table()], [JUDGED.empty_table()]
    for start in range(0, generations.num_rows, BATCH):
        batch = generations.slice(start, BATCH)
        rows = Rows(batch, params, languages)
        verdict = _verdicts(batch, rows)
        verdicts.append(verdict)
        columns = [*batch.columns, rows.text, verdict["reason"]]
        judged.append(pa.Table.from_arrays(columns, names=JUDGED.names).cast(JUDGED))
    return pa.concat_tables(verdicts), pa.concat_tables(judged)


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
        **{name: batch[name] for name in ("generation_key", "doc_id", "segment", "recipe")},
        "accepted": pa.array(accepted),
        "reason": names.take(decisive),
        "checks": pa.ListArray.from_arrays(offsets, checks),
    }
    return pa.table(columns).cast(VERDICT)


def count_words(texts: pa.ChunkedArray) -> int:
    """Words of all texts together, split at white space."""
    return int(pc.sum(pc.list_value_length(pc.utf8_split_whitespace(texts))).as_py() or 0)
