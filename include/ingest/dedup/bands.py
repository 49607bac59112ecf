"""Near-duplicate pairs by one band of the signatures: one independent task per band, out of core.

Documents with the same band hash make a bucket. Each is tied to the first of its bucket, which keeps the pairs linear
in the documents where all pairs would be quadratic; if documents of earlier dumps share the hash, the first is tied to
the cluster of the oldest of them.
"""

import pyarrow as pa
import pyarrow.parquet as pq

from include.errors import BadInput
from include.ingest.dedup import exact
from include.ingest.dedup.narrow import contents, read_positions, scheme, signed_contents, signed_shards
from include.ingest.dedup.settings import DedupParams
from include.ingest.dedup.signatures import band_names
from include.lake import Lake, Manifest, fingerprint

VERSION = 1
LAYER = "duplicate_pairs"
INDEX = "dedup_index"
SCHEMA = pa.schema(
    [
        ("position", pa.int64()),  # in the dump's signatures, ascending
        ("first", pa.int64()),  # position of the first document of its bucket; null if it is that one itself
        ("cluster_id", pa.string()),  # of the oldest document of earlier dumps in the bucket, or null
        ("first_crawl", pa.string()),  # that cluster's oldest dump
    ]
)

_BUCKETS = """
CREATE TEMP TABLE buckets AS SELECT key, min(position) AS first, count(*) AS size FROM documents GROUP BY key
"""
_NO_INDEX = "CREATE TEMP TABLE known AS SELECT 0 AS first, '' AS cluster_id, '' AS first_crawl WHERE false"
# A cluster whose oldest dump is no longer among the earlier ones is older than all that are.
_KNOWN = """
CREATE TEMP TABLE known AS
SELECT first, oldest.cluster_id, oldest.first_crawl FROM (
    SELECT first, min({'age': coalesce(age, -1), 'cluster_id': cluster_id, 'first_crawl': first_crawl}) AS oldest
    FROM (SELECT {{band}} AS key, cluster_id, first_crawl FROM read_parquet($files)) AS index
    JOIN buckets USING (key) LEFT JOIN ages USING (first_crawl)
    GROUP BY first
)
"""
_PAIRS = """
SELECT position, first, NULL AS cluster_id, NULL AS first_crawl
FROM documents JOIN buckets USING (key) WHERE size > 1 AND position > first
UNION ALL
SELECT first, NULL, cluster_id, first_crawl FROM known
ORDER BY position
"""


def find_pairs(lake: Lake, crawl: str, band: int, earlier: list[str], params: DedupParams) -> Manifest:
    """Write ``duplicate_pairs/<crawl>/<band>`` from that band's hashes in the dump and in the index.

    Args:
        earlier: dumps that were released before this one and are in the index, oldest first.

    Raises:
        BadInput: exact duplicates were not found yet, an earlier dump is not in the index, or signatures were made by
            other settings.
    """
    name = band_names(params)[band]
    decided_by = _fingerprint(lake, crawl, name, earlier, params)
    done = lake.manifest(LAYER, crawl, name)
    if done and done.fingerprint == decided_by:
        return done
    shards = signed_shards(lake, crawl)
    files = [str(file) for past in earlier for file in lake.files(INDEX, past)]
    _check_scheme([*(str(file) for shard in shards for file in shard.files), *files], params)
    repeated = exact.left_out(lake, crawl, sum(shard.rows for shard in shards))
    with lake.query() as connection:
        connection.register("narrow", read_positions(shards, [name], repeated))
        connection.execute(
            f"CREATE TEMP TABLE documents AS SELECT position, {name} AS key FROM narrow WHERE {name} IS NOT NULL"
        )
        connection.execute(_BUCKETS)
        if files:
            connection.register("ages", ages(earlier))
            connection.execute(_KNOWN.replace("{{band}}", name), {"files": files})
        else:
            connection.execute(_NO_INDEX)
        place = {"layer": LAYER, "crawl": crawl, "shard": name}
        return lake.write_query(connection, _PAIRS, SCHEMA, fingerprint=decided_by, **place)


def ages(earlier: list[str]) -> pa.Table:
    """Each dump's place in the order of release."""
    return pa.table({"first_crawl": earlier, "age": pa.array(range(len(earlier)), pa.int64())})


def current_pairs(lake: Lake, crawl: str, earlier: list[str], params: DedupParams) -> list[str]:
    """The names of all bands' tables. Raises BadInput if one is missing or was made from something else."""
    names = band_names(params)
    stale = [n for n in names if not lake.is_current(_fingerprint(lake, crawl, n, earlier, params), LAYER, crawl, n)]
    if stale:
        raise BadInput(
            f"Crawl {crawl}: {len(stale)} of {len(names)} bands are not grouped with these signatures, params and "
            f"earlier dumps ({', '.join(stale[:5])}{', ...' if len(stale) > 5 else ''}). Group these bands again."
        )
    return names


def _fingerprint(lake: Lake, crawl: str, name: str, earlier: list[str], params: DedupParams) -> str:
    made_from = [signed_contents(lake, crawl), contents(lake, exact.LAYER, crawl)]
    index = [[past, contents(lake, INDEX, past)] for past in earlier]
    return fingerprint(VERSION, LAYER, crawl, name, scheme(params), made_from, index)


def _check_scheme(files: list[str], params: DedupParams) -> None:
    for file in files:
        found = (pq.read_schema(file).metadata or {}).get(b"minhash", b"unknown").decode()
        if found != scheme(params):
            raise BadInput(
                f"{file} holds signatures of another kind ({found}) than the params ask for ({scheme(params)}); "
                "they would never match. Ingest that dump again with these params, or set the old ones."
            )
