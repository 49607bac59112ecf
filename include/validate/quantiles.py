"""Quantiles of lengths from their histogram, so that memory grows with the lengths that there are, not with rows."""

from typing import TYPE_CHECKING

from include.validate.figures import rows

if TYPE_CHECKING:
    import duckdb

QUANTILES = (10, 50, 90)

_QUANTILES = f"""
    WITH counted AS (
        SELECT name, words, sum(rows) AS rows FROM lengths GROUP BY ALL
    ), running AS (
        SELECT name, words, sum(rows) OVER (PARTITION BY name ORDER BY words) AS upto,
            sum(rows) OVER (PARTITION BY name) AS total
        FROM counted
    )
    SELECT name, q.percent, min(words) AS words
    FROM running, (SELECT unnest([{", ".join(map(str, QUANTILES))}]) AS percent) q
    WHERE total >= $min_rows AND upto * 100 >= q.percent * total
    GROUP BY ALL ORDER BY ALL
"""


def quantiles(db: "duckdb.DuckDBPyConnection", min_rows: int) -> dict[str, float]:
    """``{"qa 50 %": 83.0}`` from the table ``lengths`` (name, words, rows): the least length that so many percent of
    the name's rows do not exceed. Names with fewer than ``min_rows`` rows are left out."""
    found = rows(db, _QUANTILES, min_rows=min_rows)
    return {f"{row['name']} {row['percent']} %": float(row["words"]) for row in found}
