"""Clusters of near-duplicates: the connected components of all bands' pairs, each named after its first document.

Nodes are numbers in the order that decides who is first: clusters of earlier dumps, oldest dump first, then this dump's
documents by (WARC path, offset, id). Joining always keeps the smaller number, so a component's root is its first
member, whatever the order of the pairs. Only documents that have a pair become nodes: 4 bytes each in memory.
"""

import ctypes
from collections.abc import Iterable

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from include import native
from include.ingest.dedup import bands
from include.ingest.dedup.narrow import contents, read_positions, signed_contents, signed_shards
from include.ingest.dedup.settings import DedupParams
from include.ingest.dedup.signatures import pointer
from include.lake import Lake, Manifest, fingerprint

VERSION = 1
LAYER = "duplicate_clusters"
EDGES_AT_ONCE = 100_000
Edges = Iterable[tuple[NDArray[np.int64], NDArray[np.int64]]]
SCHEMA = pa.schema(
    [
        ("position", pa.int64()),  # in the dump's signatures, ascending
        ("doc_id", pa.string()),
        ("cluster_id", pa.string()),  # doc_id of the cluster's first document, of an earlier dump or of this one
        ("cluster_size", pa.int64()),  # its documents in this dump, exact duplicates not counted
        ("is_representative", pa.bool_()),  # the first of those that resemble each other in this dump
        ("seen_before", pa.bool_()),  # an earlier dump has a member
        ("first_crawl", pa.string()),  # the dump of its first document
    ]
)
"""One row per document that resembles another one; a document without a row stands alone."""

# Several bands find the same pair; ids become 16 bytes and dumps numbers, so that this fits a small memory.
# A table's rowid counts the rows as they were put in: that is a node's number, without a window over all of them.
_NODES = (
    """
    CREATE TEMP TABLE crawls AS
    SELECT first_crawl, row_number() OVER (ORDER BY coalesce(age, -1), first_crawl) AS rank
    FROM (SELECT DISTINCT first_crawl FROM read_parquet($files)) LEFT JOIN ages USING (first_crawl)
    """,
    """
    CREATE TEMP TABLE within AS
    SELECT DISTINCT position, first FROM read_parquet($files) WHERE first IS NOT NULL
    """,
    """
    CREATE TEMP TABLE before AS
    SELECT DISTINCT position, cluster_id::UUID AS cluster_id, rank
    FROM read_parquet($files) JOIN crawls USING (first_crawl)
    """,
)
_ORDERED_NODES = (
    """
    CREATE TEMP TABLE known AS
    SELECT cluster_id, min(rank) AS rank FROM before GROUP BY cluster_id ORDER BY rank, cluster_id
    """,
    """
    CREATE TEMP TABLE touched AS
    SELECT position FROM within UNION SELECT first FROM within UNION SELECT position FROM before
    """,
    """
    CREATE TEMP TABLE members AS
    SELECT position, doc_id::UUID AS doc_id FROM narrow SEMI JOIN touched USING (position)
    ORDER BY warc_path, warc_offset, narrow.doc_id, position
    """,
)
_OWN_EDGES = """
SELECT here.rowid + {known} AS one, first.rowid + {known} AS other
FROM within JOIN members AS here USING (position) JOIN members AS first ON first.position = within.first
"""
_ALL_EDGES = f"""
{_OWN_EDGES}
UNION ALL
SELECT here.rowid + {{known}}, known.rowid
FROM before JOIN members AS here USING (position) JOIN known USING (cluster_id)
"""
# Whom this dump's documents resemble among themselves must not depend on which earlier dumps happen to be indexed.
_CLUSTERS = """
WITH labelled AS (
    SELECT position, doc_id, root, own_root, node FROM members JOIN roots ON node = members.rowid + {known}
),
sizes AS (SELECT root, count(*) AS size FROM labelled GROUP BY root)
SELECT labelled.position, replace(labelled.doc_id::VARCHAR, '-', '') AS doc_id,
       replace(coalesce(known.cluster_id, leader.doc_id)::VARCHAR, '-', '') AS cluster_id,
       size AS cluster_size, node = own_root AS is_representative,
       known.cluster_id IS NOT NULL AS seen_before, coalesce(first_crawl, '{crawl}') AS first_crawl
FROM labelled JOIN sizes USING (root)
LEFT JOIN known ON known.rowid = root LEFT JOIN crawls USING (rank)
LEFT JOIN members AS leader ON leader.rowid + {known} = root
ORDER BY labelled.position
"""


