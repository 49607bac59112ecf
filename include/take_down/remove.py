"""Takes the rows of pages out of every table of the lake, one row group in memory at a time."""

import logging
import shutil
from collections.abc import Callable
from hashlib import blake2b

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from include.ingest.opt_outs.apply import blank
from include.lake import MANIFEST, Lake
from include.take_down.tables import EMPTIED, INDEXED, NUMBERED, SIGNATURES, Table, schema, tables

log = logging.getLogger("rewrap.take_down")

REASON = "taken_down"
ROWS = 1 << 20
_RESEMBLES = r"much like the document (?P<id>[0-9a-f]{32})"


def remove_rows(lake: Lake, pages: dict[str, str]) -> None:
    """Remove the rows of these pages (the rule by doc_id), where any are left.

    Tables stay what they are for what was made from them; but what counts on places in the signatures goes as a whole,
    and the next ingest of such a dump looks for duplicates again.
    """
    gone = pa.array(sorted(pages), pa.string())
    rules = pa.array([pages[page] for page in gone.to_pylist()], pa.string())
    for table in list(tables(lake)):
        if table.layer in NUMBERED:
            if lake.manifest(*table) and _names_one(lake, table, gone):
                _forget_numbered(lake, table.crawl)
        elif table.layer in EMPTIED:
            _rewrite(lake, table, gone, _emptied(gone, rules, table.layer))
        elif table.layer == INDEXED:
            _rewrite(lake, table, gone, _without_cluster_names(gone))
        elif table.layer == SIGNATURES:
            if _rewrite(lake, table, gone, _dropped):
                _forget_numbered(lake, table.crawl)
        else:
            _rewrite(lake, table, gone, _dropped)


Edit = Callable[[pa.Table, NDArray[np.bool_]], pa.Table]
"""Gets a row group, and which of its rows name one of the pages."""


def _rewrite(lake: Lake, table: Table, gone: pa.Array, edit: Edit) -> bool:
    """Put the table through ``edit``, if a row names a page; whether one did."""
    marks = [_marks(file, gone, table.layer) for file in map(pq.ParquetFile, lake.files(*table))]
    if not any(mark.any() for mark in marks):
        return False
    log.info("%s: %d rows", "/".join(filter(None, table)), sum(int(mark.sum()) for mark in marks))
    if table.layer == SIGNATURES:
        # Places in it shift: what was made from it must not be taken for current.
        place = {"layer": table.layer, "crawl": table.crawl, "fingerprint": lake.finished(*table).fingerprint}
        writing = lake.stream(schema(lake, table), **place, shard=table.shard)
    else:
        writing = lake.cut(*table)
    with writing as stream:
        for file, mark in zip(map(pq.ParquetFile, lake.files(*table)), marks, strict=True):
            first = 0
            for group in range(file.num_row_groups):
                end = first + file.metadata.row_group(group).num_rows
                hit = mark[first:end]
                if edit is not _dropped or not hit.all():
                    rows = file.read_row_group(group)
                    stream.write(edit(rows, hit) if hit.any() else rows)
                first = end
    return True


def _marks(file: pq.ParquetFile, gone: pa.Array, layer: str) -> NDArray[np.bool_]:
    """By row, whether it names one of the pages with something to remove: one byte each."""
    found = [_hits(batch, gone, layer) for batch in file.iter_batches(ROWS, columns=_naming(file.schema_arrow, layer))]
    return np.concatenate(found) if found else np.zeros(0, np.bool_)


def _naming(names: pa.Schema, layer: str) -> list[str]:
    """Columns that say whether there is something to remove."""
    wanted = {"doc_id", "cluster_id", *(("text", "detail") if layer in EMPTIED else ())}
    return [name for name in names.names if name in wanted]


def _hits(rows: pa.RecordBatch, gone: pa.Array, layer: str) -> NDArray[np.bool_]:
    hit = np.zeros(rows.num_rows, np.bool_)
    for name in ("doc_id", "cluster_id"):
        if name in rows.schema.names:
            hit |= np.asarray(pc.is_in(rows[name], value_set=gone))
    if layer in EMPTIED:
        hit &= np.asarray(pc.is_valid(rows["text"]))
        hit |= np.asarray(pc.is_in(_resembled(rows["detail"]), value_set=gone))
    return hit


def _resembled(details: pa.Array) -> pa.Array:
    return pc.struct_field(pc.extract_regex(details, _RESEMBLES), [0])


def _dropped(rows: pa.Table, hit: NDArray[np.bool_]) -> pa.Table:
    return rows.filter(pa.array(~hit))


def _emptied(gone: pa.Array, rules: pa.Array, layer: str) -> Edit:
    def edit(rows: pa.Table, hit: NDArray[np.bool_]) -> pa.Table:
        ids = rows["doc_id"].combine_chunks()
        resembled = pc.is_in(_resembled(rows["detail"].combine_chunks()), value_set=gone)
        said = pc.if_else(resembled, "much like a document that was taken down", rows["detail"].combine_chunks())
        rows = rows.set_column(rows.schema.get_field_index("detail"), rows.schema.field("detail"), said)
        own = pc.and_(pc.is_in(ids, value_set=gone), pc.is_valid(rows["text"].combine_chunks()))
        # In rejected_pages the first reason stands: it was counted there.
        reason = REASON if layer == "pages" else rows["reason"].combine_chunks()
        return blank(rows, own, reason, rules.take(pc.index_in(ids, value_set=gone)))

    return edit


def _without_cluster_names(gone: pa.Array) -> Edit:
    """A cluster that is named after a page gets another name, the same in every dump."""

    def edit(rows: pa.Table, hit: NDArray[np.bool_]) -> pa.Table:
        rows = rows.filter(pc.invert(pc.is_in(rows["doc_id"], value_set=gone)))
        names = rows["cluster_id"].to_pylist()
        named = pc.is_in(rows["cluster_id"], value_set=gone).to_pylist()
        new = [
            blake2b(name.encode(), digest_size=16).hexdigest() if is_named else name
            for name, is_named in zip(names, named, strict=True)
        ]
        place = rows.schema.get_field_index("cluster_id")
        return rows.set_column(place, rows.schema.field(place), pa.array(new, pa.string()))

    return edit


def _names_one(lake: Lake, table: Table, gone: pa.Array) -> bool:
    """Whether a row names one of the pages."""
    files = map(pq.ParquetFile, lake.files(*table) if _naming(schema(lake, table), table.layer) else [])
    return any(_marks(file, gone, table.layer).any() for file in files)


def _forget_numbered(lake: Lake, crawl: str) -> None:
    """Remove what counts on places in a dump's signatures: manifests first, so that nobody reads half of it."""
    for folder in (lake.path(layer, crawl) for layer in NUMBERED):
        for manifest in sorted(folder.glob(f"**/{MANIFEST}")):
            manifest.unlink()
        shutil.rmtree(folder, ignore_errors=True)
