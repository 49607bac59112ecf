"""A sample of a dump's plan for trials: whole segments with all their recipes, spread over recipes and lengths."""

import pyarrow as pa

from include.errors import BadInput
from include.lake import Lake
from include.schemas import REQUEST


def sample_plan(lake: Lake, crawl: str, chains: int) -> pa.Table:
    """About ``chains`` rows of the table ``requests``, in the plan's order; the same ones for the same plan.

    Segments are ordered by the recipes that they get and by predicted tokens, and taken at even distances. A segment
    comes with all its recipes, since they share a prefix: recipes by themselves would show prefix caching as useless.

    Raises:
        BadInput: the dump has no plan, or an empty one.
    """
    files = [str(file) for file in lake.files("requests", crawl)]
    with lake.query() as query:
        rows: pa.Table = query.sql(
            """
            WITH request AS (
                SELECT *, row_number() OVER (ORDER BY filename, file_row_number) AS position
                FROM read_parquet(?, filename = true, file_row_number = true)
            ), segment AS (
                SELECT doc_id, segment, string_agg(recipe, ' ' ORDER BY recipe) AS recipes,
                       sum(predicted_tokens) AS tokens, min(position) AS position
                FROM request GROUP BY doc_id, segment
            ), ranked AS (
                SELECT doc_id, segment, row_number() OVER (ORDER BY recipes, tokens, position) AS place,
                       least(1, ? / (SELECT count(*) FROM request)) AS share
                FROM segment
            ), chosen AS (
                SELECT doc_id, segment FROM ranked WHERE ceil(place * share) > ceil((place - 1) * share)
            )
            SELECT request.* EXCLUDE (position, filename, file_row_number)
            FROM request SEMI JOIN chosen USING (doc_id, segment) ORDER BY position
            """,
            params=[files, chains],
        ).to_arrow_table()
    if rows.num_rows == 0:
        raise BadInput(f"The plan of {crawl} asks for nothing: there is nothing to try settings on. Plan another dump.")
    return rows.cast(REQUEST)