def build_clusters(lake: Lake, crawl: str, earlier: list[str], params: DedupParams) -> Manifest:
    """Write ``duplicate_clusters/<crawl>`` from the pairs of all bands.

    Raises:
        BadInput: a band is missing, or was grouped with other signatures, params or ``earlier`` dumps.
    """
    names = bands.current_pairs(lake, crawl, earlier, params)
    pairs = contents(lake, bands.LAYER, crawl, names)
    decided_by = fingerprint(VERSION, LAYER, crawl, earlier, signed_contents(lake, crawl), pairs)
    done = lake.manifest(LAYER, crawl)
    if done and done.fingerprint == decided_by:
        return done
    files = [str(file) for name in names for file in lake.files(bands.LAYER, crawl, name)]
    with lake.query() as connection:
        connection.register("ages", bands.ages(earlier))
        connection.register(
            "narrow", read_positions(signed_shards(lake, crawl), ["doc_id", "warc_path", "warc_offset"])
        )
        for statement in _NODES:
            connection.execute(statement, {"files": files})
        for statement in _ORDERED_NODES:
            connection.execute(statement)
        known, members = connection.execute(
            "SELECT (SELECT count(*) FROM known), (SELECT count(*) FROM members)"
        ).fetchall()[0]
        nodes = known + members
        columns = {"node": np.arange(known, nodes, dtype=np.int64)}
        for name, query in (("root", _ALL_EDGES), ("own_root", _OWN_EDGES)):
            edges = connection.sql(query.format(known=known)).to_arrow_reader(EDGES_AT_ONCE)
            roots = components(nodes, ((batch["one"].to_numpy(), batch["other"].to_numpy()) for batch in edges))
            columns[name] = roots[known:].astype(np.int64)
        connection.register("roots", pa.table(columns))
        query = _CLUSTERS.format(known=known, crawl=crawl)  # the lake allows no quotes in a crawl's name
        return lake.write_query(connection, query, SCHEMA, layer=LAYER, crawl=crawl, fingerprint=decided_by)


def components(nodes: int, edges: Edges) -> NDArray[np.uint32]:
    """The smallest node of each node's component."""
    assert nodes < 2**32, "nodes are numbered in 32 bits: deduplicate the dump in parts"
    parent = np.arange(nodes, dtype=np.uint32)
    library = native.load("minhash")
    for left, right in edges:
        if library is None:
            _unite(parent, left, right)
            continue
        left, right = np.ascontiguousarray(left, dtype=np.int64), np.ascontiguousarray(right, dtype=np.int64)
        refused = library.unite(
            pointer(parent), ctypes.c_int64(nodes), pointer(left), pointer(right), ctypes.c_int64(len(left))
        )
        assert not refused, "an edge leads to a node that does not exist"
    # A parent is never larger than its node, so following all of them at once ends.
    while not np.array_equal(above := parent[parent], parent):
        parent = above
    return parent


def _unite(parent: NDArray[np.uint32], left: NDArray[np.int64], right: NDArray[np.int64]) -> None:
    """What ``unite`` in minhash.c does."""
    for pair in zip(left.tolist(), right.tolist(), strict=True):
        one, other = (_root(parent, node) for node in pair)
        parent[max(one, other)] = min(one, other)


def _root(parent: NDArray[np.uint32], node: int) -> int:
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = int(parent[node])
    return node
