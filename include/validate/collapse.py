"""Whether a dump's accepted texts fall into a template: the same openings, the same runs of words, the same length.

Every figure is taken of the texts and of the sources that they were made from: what is a template shows beside what web
pages do themselves. By recipe and over all of them, because a mixture of templates looks varied.

- ``opening_3``, ``opening_5``: share of the texts that begin with the commonest first three, five words.
- ``opening_3_top_10``: share with one of the ten commonest.
- ``ngrams_top_100``: share of all word 4-grams that are one of the hundred commonest (after the templates of Shaib et
  al., arXiv 2407.00211, in words).
- ``distinct_4``: different 4-grams per 4-gram (Li et al., arXiv 1510.03055). It falls as texts are added, so that this
  and the one before are measured on SAMPLE texts drawn by a hash of their identity: dumps of any size compare.
- ``length_variation``: standard deviation of the texts' words by their mean (near 0: always the same length).
"""

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from include.ingest.ngrams import hash_ngrams
from include.lake import Lake
from include.schemas import IDENTITY
from include.validate.generated import generated_text

if TYPE_CHECKING:
    import duckdb

SAMPLE = 2_000
"""Texts of each recipe, and of all."""
NGRAM, COMMONEST = 4, 100
OF_ALL = "all recipes"
AT_ONCE = 1_000
Figures = dict[str, float]

# Of a text of many kilobytes only the beginning is looked at for its first words.
_WORDS = "regexp_extract_all(lower(left({text}, 300)), '[\\p{{L}}\\p{{N}}]+')"
_ROW = """
    {words}[1:3] AS three, {words}[1:5] AS five, len(regexp_extract_all({text}, '\\S+')) AS words
"""
_MEASURED = """
    CREATE VIEW rows AS SELECT *, {generated} AS generated FROM accepted;
    CREATE TABLE measured AS
    SELECT unnest([recipe, '{of_all}']) AS recipe, '' AS side, {of_text} FROM rows;
    INSERT INTO measured
    SELECT recipe, 'source_', any_value(three), any_value(five), any_value(words)
    FROM (SELECT *, {of_source} FROM rows) GROUP BY recipe, doc_id, segment;
    INSERT INTO measured
    SELECT '{of_all}', 'source_', any_value(three), any_value(five), any_value(words)
    FROM (SELECT *, {of_source} FROM rows) GROUP BY doc_id, span_start, span_end
"""
_FIGURES = """
    WITH threes AS (SELECT recipe, side, count(*) AS n FROM measured GROUP BY recipe, side, three),
    fives AS (SELECT recipe, side, count(*) AS n FROM measured GROUP BY recipe, side, five)
    SELECT * FROM (
        SELECT recipe, side, count(*)::DOUBLE AS texts,
            coalesce(stddev_pop(words) / nullif(avg(words), 0), 0) AS length_variation
        FROM measured GROUP BY recipe, side
    )
    JOIN (SELECT recipe, side, max(n) / sum(n) AS opening_3, list_sum(max(n, 10)) / sum(n) AS opening_3_top_10
        FROM threes GROUP BY recipe, side) USING (recipe, side)
    JOIN (SELECT recipe, side, max(n) / sum(n) AS opening_5 FROM fives GROUP BY recipe, side) USING (recipe, side)
    ORDER BY recipe, side
"""
_SAMPLED = """
    WITH drawn AS (
        SELECT row, group_name FROM (
            SELECT file_row_number AS row, unnest([recipe, '{of_all}']) AS group_name,
                md5(concat_ws('/', {identity})) AS draw
            FROM rows
        ) QUALIFY row_number() OVER (PARTITION BY group_name ORDER BY draw) <= {sample}
    )
    SELECT group_name, generated, source FROM drawn JOIN rows ON file_row_number = row ORDER BY group_name, row
"""


def measure_collapse(lake: Lake, crawl: str) -> dict[str, Figures]:
    """The figures above of each recipe with accepted texts and, as ``OF_ALL``, of all of them; each also as
    ``source_<figure>``. ``texts`` and ``source_texts`` count. Nothing where nothing was accepted."""
    with lake.query() as db:
        [file] = lake.files("accepted", crawl)
        db.read_parquet(str(file), file_row_number=True).create_view("accepted")
        sides = {side: _ROW.format(words=_WORDS.format(text=text), text=text) for side, text in
                 (("of_text", "generated"), ("of_source", "source"))}  # fmt: skip
        db.execute(_MEASURED.format(generated=generated_text(), of_all=OF_ALL, **sides))
        found: dict[str, Figures] = {}
        for row in db.sql(_FIGURES).to_arrow_table().to_pylist():
            recipe, side = row.pop("recipe"), row.pop("side")
            found.setdefault(recipe, {}).update({f"{side}{name}": round(value, 4) for name, value in row.items()})
        for recipe, texts, sources in _samples(db):
            found[recipe] |= _concentration(texts) | {
                f"source_{name}": value for name, value in _concentration(sources).items()
            }
        return found


def _samples(db: "duckdb.DuckDBPyConnection") -> Iterator[tuple[str, list[str], list[str]]]:
    """Recipe, sampled texts, and their sources, each once."""
    query = _SAMPLED.format(identity=", ".join(IDENTITY), of_all=OF_ALL, sample=SAMPLE)
    reader = db.sql(query).to_arrow_reader(AT_ONCE)
    rows: Iterator[dict[str, Any]] = (row for batch in reader for row in batch.to_pylist())
    for recipe, of_recipe in groupby(rows, key=itemgetter("group_name")):
        texts, sources = zip(*((row["generated"], row["source"]) for row in of_recipe), strict=True)
        yield recipe, list(texts), list(dict.fromkeys(sources))


def _concentration(texts: list[str]) -> Figures:
    counts = np.unique(np.concatenate([hash_ngrams(text, NGRAM) for text in texts]), return_counts=True)[1]
    total = max(1, int(counts.sum()))
    top = int(np.sort(counts)[-COMMONEST:].sum())
    return {"ngrams_top_100": round(top / total, 4), "distinct_4": round(len(counts) / total, 4)}
