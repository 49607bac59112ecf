"""The narrow tables that stand for a dump's texts: who a document is, where it stands, and its hashes."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from include.errors import BadInput
from include.ingest.dedup.lines import as_lists, line_hashes
from include.ingest.dedup.settings import DedupParams
from include.ingest.dedup.signatures import VERSION, band_names, signatures
from include.lake import Lake

LAYER = "signatures"
ROWS_AT_ONCE = 65_536
_PLACE = pa.schema(
    [
        ("row", pa.int64()),  # of the page in pages/<crawl>/<batch>
        ("doc_id", pa.string()),
        ("host", pa.string()),
        ("content_hash", pa.string()),
        ("warc_path", pa.string()),
        ("warc_offset", pa.int64()),
    ]
)


def signature_schema(params: DedupParams) -> pa.Schema:
    """Columns of ``signatures/<crawl>/<batch>``: one row per kept page."""
    bands = [(name, pa.uint64()) for name in band_names(params)]
    return pa.schema([*_PLACE, *bands, ("lines", pa.list_(pa.uint64()))], metadata={"minhash": scheme(params)})


def scheme(params: DedupParams) -> str:
    """What band hashes depend on: those of another scheme never match."""
    return f"v{VERSION}: {params.ngram_words} words, {params.bands} bands of {params.band_rows}"


def sign_pages(pages: pa.Table, params: DedupParams, first_row: int = 0) -> pa.Table:
    """The narrow rows (schema :func:`signature_schema`) of the kept ones among ``pages`` (schema PAGE).

    ``first_row`` is the place of the first of these pages in their table, for callers that come with parts of it.
    """
    stays = pc.equal(pages["status"], "kept")
    rows = np.flatnonzero(stays)
    kept = pages.select([*_PLACE.names[1:], "text"]).filter(stays)
    if params.line_min_documents is None:
        lines = pa.repeat(pa.scalar([], pa.list_(pa.uint64())), len(rows))
    else:
        lines = as_lists(*line_hashes(kept["text"], kept["host"], params))
    place = [pa.array(rows + first_row, pa.int64()), *(kept[name] for name in _PLACE.names[1:])]
    columns = [*place, *signatures(kept["text"], params).columns, lines]
    return pa.table(columns, schema=signature_schema(params))


@dataclass(frozen=True)
class Shard:
    """The signatures of one batch. Documents of a dump are numbered through its shards: their ``position``."""

    name: str
    files: list[Path]
    start: int
    """Position of its first document."""
    rows: int


def signed_shards(lake: Lake, crawl: str) -> list[Shard]:
    """The signed batches of a dump in order of their names. Raises BadInput if there is none."""
    shards: list[Shard] = []
    for name in lake.shards(LAYER, crawl):
        files = lake.files(LAYER, crawl, name)
        start = shards[-1].start + shards[-1].rows if shards else 0
        shards.append(Shard(name, files, start, sum(pq.ParquetFile(file).metadata.num_rows for file in files)))
    if not shards:
        raise BadInput(f"Crawl {crawl} has no {LAYER} yet. Extract its batches first: 'python -m include.cli ingest'.")
    return shards


def read_positions(
    shards: list[Shard], columns: list[str], left_out: NDArray[np.bool_] | None = None
) -> pa.RecordBatchReader:
    """These columns with the position in front, as a stream; without the documents marked in ``left_out``."""
    schema = pq.read_schema(shards[0].files[0])
    fields = [pa.field("position", pa.int64()), *(schema.field(name) for name in columns)]
    return pa.RecordBatchReader.from_batches(pa.schema(fields), _batches(shards, columns, left_out))


def _batches(shards: list[Shard], columns: list[str], left_out: NDArray[np.bool_] | None) -> Iterator[pa.RecordBatch]:
    for shard in shards:
        position = shard.start
        for file in shard.files:
            for batch in pq.ParquetFile(file).iter_batches(ROWS_AT_ONCE, columns=columns):
                end = position + batch.num_rows
                place = pa.array(np.arange(position, end, dtype=np.int64))
                numbered = pa.RecordBatch.from_arrays(
                    [place, *(batch[name] for name in columns)], ["position", *columns]
                )
                yield numbered if left_out is None else numbered.filter(pa.array(~left_out[position:end]))
                position = end


def contents(lake: Lake, layer: str, crawl: str, shards: list[str] | None = None) -> list[list[str]]:
    """Names of all files of a table, or of all its shards; they come from the files' contents, so they go into the
    fingerprint of what is made from them.

    Raises:
        BadInput: the table, or one of the shards, was never finished.
    """
    return [
        [str(shard), *(file.name for file in lake.finished(layer, crawl, shard).origin)]
        for shard in (shards if shards is not None else [None])
    ]


def signed_contents(lake: Lake, crawl: str) -> list[list[str]]:
    """What the dump's signatures consist of."""
    return contents(lake, LAYER, crawl, [shard.name for shard in signed_shards(lake, crawl)])


class Ordered:
    """A finished table that is ordered by its first column: reads the row groups of a range only."""

    def __init__(self, files: list[Path], columns: list[str] | None = None) -> None:
        opened = [pq.ParquetFile(file) for file in files]
        schema = opened[0].schema_arrow
        self._columns = columns or schema.names
        self._empty = schema.empty_table().select(self._columns)
        self._groups = [(file, group) for file in opened for group in range(file.num_row_groups)]
        bounds = [file.metadata.row_group(group).column(0).statistics for file, group in self._groups]
        self._first = np.array([bound.min for bound in bounds], dtype=np.int64)
        self._last = np.array([bound.max for bound in bounds], dtype=np.int64)

    def between(self, start: int, end: int) -> pa.Table:
        """The rows whose first column is at least ``start`` and below ``end``."""
        wanted = range(int(np.searchsorted(self._last, start)), int(np.searchsorted(self._first, end)))
        groups = [self._groups[index] for index in wanted]
        parts = [file.read_row_group(group, self._columns).select(self._columns) for file, group in groups]
        table = pa.concat_tables([self._empty, *parts])
        first, last = np.searchsorted(table[0].to_numpy(), [start, end])
        return table.slice(first, last - first)


def look_up(positions: pa.Array, rows: pa.Table, column: str) -> pa.Array:
    """A column of ``rows`` (one row per position at most) for each of the positions; null where there is no row."""
    place = pc.index_in(positions, value_set=rows["position"].combine_chunks())
    return rows[column].combine_chunks().take(place)
