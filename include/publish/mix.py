"""Mixes real and accepted synthetic text into the corpus of one dump, and keeps text aside to measure with.

Every decision is a draw: the hash of (seed, purpose, identity), taken as a number in [0, 1). So it depends neither on
the order of rows nor on the machine, and a host that one dump holds out is held out in every other dump, too.
"""

from typing import TYPE_CHECKING

import pyarrow as pa

from include.errors import BadInput
from include.lake import Lake, fingerprint
from include.ledger import StageReport, recall, record
from include.params import MixParams
from include.publish.report import corpus_report
from include.schemas import CORPUS, IDENTITY
from include.validate.outcome import require_passed

if TYPE_CHECKING:
    import duckdb

VERSION = "2"
STAGE = "corpus"
TABLES = {
    "heldout": "place = 'heldout'",
    "real": "origin = 'real' AND place IN ('mix', 'real_only')",
    "mix": "place = 'mix'",
}
"""Layer to the rows it holds. The real-only arm overlaps the mix: the two are trained on apart."""
DOCUMENT_COLUMNS = ["doc_id", "content_hash", "url", "host", "text"]
GENERATION_COLUMNS = ["generation_key", *IDENTITY, "teacher", "text"]
TAKE_ROWS = 65536
"""Texts gathered at once: keeps each Arrow chunk far from the 2 GiB that a string chunk can hold."""


def corpus_fingerprint(lake: Lake, crawl: str, params: MixParams) -> str:
    """Fingerprint of all that decides the corpus. Raises BadInput if an input table is not there."""
    for layer in ("documents", "accepted"):
        lake.files(layer, crawl)
    inputs = [manifest.files for m in ("documents", "accepted") if (manifest := lake.manifest(m, crawl))]
    return fingerprint(VERSION, inputs, params.model_dump())


def build_corpus(lake: Lake, crawl: str, params: MixParams) -> StageReport:
    """Write the tables ``mix``, ``real`` and ``heldout`` (schema CORPUS).

    - ``heldout``: real text of the hosts whose draw falls below ``heldout_share``. Neither it nor anything made from it
      enters an arm. Where that leaves one side without a host, documents are held out instead.
    - ``real``: all other real text.
    - ``mix``: accepted synthetic text and a part of ``real``, or the other way round, so that ``synthetic_share`` of
      its words is synthetic, within the length of one row: all of the scarcer side, a sample of the other, nothing
      twice.

    The report's rows in are documents and accepted generations; each ends as ``mix``, ``heldout`` or ``real_only``
    (rows out), or is rejected as ``heldout_host``/``heldout_document`` (made from held-out text), ``repeated`` (another
    row has the same generation) or ``not_sampled`` (beyond the share).

    Raises:
        GateFailed: the gate did not pass the present generations.
        BadInput: there is nothing to mix, or nothing to hold out.
    """
    require_passed(lake, crawl)
    key = corpus_fingerprint(lake, crawl, params)
    report = recall(lake, crawl, STAGE)
    whole = all(lake.is_current(key, layer, crawl) for layer in TABLES)
    if whole and report is not None and report.detail["fingerprint"] == key:
        return report

    documents = lake.read("documents", crawl, columns=DOCUMENT_COLUMNS)
    accepted = lake.read("accepted", crawl, columns=GENERATION_COLUMNS)
    with lake.query() as db:
        _load(db, documents, accepted, crawl, params.seed)
        heldout_by = _hold_out(db, crawl, params.heldout_share)
        _place(db, crawl, heldout_by, params.synthetic_share)
        texts = pa.chunked_array(
            [chunk.cast(pa.large_string()) for table in (documents, accepted) for chunk in table["text"].chunks],
            pa.large_string(),
        )
        for layer, rows in TABLES.items():
            lake.write(_gather(db, rows, texts, crawl), layer=layer, crawl=crawl, fingerprint=key)
        placed = db.sql("SELECT place, origin, recipe, host, words FROM placed").to_arrow_table()
    return record(lake, corpus_report(STAGE, crawl, placed, heldout_by, params, key))


def _load(db: "duckdb.DuckDBPyConnection", documents: pa.Table, accepted: pa.Table, crawl: str, seed: int) -> None:
    """Make the narrow table ``piece``: one row per document and per accepted generation.

    ``position`` says where the row's text stands when those of the generations follow those of the documents.
    """
    db.register("document", _narrow(documents, first=0))
    db.register("generation", _narrow(accepted, first=documents.num_rows))
    db.execute("CREATE MACRO ticket(purpose, id) AS md5(concat_ws('/', getvariable('seed'), purpose, id))")
    db.execute(
        "CREATE MACRO draw(purpose, id) AS "
        "md5_number_upper(concat_ws('/', getvariable('seed'), purpose, id)) / 18446744073709551616.0"
    )
    db.execute("SET VARIABLE seed = $seed", {"seed": str(seed)})
    db.execute(
        """
        CREATE TABLE piece AS
        SELECT doc_id AS row_id, 'real' AS origin, NULL::VARCHAR AS recipe, doc_id, NULL::VARCHAR AS generation_key,
               NULL::VARCHAR AS teacher, url, coalesce(host, '') AS host, content_hash, words, position
        FROM document
        UNION ALL
        SELECT md5(concat_ws('/', doc_id, segment, recipe, variant)), 'synthetic', recipe, doc_id, generation_key,
               teacher, url, coalesce(host, ''), content_hash, generation.words, generation.position
        FROM generation JOIN document USING (doc_id)
        """
    )
    unmatched = documents.num_rows + accepted.num_rows - db.sql("FROM piece").shape[0]
    if unmatched:
        raise BadInput(
            f"{abs(unmatched)} accepted generations of {crawl} fit no document, or several: the dump was ingested "
            "again since they were made. Run its rephrase and gate stages again."
        )


