"""Where every text of a dump ends: held out, in the mix (how often), in the real arm alone, or left out, and why."""

from typing import TYPE_CHECKING

import pyarrow as pa

from include.errors import BadInput
from include.publish.mix_params import REAL, SYNTHETIC, MixParams
from include.publish.shares import Allotment, Stratum, allot, available

if TYPE_CHECKING:
    import duckdb


def hold_out(db: "duckdb.DuckDBPyConnection", crawl: str, share: float) -> str:
    """Make the table ``heldout(doc_id)``; returns what was held out: ``host`` or ``document``."""
    db.execute(
        "CREATE TABLE heldout AS SELECT doc_id FROM piece WHERE origin = 'real' AND draw('host', host) < $share",
        {"share": share},
    )
    sides = db.sql("SELECT count(DISTINCT doc_id IN (FROM heldout)) FROM piece WHERE origin = 'real' AND words > 0")
    if sides.fetchall() == [(2,)]:
        return "host"
    [(documents,)] = db.sql("SELECT count(*) FROM piece WHERE origin = 'real' AND words > 0").fetchall()
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


def place(db: "duckdb.DuckDBPyConnection", crawl: str, heldout_by: str, params: MixParams) -> Allotment:
    """Make the table ``placed``: every piece with its ``source``, the ``place`` where it ends, and the ``copies`` of it
    that are in the mix."""
    _sort(db, heldout_by, params)
    strata = [
        Stratum(*row)
        for row in db.sql(
            "SELECT source, stratum, count(*), sum(tokens)::BIGINT FROM sorted "
            "WHERE place = 'pool' AND source IS NOT NULL GROUP BY ALL ORDER BY ALL"
        ).fetchall()
    ]
    for name, source in params.sources.items():
        if not available(source, [stratum for stratum in strata if stratum.source == name]):
            raise BadInput(_nothing_to_mix(db, crawl, name, heldout_by, params))
    allotment = allot(params.sources, strata, params.tokens)
    taken = [(t.stratum.source, t.stratum.bucket, t.whole, t.rest) for t in allotment.taken]
    columns = dict(zip(("source", "stratum", "whole", "rest"), zip(*taken, strict=True), strict=True))
    db.register("taken", pa.table(columns))
    # Of the texts that are taken once more than all others: those with the lowest tickets.
    db.execute(
        """
        CREATE TABLE placed AS
        WITH counted AS (
            SELECT sorted.*, whole + CASE WHEN sum(tokens) OVER stratum_before - tokens < rest THEN 1 ELSE 0 END AS n
            FROM sorted LEFT JOIN taken USING (source, stratum)
            WINDOW stratum_before AS (
                PARTITION BY place, source, stratum ORDER BY ticket('sample', piece_id), piece_id
                ROWS UNBOUNDED PRECEDING
            )
        )
        SELECT * EXCLUDE (place, n), CASE WHEN place = 'pool' THEN coalesce(n, 0)::INT ELSE 0 END AS copies, CASE
            WHEN place <> 'pool' THEN place
            WHEN n > 0 THEN 'mix'
            WHEN origin = 'real' THEN 'real_only'
            ELSE 'not_sampled' END AS place
        FROM counted
        ORDER BY position
        """
    )
    db.unregister("taken")
    for table in ("piece", "sorted"):
        db.execute(f"DROP TABLE {table}")
    return allotment


def _sort(db: "duckdb.DuckDBPyConnection", heldout_by: str, params: MixParams) -> None:
    """Make the table ``sorted``: pieces with their source (null if the mix has none for them) and first place."""
    sources = params.sources
    named = [name for name in sources if name not in (REAL, SYNTHETIC)]
    weighted = [name for name, source in sources.items() if source.quality]
    # A segment that two documents share has one generation: it must not come back through the document that is kept.
    db.execute(
        """
        CREATE TABLE sorted AS
        WITH of AS (
            SELECT *, CASE
                WHEN origin = 'real' THEN $real
                WHEN list_contains($named::VARCHAR[], recipe) THEN recipe
                ELSE $others END AS source
            FROM piece
        )
        SELECT *, CASE WHEN list_contains($weighted::VARCHAR[], source) THEN quality_bucket ELSE '' END AS stratum, CASE
            WHEN origin = 'real' AND doc_id IN (FROM heldout) THEN 'heldout'
            WHEN origin = 'real' THEN 'pool'
            WHEN bool_or(doc_id IN (FROM heldout)) OVER (PARTITION BY generation_key) THEN 'heldout_' || $by
            WHEN row_number() OVER (PARTITION BY generation_key ORDER BY ticket('repeat', piece_id)) > 1 THEN 'repeated'
            ELSE 'pool' END AS place
        FROM of
        """,
        {
            "by": heldout_by,
            "named": named,
            "weighted": weighted,
            "real": REAL if REAL in sources else None,
            "others": SYNTHETIC if SYNTHETIC in sources else None,
        },
    )


def _nothing_to_mix(
    db: "duckdb.DuckDBPyConnection", crawl: str, source: str, heldout_by: str, params: MixParams
) -> str:
    """Why a source has no text, and what to do."""
    way_out = f"or choose a mix without the source '{source}': mix.use is {params.use}, real_only is real text alone."
    query = "SELECT count(*), count(*) FILTER (place = 'pool') FROM sorted WHERE source = $source"
    [(accepted, left)] = db.execute(query, {"source": source}).fetchall()
    what = "generation" if source == SYNTHETIC else f"generation of recipe {source}"
    if left:
        return (
            f"Mix {params.use} draws none of the {left} texts of {source} in {crawl}: its weights for quality buckets "
            "are 0 wherever there is text. Raise one of them."
        )
    if accepted == 0:
        return (
            f"The gate accepted no {what} in {crawl}: either none was made (rephrase.routing and rephrase.recipes say "
            "which recipes are used), or its summary page shows why they were rejected. Use a better teacher, other "
            f"recipes or more documents (rephrase.*), {way_out}"
        )
    return (
        f"All {accepted} accepted texts of {source} of {crawl} are held out or were made from a held-out {heldout_by}: "
        "nothing is left to mix. Rephrase more documents (rephrase.max_documents), lower mix.heldout_share or change "
        f"mix.seed, {way_out}"
    )
