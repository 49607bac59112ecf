"""Exact duplicates within a dump: of equal texts the first page stays, and a WARC-Record-ID names one page only."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from include.ingest.dedup.narrow import read_positions, signed_contents, signed_shards
from include.lake import Lake, Manifest, fingerprint

VERSION = 1
LAYER = "exact_duplicates"
SCHEMA = pa.schema(
    [
        ("position", pa.int64()),  # in the dump's signatures, ascending
        ("doc_id", pa.string()),
        ("detail", pa.string()),  # which page it repeats, for a person
    ]
)

# Hashes and ids alone decide who is suspect; only of those are the long paths read.
_SUSPECTS = """
CREATE TEMP TABLE suspects AS
SELECT position, doc_id, content_hash FROM documents
WHERE content_hash IN (SELECT content_hash FROM documents GROUP BY ALL HAVING count(*) > 1)
   OR doc_id IN (SELECT doc_id FROM documents GROUP BY ALL HAVING count(*) > 1)
"""
# A record id that occurs twice breaks the WARC standard; taking it twice would break every later join on doc_id.
_DUPLICATES = """
WITH texts AS (
    SELECT position, doc_id, path, "offset",
           row_number() OVER same_text AS copy, first_value(path || ' at ' || "offset") OVER same_text AS first
    FROM suspects JOIN places USING (position)
    WINDOW same_text AS (PARTITION BY content_hash ORDER BY path, "offset", position)
), ids AS (
    SELECT *, row_number() OVER same_id AS use, first_value(path || ' at ' || "offset") OVER same_id AS user
    FROM texts WHERE copy = 1
    WINDOW same_id AS (PARTITION BY doc_id ORDER BY path, "offset", position)
)
SELECT position, replace(doc_id::VARCHAR, '-', '') AS doc_id, detail FROM (
    SELECT position, doc_id, 'same text as the page in ' || first AS detail FROM texts WHERE copy > 1
    UNION ALL
    SELECT position, doc_id, 'same WARC-Record-ID as the page in ' || user FROM ids WHERE use > 1
) ORDER BY position
"""


def find_exact(lake: Lake, crawl: str) -> Manifest:
    """Write ``exact_duplicates/<crawl>``: the documents that repeat an earlier one by (WARC path, offset).

    Raises:
        BadInput: the dump has no signatures.
    """
    decided_by = fingerprint(VERSION, LAYER, crawl, signed_contents(lake, crawl))
    done = lake.manifest(LAYER, crawl)
    if done and done.fingerprint == decided_by:
        return done
    shards = signed_shards(lake, crawl)
    with lake.query() as connection:
        connection.register("narrow", read_positions(shards, ["doc_id", "content_hash"]))
        connection.execute(
            "CREATE TEMP TABLE documents AS "
            "SELECT position, doc_id::UUID AS doc_id, content_hash::UUID AS content_hash FROM narrow"
        )
        connection.execute(_SUSPECTS)
        connection.register("wide", read_positions(shards, ["warc_path", "warc_offset"]))
        connection.execute(
            'CREATE TEMP TABLE places AS SELECT position, warc_path AS path, warc_offset AS "offset" '
            "FROM wide SEMI JOIN suspects USING (position)"
        )
        return lake.write_query(connection, _DUPLICATES, SCHEMA, layer=LAYER, crawl=crawl, fingerprint=decided_by)


def left_out(lake: Lake, crawl: str, documents: int) -> NDArray[np.bool_]:
    """By position, whether a document is an exact duplicate. Raises BadInput if that was not found out yet."""
    marks = np.zeros(documents, dtype=np.bool_)
    marks[lake.read(LAYER, crawl, columns=["position"])["position"].to_numpy()] = True
    return marks
