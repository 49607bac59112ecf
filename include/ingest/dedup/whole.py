"""Exact duplicates within a dump. Texts stay out of the sort: DuckDB sees hashes and places only."""

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from include.lake import Lake
from include.schemas import DOCUMENT, PAGE

# A record id that occurs twice breaks the WARC standard; taking it twice would break every later join on doc_id.
_RANKS = """
WITH kept AS (
    SELECT shard, row, doc_id, content_hash, warc_path, warc_offset,
           row_number() OVER same_text AS copy, first_value(warc_path || ' at ' || warc_offset) OVER same_text AS first
    FROM narrow WHERE status = 'kept'
    WINDOW same_text AS (PARTITION BY content_hash ORDER BY warc_path, warc_offset, shard, row)
), identified AS (
    SELECT *, row_number() OVER same_id AS use, first_value(warc_path || ' at ' || warc_offset) OVER same_id AS user
    FROM kept WHERE copy = 1
    WINDOW same_id AS (PARTITION BY doc_id ORDER BY warc_path, warc_offset, shard, row)
)
SELECT shard, row, 'same text as the page in ' || first AS detail FROM kept WHERE copy > 1
UNION ALL
SELECT shard, row, 'same WARC-Record-ID as the page in ' || user FROM identified WHERE use > 1
ORDER BY shard, row
"""


@dataclass(frozen=True)
class Deduplicated:
    documents: pa.Table
    """Schema DOCUMENT, ordered by ``content_hash``."""
    rejected: pa.Table
    """Schema PAGE: every rejected and failed row, in the order of the files."""
    duplicates: int


def split_duplicates(lake: Lake, shards: list[list[Path]]) -> Deduplicated:
    """Part the pages of all shards; of equal texts the first by (WARC path, offset) stays."""
    ranks = _find_duplicates(lake, shards)
    documents, rejected = [], []
    for index, files in enumerate(shards):
        pages = pa.concat_tables(pq.read_table(file) for file in files)
        mine = ranks.filter(pc.equal(ranks["shard"], index))
        pages = _mark(pages, mine)
        kept = pc.equal(pages["status"], "kept")
        documents.append(pages.filter(kept).select(DOCUMENT.names))
        rejected.append(pages.filter(pc.invert(kept)))
    table = pa.concat_tables(documents).cast(DOCUMENT)
    return Deduplicated(
        documents=table.take(pc.sort_indices(table["content_hash"])),
        rejected=pa.concat_tables(rejected).cast(PAGE),
        duplicates=ranks.num_rows,
    )


def _find_duplicates(lake: Lake, shards: list[list[Path]]) -> pa.Table:
    """One row (shard, row, detail) per page that repeats an earlier one."""
    columns = ["doc_id", "content_hash", "warc_path", "warc_offset", "status"]
    narrow = []
    for index, files in enumerate(shards):
        table = pa.concat_tables(pq.read_table(file, columns=columns) for file in files)
        table = table.append_column("shard", pa.repeat(pa.scalar(index, pa.int32()), table.num_rows))
        narrow.append(table.append_column("row", pa.array(range(table.num_rows), pa.int64())))
    with lake.query() as connection:
        connection.register("narrow", pa.concat_tables(narrow))
        return connection.sql(_RANKS).to_arrow_table()


def _mark(pages: pa.Table, duplicates: pa.Table) -> pa.Table:
    """The pages of one shard with their duplicates rejected."""
    rows = duplicates["row"].combine_chunks()
    place = pc.index_in(pa.array(range(pages.num_rows), pa.int64()), rows)
    repeated = pc.is_valid(place)
    changed = {
        "status": pa.scalar("rejected"),
        "reason": pa.scalar("exact_duplicate"),
        "detail": duplicates["detail"].combine_chunks().take(place),
    }
    for name, value in changed.items():
        column = pc.if_else(repeated, value, pages[name].combine_chunks())
        pages = pages.set_column(pages.schema.get_field_index(name), PAGE.field(name), column)
    return pages
