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
        ("is_representative", pa.bool_()),  # its first document in this dump
        ("seen_before", pa.bool_()),  # an earlier dump has a member
        ("first_crawl", pa.string()),  # the dump of its first document
    ]
)
"""One row per document that resembles another one; a document without a row stands alone."""

_NODES = (
    # The same pair is found by several bands.
    "CREATE TEMP TABLE pairs AS SELECT DISTINCT position, first, cluster_id, first_crawl FROM read_parquet($files)",
    """
    CREATE TEMP TABLE known AS
    SELECT *, row_number() OVER (ORDER BY age, cluster_id) - 1 AS node FROM (
        SELECT cluster_id, min(first_crawl) AS first_crawl, min(coalesce(age, -1)) AS age
        FROM pairs LEFT JOIN ages USING (first_crawl) WHERE cluster_id IS NOT NULL GROUP BY cluster_id
    )
    """,
    "CREATE TEMP TABLE touched AS SELECT position FROM pairs UNION SELECT first FROM pairs WHERE first IS NOT NULL",
    """
    CREATE TEMP TABLE members AS
    SELECT position, doc_id, (SELECT count(*) FROM known)
           + row_number() OVER (ORDER BY warc_path, warc_offset, doc_id, position) - 1 AS node
    FROM narrow SEMI JOIN touched USING (position)
    """,
)
_EDGES = """
SELECT here.node AS one, coalesce(first.node, known.node) AS other
FROM pairs JOIN members AS here ON here.position = pairs.position
LEFT JOIN members AS first ON first.position = pairs.first
LEFT JOIN known ON known.cluster_id = pairs.cluster_id
"""
_CLUSTERS = """
WITH labelled AS (SELECT members.*, root FROM members JOIN roots USING (node)),
sizes AS (SELECT root, count(*) AS size, min(node) AS first FROM labelled GROUP BY root)
SELECT labelled.position, labelled.doc_id, coalesce(known.cluster_id, leader.doc_id) AS cluster_id,
       size AS cluster_size, labelled.node = sizes.first AS is_representative,
       known.cluster_id IS NOT NULL AS seen_before, coalesce(known.first_crawl, $crawl) AS first_crawl
FROM labelled JOIN sizes USING (root)
LEFT JOIN known ON known.node = root LEFT JOIN members AS leader ON leader.node = root
ORDER BY position
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
        for number, statement in enumerate(_NODES):
            connection.execute(statement, {"files": files} if number == 0 else None)
        known, nodes = connection.execute(
            "SELECT (SELECT count(*) FROM known), (SELECT count(*) FROM known) + (SELECT count(*) FROM members)"
        ).fetchall()[0]
        edges = connection.sql(_EDGES).to_arrow_reader(EDGES_AT_ONCE)
        roots = components(nodes, ((batch["one"].to_numpy(), batch["other"].to_numpy()) for batch in edges))
        numbers = np.arange(known, nodes, dtype=np.int64)
        connection.register("roots", pa.table({"node": numbers, "root": roots[known:].astype(np.int64)}))
        query = _CLUSTERS.replace("$crawl", f"'{crawl}'")  # the lake allows no quotes in a crawl's name
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
