"""What DuckDB counts in the tables of a dump's corpus."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from include.ingest.quality.score import BUCKETS
from include.lake import Lake
from include.ledger import StageReport
from include.schemas import CORPUS
from include.validate.figures import NONE, rows

if TYPE_CHECKING:
    import duckdb

LAYERS = ("mix", "real", "heldout")
_REAL, _SYNTHETIC = "real", "synthetic"


def create_views(db: "duckdb.DuckDBPyConnection", lake: Lake, crawl: str) -> None:
    """A view for each table, ``accepted``, and ``corpus`` with all rows and the ``layer`` that each is in."""
    for table in (*LAYERS, "accepted"):
        db.read_parquet([str(file) for file in lake.files(table, crawl)]).create_view(table)
    union = " UNION ALL BY NAME ".join(f"SELECT '{layer}' AS layer, * FROM {layer}" for layer in LAYERS)
    db.execute(f"CREATE VIEW corpus AS {union}")
    # Without nulls: beside one, NOT IN is never true.
    db.execute("CREATE VIEW accepted_keys AS SELECT generation_key FROM accepted WHERE generation_key IS NOT NULL")
    db.execute("CREATE VIEW real_documents AS SELECT doc_id FROM real WHERE doc_id IS NOT NULL")


def wrong_columns(lake: Lake, crawl: str) -> str:
    """Files whose columns are not those of CORPUS."""
    wrong = [
        f"{layer}/{file.name}"
        for layer in LAYERS
        for file in lake.files(layer, crawl)
        if not pq.read_schema(file).equals(CORPUS)
    ]
    return ", ".join(wrong[:3]) or NONE


def differences(db: "duckdb.DuckDBPyConnection", report: StageReport) -> dict[str, int]:
    """By how many rows, words and tokens the tables differ from the report of the stage that wrote them."""
    parts = {"mix": "layer = 'mix'", "real": "layer = 'real'", "heldout": "layer = 'heldout'"}
    parts |= {f"mix_{origin}": f"layer = 'mix' AND origin = '{origin}'" for origin in (_REAL, _SYNTHETIC)}
    measures = {"rows": "1", "words": "words", "tokens": "tokens"}
    counts = [
        f"coalesce(sum({what}) FILTER ({where}), 0)::BIGINT AS {measure}_{part}"
        for measure, what in measures.items()
        for part, where in parts.items()
    ]
    [found] = rows(db, f"SELECT {', '.join(counts)} FROM corpus")
    return {
        f"lost_{measure}": sum(abs(found[f"{measure}_{part}"] - report.detail[measure][part]) for part in parts)
        for measure in measures
    }


def by_source(db: "duckdb.DuckDBPyConnection", sources: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """Tokens, the longest text, and how often a text is repeated at most, of each source of the mix; rows that belong
    to none stand under their recipe."""
    query = """
        SELECT origin, recipe, sum(tokens)::BIGINT AS tokens, max(longest) AS longest, max(n) AS repeats FROM (
            SELECT origin, recipe, coalesce(sum(tokens), 0) AS tokens, coalesce(max(tokens), 0) AS longest,
                count(*) AS n
            FROM mix GROUP BY origin, recipe, doc_id, segment, variant
        ) GROUP BY ALL ORDER BY ALL
    """
    found: dict[str, dict[str, int]] = {}
    for row in rows(db, query):
        name = _REAL if row["origin"] == _REAL else row["recipe"]
        if row["origin"] != _REAL and name not in sources and _SYNTHETIC in sources:
            name = _SYNTHETIC
        known = found.setdefault(str(name), {"tokens": 0, "longest": 0, "repeats": 0})
        known["tokens"] += row["tokens"]
        known["longest"] = max(known["longest"], row["longest"])
        known["repeats"] = max(known["repeats"], row["repeats"])
    return found


def shares_off(found: Mapping[str, Mapping[str, int]], sources: Mapping[str, Any], max_error: float) -> str:
    """The sources whose share of the mix's tokens is not that of the settings, with both."""
    total = sum(source["tokens"] for source in found.values())
    room = max_error * total + _one_text_each(found, sources)
    off = []
    for name in sorted({*found, *sources}):
        tokens, wanted = found.get(name, {}).get("tokens", 0), sources.get(name, {}).get("share", 0.0)
        if name not in sources or abs(tokens - wanted * total) > room:
            off.append(f"{name} {tokens / max(1, total):.3f} instead of {wanted:g}")
    return "; ".join(off) or NONE


def repeated_too_often(found: Mapping[str, Mapping[str, int]], sources: Mapping[str, Any]) -> str:
    """The sources a text of which is in the mix more often than the settings allow."""
    allowed = {name: source["max_repeats"] for name, source in sources.items()}
    over = [f"{name} {its['repeats']} times" for name, its in found.items() if its["repeats"] > allowed.get(name, 0)]
    return "; ".join(over) or NONE


def beyond_budget(found: Mapping[str, Mapping[str, int]], sources: Mapping[str, Any], budget: int | None) -> int:
    """Tokens of the mix above the budget and one text for each source and bucket."""
    if budget is None:
        return 0
    return max(0, sum(source["tokens"] for source in found.values()) - budget - _one_text_each(found, sources))


def _one_text_each(found: Mapping[str, Mapping[str, int]], sources: Mapping[str, Any]) -> int:
    """Texts are not cut: each source, or each of its quality buckets where they have weights, may go that far."""
    longest = max((source["longest"] for source in found.values()), default=0)
    return longest * sum(len(BUCKETS) if source["quality"] else 1 for source in sources.values())