def _narrow(table: pa.Table, first: int) -> pa.Table:
    words = [len(text.split()) for chunk in table["text"].chunks for text in chunk.to_pylist()]
    positions = pa.array(range(first, first + table.num_rows), pa.int64())
    narrow = table.drop_columns(["text"]).append_column("words", pa.array(words, pa.int32()))
    return narrow.append_column("position", positions)


def _hold_out(db: "duckdb.DuckDBPyConnection", crawl: str, share: float) -> str:
    """Make the table ``heldout(doc_id)``; returns what was held out: ``host`` or ``document``."""
    db.execute(
        "CREATE TABLE heldout AS SELECT doc_id FROM piece WHERE origin = 'real' AND draw('host', host) < $share",
        {"share": share},
    )
    sides = db.sql("SELECT count(DISTINCT doc_id IN (FROM heldout)) FROM piece WHERE origin = 'real' AND words > 0")
    if sides.fetchall() == [(2,)]:
        return "host"
    documents = db.sql("FROM piece WHERE origin = 'real' AND words > 0").shape[0]
    if documents < 2:
        raise BadInput(
            f"{crawl} has {documents} document(s) with text. A corpus needs two at least: one to train on and one to "
            "hold out. Ingest a larger dump, or loosen the bounds of 'ingest' in params.yaml."
        )
    db.execute(
        """
        CREATE OR REPLACE TABLE heldout AS
        SELECT doc_id FROM piece WHERE origin = 'real' AND words > 0
        ORDER BY ticket('document', content_hash), doc_id LIMIT $count
        """,
        {"count": min(max(round(share * documents), 1), documents - 1)},
    )
    return "document"


def _place(db: "duckdb.DuckDBPyConnection", crawl: str, heldout_by: str, synthetic_share: float) -> None:
    """Make the table ``placed``: every piece with the ``place`` where it ends."""
    # A segment that two documents share has one generation: it must not come back through the document that is kept.
    db.execute(
        """
        CREATE TABLE sorted AS
        SELECT *, CASE
            WHEN origin = 'real' AND doc_id IN (FROM heldout) THEN 'heldout'
            WHEN origin = 'real' THEN 'pool'
            WHEN bool_or(doc_id IN (FROM heldout)) OVER (PARTITION BY generation_key) THEN 'heldout_' || $by
            WHEN row_number() OVER (PARTITION BY generation_key ORDER BY ticket('repeat', row_id)) > 1 THEN 'repeated'
            ELSE 'pool' END AS place
        FROM piece
        """,
        {"by": heldout_by},
    )
    words = dict(db.sql("SELECT origin, sum(words) FROM sorted WHERE place = 'pool' GROUP BY origin").fetchall())
    real, synthetic = int(words.get("real", 0)), int(words.get("synthetic", 0))
    if synthetic_share > 0 and synthetic == 0:
        raise BadInput(_nothing_to_mix(db, crawl, heldout_by))
    # The scarcer side bounds the mix; a share of 0 or 1 leaves only one side to bound it.
    total = min(
        synthetic / synthetic_share if synthetic_share > 0 else float("inf"),
        real / (1 - synthetic_share) if synthetic_share < 1 else float("inf"),
    )
    db.execute(
        """
        CREATE TABLE placed AS
        SELECT * EXCLUDE (place), CASE
            WHEN place <> 'pool' THEN place
            WHEN sum(words) OVER (PARTITION BY place, origin ORDER BY ticket('sample', row_id), row_id) - words
                < CASE origin WHEN 'real' THEN $real ELSE $synthetic END THEN 'mix'
            WHEN origin = 'real' THEN 'real_only'
            ELSE 'not_sampled' END AS place
        FROM sorted
        """,
        {"real": total * (1 - synthetic_share), "synthetic": total * synthetic_share},
    )


def _nothing_to_mix(db: "duckdb.DuckDBPyConnection", crawl: str, heldout_by: str) -> str:
    accepted = db.sql("FROM piece WHERE origin = 'synthetic'").shape[0]
    way_out = "or set mix.synthetic_share to 0 for a corpus of real text alone."
    if accepted == 0:
        return (
            f"The gate accepted no generation of {crawl}: there is no synthetic text to mix. Its summary page shows "
            f"why they were rejected. Use a better teacher, other recipes or more documents (rephrase.*), {way_out}"
        )
    return (
        f"All {accepted} accepted generations of {crawl} were made from a held-out {heldout_by}: nothing is left to "
        f"mix. Rephrase more documents (rephrase.max_documents), lower mix.heldout_share or change mix.seed, {way_out}"
    )


def _gather(db: "duckdb.DuckDBPyConnection", rows: str, texts: pa.ChunkedArray, crawl: str) -> pa.Table:
    """One table of the corpus in its seeded order, with the texts."""
    # Another purpose than 'sample': by that order, the sampled side would stand at the front of the mix.
    chosen = db.sql(f"FROM placed WHERE {rows} ORDER BY ticket('order', row_id), row_id").to_arrow_table()
    at = chosen["position"].combine_chunks()
    starts = range(0, len(at), TAKE_ROWS)
    parts = [texts.take(at.slice(start, TAKE_ROWS)).combine_chunks().cast(pa.string()) for start in starts]
    columns = {name: chosen[name] for name in CORPUS.names if name not in ("text", "crawl")}
    columns["text"] = pa.chunked_array(parts, pa.string())
    columns["crawl"] = pa.chunked_array([pa.array([crawl] * len(at), pa.string())])
    return pa.table(columns).select(CORPUS.names).cast(CORPUS)
