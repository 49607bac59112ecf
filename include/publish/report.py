"""The report of the corpus stage: where every row ended, and what the corpus has of which source."""

from typing import TYPE_CHECKING, Any

from include.ledger import StageReport
from include.publish.mix_params import MixParams

if TYPE_CHECKING:
    import duckdb

PLACES = ("mix", "heldout", "real_only")
"""Places inside the corpus; every other place is a reason for leaving a row out."""
MEASURES = ("rows", "words", "tokens")
GROUPS = {
    "mix": ("copies", "true"),
    "mix_real": ("copies", "origin = 'real'"),
    "mix_synthetic": ("copies", "origin = 'synthetic'"),
    "mix_repeats": ("greatest(copies - 1, 0)", "true"),
    "real": ("1", "origin = 'real' AND place IN ('mix', 'real_only')"),
    "real_only": ("1", "place = 'real_only'"),
    "heldout": ("1", "place = 'heldout'"),
}
"""Part of the corpus to how often a placed row is in it, and the rows that are."""


def corpus_report(
    stage: str, crawl: str, db: "duckdb.DuckDBPyConnection", params: MixParams, detail: dict[str, Any]
) -> StageReport:
    """Count the table ``placed``: one row per document and accepted generation. ``detail`` is added to."""
    places: dict[str, int] = dict(db.sql("SELECT place, count(*) FROM placed GROUP BY place ORDER BY place").fetchall())
    figures = {name: _measure(db, times, rows) for name, (times, rows) in GROUPS.items()}
    by_recipe = {
        recipe: {"rows": rows, "words": words, "tokens": tokens}
        for recipe, rows, words, tokens in db.sql(
            "SELECT recipe, sum(copies)::BIGINT, sum(copies * words)::BIGINT, sum(copies * tokens)::BIGINT FROM placed "
            "WHERE place = 'mix' AND origin = 'synthetic' GROUP BY recipe ORDER BY recipe"
        ).fetchall()
    }
    hosts = "SELECT count(DISTINCT host) FROM placed WHERE origin = 'real'"
    total = figures["mix"]["tokens"]
    counted = {measure: {name: figure[measure] for name, figure in figures.items()} for measure in MEASURES}
    return StageReport(
        stage=stage,
        crawl=crawl,
        rows_in=sum(places.values()),
        rows_out=sum(places.get(place, 0) for place in PLACES),
        rejected={place: count for place, count in places.items() if place not in PLACES},
        detail={
            **counted,
            "sources": _sources(db, params, total),
            "by_recipe": by_recipe,
            "synthetic_share": round(figures["mix_synthetic"]["tokens"] / total, 4),
            "hosts": _number(db, hosts),
            "heldout_hosts": _number(db, f"{hosts} AND place = 'heldout'"),
            **detail,
        },
    )


def _sources(db: "duckdb.DuckDBPyConnection", params: MixParams, total: int) -> dict[str, dict[str, Any]]:
    """By source of the mix: what there was, what was taken, and the shares wanted and got."""
    taken = {
        row[0]: row[1:]
        for row in db.sql(
            "SELECT source, count(*), sum(tokens)::BIGINT, sum(copies)::BIGINT, sum(copies * tokens)::BIGINT "
            "FROM placed WHERE place IN ('mix', 'real_only', 'not_sampled') GROUP BY source"
        ).fetchall()
    }
    found: dict[str, dict[str, Any]] = {}
    for name, source in params.sources.items():
        available_rows, available_tokens, rows, tokens = taken[name]
        found[name] = {
            "available_rows": available_rows,
            "available_tokens": available_tokens,
            "rows": rows,
            "tokens": tokens,
            "share_wanted": source.share,
            "share": round(tokens / total, 4),
            "max_repeats": source.max_repeats,
            "repeats": round(tokens / available_tokens, 4),
        }
    return found


def _measure(db: "duckdb.DuckDBPyConnection", times: str, rows: str) -> dict[str, int]:
    query = (
        f"SELECT coalesce(sum({times}), 0)::BIGINT, coalesce(sum({times} * words), 0)::BIGINT, "
        f"coalesce(sum({times} * tokens), 0)::BIGINT FROM placed WHERE {rows}"
    )
    [found] = db.sql(query).fetchall()
    return dict(zip(MEASURES, found, strict=True))


def _number(db: "duckdb.DuckDBPyConnection", query: str) -> int:
    [(number,)] = db.sql(query).fetchall()
    return int(number)
