"""Puts the texts of a corpus into their seeded order, out of core.

The order is decided on numbers alone. Then the inputs are read once, in their own order, and every text goes to the
bucket on disk that its place in the order belongs to; a bucket fits into memory, where it is sorted and written.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from include.lake import Lake
from include.parts import parts
from include.publish.pieces import INPUTS
from include.schemas import CORPUS

if TYPE_CHECKING:
    import duckdb

TABLES = {
    "heldout": "SELECT position, 0 AS copy FROM placed WHERE place = 'heldout'",
    "real": "SELECT position, 0 AS copy FROM placed WHERE origin = 'real' AND place IN ('mix', 'real_only')",
    "mix": "SELECT position, unnest(range(copies)) AS copy FROM placed WHERE place = 'mix'",
}
"""Layer to the rows it holds. The real-only arm overlaps the mix: the two are trained on apart."""
BUCKET_BYTES = 32 * 2**20
"""Text that is sorted in memory at once."""
MAX_BUCKETS = 256
"""Files open at once; buckets of larger corpora grow instead: 4 GiB for a TiB of text."""
BATCH = 4096
"""Rows taken out of a sorted bucket at once."""
BUCKETED = pa.schema(
    [CORPUS.field(name) for name in CORPUS.names if name not in ("crawl", "text")]
    # Wider offsets than the corpus needs: all texts of a bucket become one array.
    + [("text", pa.large_string()), ("rank", pa.int64()), ("shard", pa.int64())]
)


def write_tables(db: "duckdb.DuckDBPyConnection", lake: Lake, crawl: str, shard_bytes: int, fingerprint: str) -> None:
    """Write the layers of TABLES (schema CORPUS), in files of about ``shard_bytes`` of text; needs ``placed``."""
    _order(db, shard_bytes)
    with lake.scratch("corpus", crawl) as folder:
        _scatter(db, lake, crawl, folder)
        for layer in TABLES:
            with parts(lake, CORPUS, layer=layer, crawl=crawl, fingerprint=fingerprint) as table:
                shard = 0
                for bucket in sorted(folder.glob(f"{layer}-*.arrow")):
                    for number, rows in _sorted_by_shard(bucket, crawl):
                        if number != shard:
                            table.cut()
                            shard = number
                        table.write(rows)
                    bucket.unlink()


def _order(db: "duckdb.DuckDBPyConnection", shard_bytes: int) -> None:
    """Make the table ``written``: a line for each row of each layer, with its rank, its bucket and its shard."""
    rows = " UNION ALL ".join(f"SELECT *, '{layer}' AS layer FROM ({query})" for layer, query in TABLES.items())
    # The purpose is another than 'sample': by that order, what was drawn would stand at the front of the mix.
    db.execute(
        f"""
        CREATE TABLE numbered AS
        SELECT layer, position, copy, bytes,
               md5(concat_ws('/', doc_id, segment, recipe, variant, copy)) AS row_id,
               md5_number(concat_ws('/', getvariable('seed'), 'order', row_id)) AS key
        FROM ({rows}) JOIN placed USING (position)
        """
    )
    db.execute(
        """
        CREATE TABLE written AS
        SELECT layer, position, copy, row_number() OVER earlier AS rank, sum(bytes) OVER earlier - bytes AS before,
               before // $shard_bytes AS shard,
               before // greatest($bucket_bytes, (SELECT sum(bytes) FROM numbered) // $max_buckets + 1) AS bucket
        FROM numbered
        WINDOW earlier AS (PARTITION BY layer ORDER BY key ROWS UNBOUNDED PRECEDING)
        ORDER BY position
        """,
        {"shard_bytes": shard_bytes, "bucket_bytes": BUCKET_BYTES, "max_buckets": MAX_BUCKETS},
    )
    db.execute("DROP TABLE numbered")


def _scatter(db: "duckdb.DuckDBPyConnection", lake: Lake, crawl: str, folder: Path) -> None:
    """Read the inputs once; append each of their texts to the buckets it belongs to."""
    with ExitStack() as stack:
        buckets: dict[str, pa.ipc.RecordBatchStreamWriter] = {}
        first = 0
        for layer, columns in INPUTS.items():
            own = [name for name in columns if name in ("teacher", "text")]
            for rows in lake.row_groups(layer, crawl, own):
                for name, part in _destinations(db, rows, first):
                    if name not in buckets:
                        buckets[name] = stack.enter_context(pa.ipc.new_stream(str(folder / name), BUCKETED))
                    buckets[name].write_table(part)
                first += rows.num_rows


def _destinations(db: "duckdb.DuckDBPyConnection", rows: pa.Table, first: int) -> Iterator[tuple[str, pa.Table]]:
    """Some rows of an input, the first of them at position ``first``, by the name of the bucket they belong to."""
    stretch = f"position BETWEEN {first} AND {first + rows.num_rows - 1}"
    lines = db.sql(
        f"""
        SELECT w.*, p.* EXCLUDE (position), md5(concat_ws('/', doc_id, segment, recipe, variant, copy)) AS row_id,
               printf('%s-%05d.arrow', layer, w.bucket::INT) AS file
        FROM (FROM written WHERE {stretch}) AS w JOIN (FROM placed WHERE {stretch}) AS p USING (position)
        ORDER BY file
        """
    ).to_arrow_table()
    runs = pc.run_end_encode(lines["file"].combine_chunks())
    texts = {name: rows[name].combine_chunks() for name in rows.column_names}
    start = 0
    for name, end in zip(runs.values.to_pylist(), runs.run_ends.to_pylist(), strict=True):
        part = lines.slice(start, end - start)
        at = pc.subtract(part["position"], first).combine_chunks()
        columns = {name: part[name] for name in part.column_names} | {key: texts[key].take(at) for key in texts}
        columns.setdefault("teacher", pa.nulls(end - start, pa.string()))
        yield name, pa.table({field.name: columns[field.name] for field in BUCKETED}).cast(BUCKETED)
        start = end


def _sorted_by_shard(bucket: Path, crawl: str) -> Iterator[tuple[int, pa.Table]]:
    """The rows of a bucket in their order as (shard, rows of CORPUS), a few at a time."""
    with pa.OSFile(str(bucket)) as file, pa.ipc.open_stream(file) as reader:
        rows = reader.read_all().combine_chunks()
    order = pc.sort_indices(rows["rank"])
    for start in range(0, rows.num_rows, BATCH):
        batch = rows.take(order.slice(start, BATCH))
        shards = batch["shard"].to_numpy()
        batch = batch.append_column("crawl", pa.repeat(pa.scalar(crawl), batch.num_rows)).select(CORPUS.names)
        for shard in np.unique(shards).tolist():
            low, high = np.searchsorted(shards, [shard, shard + 1])
            yield shard, batch.slice(low, high - low).cast(CORPUS)
