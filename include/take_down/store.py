"""Takes results out of the store that no page which stays asks for.

A chain belongs to its first prompt. Pages that share the text of that prompt share the chain: it stays as long as one
of them stays. A chain that no plan knows goes, too: nobody can say that it is not made of the pages. Every plan is
written down (table ``planned``), so that this concerns only chains of earlier versions of this project.
"""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from include.lake import Lake
from include.rephrase.store import Store
from include.take_down.tables import tables


def remove_results(lake: Lake) -> int:
    """Remove the results of chains that no page in the lake asks for; returns how many.

    A chunk is replaced by what stays of it, before it goes: killed in between, the next call removes it.
    """
    store = Store(lake)
    removed = 0
    for file, roots, count in _unasked(lake):
        results = pq.read_table(file)
        goes = pc.is_in(results["root"], value_set=pa.array(roots, pa.string()))
        if count < results.num_rows:
            store.commit(results.filter(pc.invert(goes)), Path(file).parent.name)
        Path(file).unlink()
        removed += count
    return removed


def count_unasked(lake: Lake) -> int:
    """Results of chains that no page in the lake asks for."""
    return sum(count for *_, count in _unasked(lake))


def _unasked(lake: Lake) -> list[tuple[str, list[str], int]]:
    """(chunk, roots, results) of what nobody asks for."""
    with Store(lake).query() as query:
        query.execute("CREATE TABLE asked (root VARCHAR)")
        for layer, root in (
            ("planned", "generation_key"),
            ("requests", "generation_key"),
            ("generations", "made_of[1]"),
        ):
            files = [str(file) for table in tables(lake) if table.layer == layer for file in lake.files(*table)]
            if files:
                query.execute(f"INSERT INTO asked SELECT DISTINCT {root} FROM read_parquet(?)", [files])
        found: list[tuple[str, list[str], int]] = query.execute(
            "SELECT chunk, list(DISTINCT root), count(*) FROM result ANTI JOIN asked USING (root) GROUP BY chunk"
        ).fetchall()
    return found
