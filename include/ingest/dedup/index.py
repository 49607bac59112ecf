"""The index of earlier dumps: the band hashes of every document that was kept, one table per dump."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from include.ingest.dedup import clusters, exact
from include.ingest.dedup.bands import INDEX
from include.ingest.dedup.narrow import (
    ROWS_AT_ONCE,
    Ordered,
    contents,
    look_up,
    read_positions,
    scheme,
    signed_contents,
    signed_shards,
)
from include.ingest.dedup.settings import DedupParams
from include.ingest.dedup.signatures import band_names
from include.lake import Lake, Manifest, fingerprint

VERSION = 1
DOCUMENTS = "documents"
_HEAD = pa.schema([("doc_id", pa.string()), ("cluster_id", pa.string()), ("first_crawl", pa.string())])


def index_schema(params: DedupParams) -> pa.Schema:
    """Columns of ``dedup_index/<crawl>``."""
    bands = [(name, pa.uint64()) for name in band_names(params)]
    return pa.schema([*_HEAD, *bands], metadata={"minhash": scheme(params)})


def add_to_index(lake: Lake, crawl: str, params: DedupParams) -> Manifest:
    """Write ``dedup_index/<crawl>``: the signatures of the dump's documents, with the cluster each belongs to.

    Only what is in ``documents/<crawl>`` comes in; the same dump again replaces its own part.

    Raises:
        BadInput: the dump's signatures, clusters or documents are missing.
    """
    made_from = [contents(lake, layer, crawl) for layer in (clusters.LAYER, DOCUMENTS)]
    decided_by = fingerprint(VERSION, INDEX, crawl, scheme(params), signed_contents(lake, crawl), made_from)
    done = lake.manifest(INDEX, crawl)
    if done and done.fingerprint == decided_by:
        return done
    shards, schema = signed_shards(lake, crawl), index_schema(params)
    others = ~_kept(lake, crawl)
    alike = Ordered(lake.files(clusters.LAYER, crawl))
    with lake.stream(schema, layer=INDEX, crawl=crawl, fingerprint=decided_by) as stream:
        for batch in read_positions(shards, ["doc_id", *band_names(params)], others):
            stream.write(_with_clusters(batch, alike, crawl, schema))
    return lake.finished(INDEX, crawl)


def forget(lake: Lake, doc_ids: list[str]) -> dict[str, int]:
    """Take documents out of every dump's part of the index; returns how many rows went, by dump.

    Each part is replaced at once and keeps its fingerprint: an unchanged dump that is indexed again does not bring them
    back. One that has changed is indexed from its documents, so take them out of those as well.
    """
    gone = pa.array(sorted(set(doc_ids)), pa.string())
    counts = {crawl: _count(lake, crawl, gone) for crawl in lake.crawls(INDEX)}
    for crawl, count in counts.items():
        if count:
            _rewrite(lake, crawl, gone)
    return {crawl: count for crawl, count in counts.items() if count}


def _count(lake: Lake, crawl: str, gone: pa.Array) -> int:
    batches = (b for file in lake.files(INDEX, crawl) for b in pq.ParquetFile(file).iter_batches(columns=["doc_id"]))
    return sum(pc.sum(pc.is_in(batch["doc_id"], value_set=gone)).as_py() or 0 for batch in batches)


def _rewrite(lake: Lake, crawl: str, gone: pa.Array) -> None:
    files = lake.files(INDEX, crawl)
    place = {"layer": INDEX, "crawl": crawl, "fingerprint": lake.finished(INDEX, crawl).fingerprint}
    with lake.stream(pq.read_schema(files[0]), **place) as stream:
        for file in files:
            for batch in pq.ParquetFile(file).iter_batches():
                stream.write(batch.filter(pc.invert(pc.is_in(batch["doc_id"], value_set=gone))))


def _kept(lake: Lake, crawl: str) -> NDArray[np.bool_]:
    """By position, whether the document is in ``documents``."""
    shards = signed_shards(lake, crawl)
    count = sum(shard.rows for shard in shards)
    marks = np.zeros(count, dtype=np.bool_)
    with lake.query() as connection:
        # A record id used twice stands for two pages, of which the exact duplicates hold the one that went.
        connection.register("narrow", read_positions(shards, ["doc_id"], exact.left_out(lake, crawl, count)))
        query = "SELECT position FROM narrow SEMI JOIN read_parquet($files) AS documents USING (doc_id)"
        files = [str(file) for file in lake.files(DOCUMENTS, crawl)]
        for batch in connection.sql(query, params={"files": files}).to_arrow_reader(ROWS_AT_ONCE):
            marks[batch["position"].to_numpy()] = True
    return marks


def _with_clusters(batch: pa.RecordBatch, alike: Ordered, crawl: str, schema: pa.Schema) -> pa.Table:
    """Rows of the index from rows of the signatures; who resembles nobody is a cluster of its own."""
    table = pa.Table.from_batches([batch])
    positions = batch["position"]
    if len(positions):
        rows = alike.between(positions[0].as_py(), positions[-1].as_py() + 1)
        cluster = pc.coalesce(look_up(positions, rows, "cluster_id"), batch["doc_id"])
        first = pc.coalesce(look_up(positions, rows, "first_crawl"), pa.scalar(crawl))
    else:
        cluster = first = pa.array([], pa.string())
    return (
        table.append_column("cluster_id", cluster).append_column("first_crawl", first).select(schema.names).cast(schema)
    )
