"""Lines that a host repeats on its pages (menus, notices), by their hashes alone: one task per part of the hosts.

Pages that are duplicates do not count: a page kept in ten copies would make boilerplate of all its lines.
"""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from include.ingest.dedup import clusters, exact
from include.ingest.dedup.narrow import contents, read_positions, signed_contents, signed_shards
from include.ingest.dedup.settings import DedupParams
from include.ingest.dedup.signatures import U64
from include.lake import Lake, Manifest, fingerprint

VERSION = 1
LAYER = "host_lines"
SCHEMA = pa.schema(
    [
        ("line_hash", pa.uint64()),  # of the host and the line; ascending
        ("host", pa.string()),
        ("documents", pa.int64()),  # of the host that have the line
        ("host_documents", pa.int64()),  # all of the host in the dump
    ]
)

_HOSTS = """
CREATE TEMP TABLE hosts AS
SELECT host, count(*) AS host_documents FROM narrow WHERE host <> '' AND hash(host) % $parts = $part
GROUP BY host HAVING count(*) >= $least
"""
_LINES = """
CREATE TEMP TABLE lines AS
SELECT line_hash, any_value(host) AS host, count(*) AS documents
FROM (SELECT host, unnest(list_distinct(lines)) AS line_hash FROM wide SEMI JOIN hosts USING (host))
GROUP BY line_hash HAVING count(*) >= $least
"""
_REPEATED = """
SELECT line_hash, host, documents, host_documents FROM lines JOIN hosts USING (host)
WHERE documents >= {share} * host_documents ORDER BY line_hash
"""


def find_host_lines(lake: Lake, crawl: str, part: int, parts: int, params: DedupParams) -> Manifest:
    """Write ``host_lines/<crawl>/<part>-of-<parts>``: the lines that go from every document of their host.

    Raises:
        BadInput: the dump's clusters are missing.
    """
    shard = part_name(part, parts)
    bounds = [params.line_min_documents, params.line_min_share, params.drop_seen_before]
    made_from = [
        signed_contents(lake, crawl),
        *(contents(lake, layer, crawl) for layer in (exact.LAYER, clusters.LAYER)),
    ]
    decided_by = fingerprint(VERSION, LAYER, crawl, shard, bounds, made_from)
    place = {"layer": LAYER, "crawl": crawl, "shard": shard, "fingerprint": decided_by}
    done = lake.manifest(LAYER, crawl, shard)
    if done and done.fingerprint == decided_by:
        return done
    if params.line_min_documents is None:
        return lake.write(SCHEMA.empty_table(), **place)
    shards = signed_shards(lake, crawl)
    dropped = left_out(lake, crawl, sum(shard.rows for shard in shards), params)
    least = {"least": params.line_min_documents}
    with lake.query() as connection:
        connection.register("narrow", read_positions(shards, ["host"], dropped))
        connection.execute(_HOSTS, {"part": part, "parts": parts, **least})
        connection.register("wide", read_positions(shards, ["host", "lines"], dropped))
        connection.execute(_LINES, least)
        return lake.write_query(connection, _REPEATED.format(share=params.line_min_share), SCHEMA, **place)


def part_name(part: int, parts: int) -> str:
    return f"{part:03d}-of-{parts:03d}"


def repeated_lines(lake: Lake, crawl: str, parts: int) -> U64:
    """The hashes of all parts, ascending. Raises BadInput if a part is missing."""
    tables = [lake.read(LAYER, crawl, part_name(part, parts), ["line_hash"]) for part in range(parts)]
    hashes: U64 = np.unique(np.concatenate([table["line_hash"].to_numpy() for table in tables]))
    return hashes


def left_out(lake: Lake, crawl: str, documents: int, params: DedupParams) -> NDArray[np.bool_]:
    """By position, whether a document goes as a duplicate of any kind."""
    marks = exact.left_out(lake, crawl, documents)
    found = lake.read(clusters.LAYER, crawl, columns=["position", "is_representative", "seen_before"])
    gone = ~found["is_representative"].to_numpy()
    if params.drop_seen_before:
        gone |= found["seen_before"].to_numpy()
    marks[found["position"].to_numpy()[gone]] = True
    return marks
