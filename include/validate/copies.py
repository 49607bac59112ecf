"""Near-duplicates among a dump's outputs: MinHash signatures, bands joined in DuckDB, and which copy stays.

The copy with the smallest identity (document, segment, recipe, variant) stays, whatever recipe or page the others are
of. A row goes if it resembles one that stays: resembling is not passed on from row to row, so that no chain of small
differences carries a different text away.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from include.ingest.dedup.settings import DedupParams
from include.ingest.dedup.signatures import OFFSET, PRIME, mixed, signatures
from include.lake import Lake
from include.schemas import IDENTITY, VERDICT

if TYPE_CHECKING:
    import duckdb

BANDS, BAND_ROWS = 16, 6
"""A pair of Jaccard similarity s is compared with probability ``1 - (1 - s**6)**16``: 86 % at 0.7, 99.3 % at 0.8. Lower
than ingest's: here each pair found is measured by all its hashes before anything is dropped."""
ROUNDS = 12
"""Looks at a bucket whose first members turned out to be different texts; what is then still unsettled stays."""
_MINIMA = DedupParams(bands=BANDS * BAND_ROWS, band_rows=1)
_BAND_NAMES = [f"band_{band:02d}" for band in range(BANDS)]
AT_ONCE = 10_000

SIGNED = pa.schema(
    [
        ("position", pa.int64()),  # among the dump's generations
        *((name, VERDICT.field(name).type) for name in IDENTITY),
        *((name, pa.uint64()) for name in _BAND_NAMES),
        ("minima", pa.binary(2 * BANDS * BAND_ROWS)),  # 16 bits of each minimum
    ]
)


def sign(positions: NDArray[np.int64], rows: pa.Table, texts: pa.Array) -> pa.Table:
    """Signatures (SIGNED) of texts that have words; ``rows`` has their identities."""
    found = signatures(texts, _MINIMA)
    minima = np.stack([column.fill_null(0).to_numpy() for column in found.columns])  # (hashes, texts)
    bands = np.full((BANDS, len(texts)), OFFSET, dtype=np.uint64)
    for row in range(BAND_ROWS):
        bands = (bands ^ minima[row::BAND_ROWS]) * np.uint64(PRIME)
    short = np.ascontiguousarray(minima.T.astype(np.uint16))
    packed = pa.Array.from_buffers(pa.binary(short.itemsize * len(minima)), len(texts), [None, pa.py_buffer(short)])
    columns = [pa.array(positions), *(rows[name] for name in IDENTITY), *map(pa.array, mixed(bands)), packed]
    return pa.table(columns, schema=SIGNED)


_TABLES = """
    CREATE TABLE buckets (band UTINYINT, key UBIGINT, position BIGINT);
    CREATE TABLE compared (position BIGINT, similarity DOUBLE, copy BOOLEAN)
"""
_BUCKETS = """
    INSERT INTO buckets SELECT {band}, {name}, position FROM signed
    SEMI JOIN (SELECT {name} FROM signed GROUP BY {name} HAVING count(*) > 1) AS shared USING ({name})
"""
_OPEN = """
    CREATE TABLE touched AS
    SELECT row_number() OVER (ORDER BY doc_id, segment, recipe, variant) AS place, position, recipe, minima
    FROM signed SEMI JOIN buckets USING (position);
    CREATE TABLE open AS SELECT band, key, place FROM buckets JOIN touched USING (position);
    DROP TABLE buckets
"""
# Nothing before a leader shares a bucket with it, and all that share one with it are compared with it in this round.
_ROUND = """
    CREATE OR REPLACE TABLE pairs AS
    WITH heads AS (SELECT band, key, min(place) AS head FROM open GROUP BY band, key HAVING count(*) > 1)
    SELECT DISTINCT place, head FROM open JOIN heads USING (band, key) WHERE place > head;
    CREATE OR REPLACE TABLE leaders AS
    SELECT DISTINCT head AS place FROM pairs ANTI JOIN pairs AS other ON other.place = pairs.head;
    CREATE OR REPLACE TABLE dropped (place BIGINT)
"""
_COMPARED = """
    SELECT one.position, one.place, one.recipe, one.minima AS one, other.minima AS other
    FROM pairs JOIN leaders ON leaders.place = head
    JOIN touched AS one ON one.place = pairs.place JOIN touched AS other ON other.place = head
"""
_SETTLE = "DELETE FROM open WHERE place IN (SELECT place FROM leaders UNION ALL SELECT place FROM dropped)"
_RESULT = """
    SELECT position, max(similarity) AS similarity, bool_or(copy) AS copy FROM compared
    GROUP BY position ORDER BY position
"""
IsCopy = Callable[[pa.Array, NDArray[np.float64]], NDArray[np.bool_]]
"""From recipes and similarities to whether rows go."""


def find_copies(lake: Lake, crawl: str, layer: str, is_copy: IsCopy) -> pa.Table:
    """Of each row of the signed table ``layer`` that shares a band with another: ``position`` (ascending), the highest
    estimated Jaccard ``similarity`` with a row that stays, and whether it is a ``copy`` of one."""
    with lake.query() as db:
        db.read_parquet([str(file) for file in lake.files(layer, crawl)]).create_view("signed")
        db.execute(_TABLES)
        for band, name in enumerate(_BAND_NAMES):
            db.execute(_BUCKETS.format(band=band, name=name))
        db.execute(_OPEN)
        for _ in range(ROUNDS):
            db.execute(_ROUND)
            if not _compare(db, is_copy):
                break
        return db.sql(_RESULT).to_arrow_table()


def _compare(db: "duckdb.DuckDBPyConnection", is_copy: IsCopy) -> bool:
    """Compare this round's pairs with their leaders; whether there were any."""
    some = False
    for batch in db.cursor().sql(_COMPARED).to_arrow_reader(AT_ONCE):
        some = some or len(batch) > 0
        similarity = _similarity(batch["one"], batch["other"])
        columns = {name: batch[name] for name in ("position", "place")}
        found = pa.table({**columns, "similarity": similarity, "copy": is_copy(batch["recipe"], similarity)})
        db.register("found", found)
        db.execute("INSERT INTO compared SELECT position, similarity, copy FROM found")
        db.execute("INSERT INTO dropped SELECT place FROM found WHERE copy")
    db.execute(_SETTLE)
    return some


def _similarity(one: pa.Array, other: pa.Array) -> NDArray[np.float64]:
    """Share of equal minima: an unbiased estimate of the Jaccard similarity (Broder 1997)."""
    both = [np.frombuffer(b"".join(side.to_pylist()), np.uint16).reshape(len(side), -1) for side in (one, other)]
    shares: NDArray[np.float64] = (both[0] == both[1]).mean(axis=1)
    return shares
