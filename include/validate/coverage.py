"""What share of a document's sentences ended in accepted text, by recipe and by any of them.

A segment holds the sentences that begin in it, and the segments of one recipe are the whole document. So the counts of
the segments before it tell which sentences of the document a segment holds (the 5th to the 8th), and the segments of
recipes that cut at other places can be laid over each other without a look at the text.
"""

from include.lake import Lake
from include.schemas import COVERAGE

_COVERAGE = """
    WITH segments AS (
        SELECT doc_id, recipe, segment, any_value(sentences) AS sentences,
            any_value(document_sentences) AS document_sentences, bool_or(accepted) AS accepted
        FROM generations JOIN verdicts USING (doc_id, segment, recipe, variant)
        GROUP BY doc_id, recipe, segment
    ), spans AS (
        SELECT *, stop - sentences AS start FROM (
            SELECT *, sum(sentences) OVER (PARTITION BY doc_id, recipe ORDER BY segment) AS stop FROM segments
        )
    ), laid AS (
        FROM spans UNION ALL SELECT * REPLACE (NULL AS recipe) FROM spans
    ), overlaid AS (
        -- Up to ``reached``, sentences have been counted with the accepted spans that begin before.
        SELECT *, coalesce(max(stop) FILTER (accepted) OVER (
            PARTITION BY doc_id, recipe ORDER BY start, stop ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ), 0) AS reached
        FROM laid
    ), counted AS (
        SELECT doc_id, recipe, max(document_sentences) AS sentences,
            coalesce(sum(greatest(0, stop - greatest(start, reached))) FILTER (accepted), 0) AS accepted_sentences
        FROM overlaid GROUP BY doc_id, recipe
    )
    SELECT *, accepted_sentences / greatest(sentences, 1) AS coverage FROM counted
    ORDER BY doc_id, recipe NULLS FIRST
"""


def write_coverage(lake: Lake, crawl: str, fingerprint: str) -> None:
    """Write the table ``coverage`` from ``generations`` and ``verdicts``: for each document that has generations, a row
    over all recipes (whose ``recipe`` is null) and then one per recipe."""
    with lake.query() as db:
        for table in ("generations", "verdicts"):
            db.read_parquet([str(file) for file in lake.files(table, crawl)]).create_view(table)
        lake.write_query(db, _COVERAGE, COVERAGE, layer="coverage", crawl=crawl, fingerprint=fingerprint)
