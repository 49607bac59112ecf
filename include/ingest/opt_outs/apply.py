"""Takes the text of listed pages, and all that was measured on it, out of the table ``pages``.

The row stays, without content, so that every record of the dump is still accounted for.
"""

import logging
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from include.ingest.opt_outs.match import Matcher
from include.lake import Lake
from include.schemas import PAGE

log = logging.getLogger("rewrap.opt_outs")

PLACE = ("doc_id", "crawl", "url", "host", "fetched_at", "warc_path", "warc_offset")
"""Columns of PAGE that say which page it is; all others but status, reason and detail are emptied."""
REASON = "opt_out"


def blank(pages: pa.Table, hit: pa.Array, reason: str | pa.Array, detail: pa.Array) -> pa.Table:
    """The pages (schema PAGE), those that are ``hit`` emptied and rejected for ``reason``."""
    said = {"status": "rejected", "reason": reason, "detail": detail}
    columns = [
        pages[field.name]
        if field.name in PLACE
        else pc.if_else(hit, said[field.name], _whole(pages[field.name]))
        if field.name in said
        else pc.if_else(hit, pa.nulls(pages.num_rows, field.type), _whole(pages[field.name]))
        for field in PAGE
    ]
    return pa.table(columns, schema=PAGE)


def apply_to_pages(lake: Lake, crawl: str, shard: str, matcher: Matcher) -> int:
    """Empty the pages of a batch that was read before and which the lists name by now; returns how many.

    A page that was kept out, and that no list names any more, has no text here: a warning says so, and how to get it.
    """
    columns = ["doc_id", "url", "host", "text", "reason", "robots"]
    gone: list[str] = []
    lifted = 0
    for file in lake.files("pages", crawl, shard):
        for batch in pq.ParquetFile(file).iter_batches(columns=columns):
            named = pc.is_valid(matcher.match(pa.table(batch)))
            gone += batch["doc_id"].filter(pc.and_(named, pc.is_valid(batch["text"]))).to_pylist()
            # Pages that opt out themselves have been looked into: their directives are known.
            listed = pc.and_(pc.fill_null(pc.equal(batch["reason"], REASON), False), pc.is_null(batch["robots"]))
            lifted += _count(pc.and_(listed, pc.invert(named)))
    if lifted:
        log.warning(
            "%d pages of %s of %s were kept out by a list that names them no more. Their text was never kept: to have "
            "it, delete %s and ingest again, which reads these files anew.",
            lifted, shard, crawl, lake.path("pages", crawl, shard),
        )  # fmt: skip
    if gone:
        rewrite_pages(lake, crawl, shard, matcher.match)
        _forget_shared(lake, crawl, shard, gone)
    return len(gone)


def rewrite_pages(lake: Lake, crawl: str, shard: str, match: Callable[[pa.Table], pa.Array]) -> None:
    """Empty what ``match`` names (null: not) among the pages with a text; the table keeps its fingerprint."""
    manifest = lake.finished("pages", crawl, shard)
    place = {"layer": "pages", "crawl": crawl, "shard": shard, "fingerprint": manifest.fingerprint}
    with lake.stream(PAGE, **place) as stream:
        for file in map(pq.ParquetFile, lake.files("pages", crawl, shard)):
            for group in range(file.num_row_groups):
                pages = file.read_row_group(group)
                rule = match(pages)
                hit = pc.and_(pc.is_valid(rule), _whole(pc.is_valid(pages["text"])))
                stream.write(blank(pages, hit, REASON, rule) if pc.any(hit).as_py() else pages)


def _forget_shared(lake: Lake, crawl: str, shard: str, gone: list[str]) -> None:
    """Drop what these pages have in common with benchmarks: it quotes them."""
    shared, manifest = lake.read("contamination", crawl, shard), lake.finished("contamination", crawl, shard)
    stays = pc.invert(pc.is_in(shared["doc_id"], value_set=pa.array(gone, pa.string())))
    place = {"layer": "contamination", "crawl": crawl, "shard": shard, "fingerprint": manifest.fingerprint}
    lake.write(shared.filter(stays), **place)


def _count(marks: pa.Array) -> int:
    return int(np.count_nonzero(marks.to_numpy(zero_copy_only=False)))


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
