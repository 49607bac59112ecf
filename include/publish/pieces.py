"""The narrow table that a corpus is decided on: one row per document and accepted generation, without its text."""

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from include.errors import BadInput
from include.lake import Lake
from include.publish.tokens import BYTES_PER_TOKEN, TokenCounter, count_texts
from include.schemas import IDENTITY

if TYPE_CHECKING:
    import duckdb

INPUTS = {
    "documents": ["doc_id", "content_hash", "url", "host", "quality_bucket", "text"],
    "accepted": ["generation_key", *IDENTITY, "teacher", "text"],
}
"""Layers in the order in which their rows have positions, with the columns that are read."""


def load_pieces(
    db: "duckdb.DuckDBPyConnection", lake: Lake, crawl: str, seed: int, counter: TokenCounter | None
) -> None:
    """Make the table ``piece`` and the macros ``ticket`` and ``draw``.

    ``position`` numbers the rows of the documents, then those of the accepted generations, as the lake has them.

    Raises:
        BadInput: a table is missing or of an older version, or a generation fits no document.
    """
    db.execute("CREATE MACRO ticket(purpose, id) AS md5(concat_ws('/', getvariable('seed'), purpose, id))")
    db.execute(
        "CREATE MACRO draw(purpose, id) AS "
        "md5_number_upper(concat_ws('/', getvariable('seed'), purpose, id)) / 18446744073709551616.0"
    )
    db.execute("SET VARIABLE seed = $seed", {"seed": str(seed)})
    measures = "position BIGINT, words INT, bytes INT, text_hash VARCHAR"
    db.execute(
        "CREATE TABLE documents (doc_id VARCHAR, content_hash VARCHAR, url VARCHAR, host VARCHAR, "
        f"quality_bucket VARCHAR, {measures})"
    )
    db.execute(
        "CREATE TABLE accepted (generation_key VARCHAR, doc_id VARCHAR, segment INT, recipe VARCHAR, variant INT, "
        f"teacher VARCHAR, {measures})"
    )
    position = 0
    for layer, columns in INPUTS.items():
        for rows in lake.row_groups(layer, crawl, columns):
            _add(db, layer, rows, position)
            position += rows.num_rows
    if counter:
        count_texts(db, lake, crawl, counter, list(INPUTS))
    _join(db, crawl, "counted.tokens" if counter else f"((bytes + {BYTES_PER_TOKEN - 1}) // {BYTES_PER_TOKEN})::INT")


def _add(db: "duckdb.DuckDBPyConnection", layer: str, rows: pa.Table, position: int) -> None:
    """Append some rows of an input to the table of its name, with measures in place of the texts."""
    words = [len(text.split()) for text in rows["text"].to_pylist()]
    measured = rows.append_column("words", pa.array(words, pa.int32()))
    measured = measured.append_column("bytes", pc.binary_length(rows["text"]))
    measured = measured.append_column("position", pa.array(range(position, position + rows.num_rows), pa.int64()))
    db.register("measured", measured)
    db.execute(f"INSERT INTO {layer} BY NAME SELECT * EXCLUDE (text), md5(text) AS text_hash FROM measured")
    db.unregister("measured")


def _join(db: "duckdb.DuckDBPyConnection", crawl: str, tokens: str) -> None:
    columns = "words, bytes, position, text_hash"
    db.execute(
        f"""
        CREATE TABLE piece AS
        WITH one AS (
            SELECT doc_id AS piece_id, 'real' AS origin, NULL::VARCHAR AS recipe, doc_id, NULL::INT AS segment,
                   NULL::INT AS variant, NULL::VARCHAR AS generation_key, url, coalesce(host, '') AS host, content_hash,
                   coalesce(quality_bucket, '') AS quality_bucket, {columns}
            FROM documents
            UNION ALL
            SELECT md5(concat_ws('/', doc_id, segment, recipe, variant)), 'synthetic', recipe, doc_id, segment,
                   variant, generation_key, url, coalesce(host, ''), content_hash,
                   coalesce(quality_bucket, ''), {", ".join(f"a.{name}" for name in columns.split(", "))}
            FROM accepted AS a JOIN documents USING (doc_id)
        )
        SELECT one.* EXCLUDE (text_hash), {tokens} AS tokens
        FROM one {"JOIN counted USING (text_hash)" if "counted" in tokens else ""}
        -- so that the rows of one stretch of positions lie together
        ORDER BY position
        """
    )
    [(unmatched,)] = db.sql(
        "SELECT (SELECT count(*) FROM documents) + (SELECT count(*) FROM accepted) - (SELECT count(*) FROM piece)"
    ).fetchall()
    if unmatched:
        raise BadInput(
            f"{abs(unmatched)} accepted generations of {crawl} fit no document, or several: the dump was ingested "
            "again since they were made. Run its rephrase and gate stages again."
        )
    # Memory is for what follows.
    for table in (*INPUTS, "counted"):
        db.execute(f"DROP TABLE IF EXISTS {table}")
