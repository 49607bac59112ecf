"""Finds the pages that the rules name, and what stands in the lake of them and of no page that stays."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from include.ingest.opt_outs.match import Matcher
from include.lake import Lake
from include.parquet import write_parquet
from include.take_down.case import Case, folder
from include.take_down.tables import EMPTIED, PUBLISHED, Table, schema, tables

ROWS = 65_536
GONE = pa.schema([("kind", pa.string()), ("value", pa.string()), ("rule", pa.string())])
"""kind: page (a doc_id), name (another hash that stands for it or its children) or text (DuckDB's hash of one)."""
NAMES = ("content_hash", "generation_key", "row_id", "prompt_hash")
TEXTS = ("text", "source", "output", "ngram", "orders", "contaminated_by")
LONG = 64
"""Characters. A shorter text is nobody's own."""
_HOST = r"^[a-zA-Z][a-zA-Z0-9+.-]*://(?:[^/?#@]*@)?(?P<host>[^/?#:]*)"


@dataclass(frozen=True)
class Found:
    pages: dict[str, str]
    """The rule by doc_id."""
    rows: dict[str, int]
    """By layer."""
    affected: list[str]
    published: list[str]
    documents: int
    """Of the dumps that were looked at."""
    named: int
    """Of the documents."""


def find(lake: Lake, matcher: Matcher, crawls: Sequence[str], known: dict[str, str]) -> Found:
    """Look through all tables that have URLs.

    Args:
        crawls: the dumps to look at; none: all.
        known: pages that an interrupted run has found.
    """
    chosen = [table for table in tables(lake) if not crawls or table.crawl in crawls]
    pages = dict(known)
    documents = named = 0
    for table in chosen:
        if {"doc_id", "url"} <= set(schema(lake, table).names):
            for batch in chain.from_iterable(map(places, lake.files(*table))):
                rule = matcher.match(batch)
                hit = pc.is_valid(rule)
                pages |= dict(zip(batch["doc_id"].filter(hit).to_pylist(), rule.filter(hit).to_pylist(), strict=True))
                if table.layer == "documents":
                    documents, named = documents + batch.num_rows, named + (pc.sum(hit).as_py() or 0)
    rows: Counter[str] = Counter()
    affected, published = set(), set()
    gone = pa.array(sorted(pages), pa.string())
    for table in tables(lake):
        if count := count_rows(lake, table, gone):
            rows[table.layer] += count
            affected.add(table.crawl)
            published |= {table.crawl} if table.layer in PUBLISHED else set()
    return Found(pages, dict(sorted(rows.items())), sorted(affected), sorted(published), documents, named)


def count_rows(lake: Lake, table: Table, gone: pa.Array) -> int:
    """Rows with content of these pages in one table."""
    names = schema(lake, table).names
    if "doc_id" not in names:
        return 0
    columns = ["doc_id", "text"] if table.layer in EMPTIED else ["doc_id"]
    count = 0
    for file in lake.files(*table):
        for batch in pq.ParquetFile(file).iter_batches(ROWS, columns=columns):
            hit = pc.is_in(batch["doc_id"], value_set=gone)
            hit = pc.and_(hit, pc.is_valid(batch["text"])) if "text" in columns else hit
            count += pc.sum(hit).as_py() or 0
    return count


def keep_found(lake: Lake, case: Case, pages: dict[str, str]) -> None:
    """Write down the pages, and the names and texts that they do not share with a page that stays."""
    with lake.query() as query:
        query.register("page", pa.table({"doc_id": pa.array(pages.keys(), pa.string())}))
        query.execute("CREATE TABLE gone AS SELECT doc_id FROM page")
        query.execute("CREATE TABLE own (kind VARCHAR, value VARCHAR)")
        selections = list(_selections(lake))
        for kind, files, values in selections:
            query.execute(
                f"INSERT INTO own SELECT DISTINCT '{kind}', value FROM ({_query(values, 'SEMI')}) "
                "WHERE value IS NOT NULL",
                {"files": files},
            )
        query.execute("CREATE TABLE only_own AS SELECT DISTINCT kind, value FROM own")
        for kind, files, values in selections:
            query.execute(
                f"DELETE FROM only_own WHERE kind = '{kind}' AND value IN ({_query(values, 'ANTI')})", {"files": files}
            )
        own = query.sql("SELECT kind, value, NULL::VARCHAR AS rule FROM only_own ORDER BY ALL").to_arrow_table()
    first = pa.table([["page"] * len(pages), list(pages.keys()), list(pages.values())], schema=GONE)
    earlier = read_found(lake, case)
    together = pa.concat_tables([first, own.cast(GONE), *([earlier] if earlier else [])])
    distinct = together.group_by(["kind", "value"]).aggregate([("rule", "max")]).rename_columns(GONE.names)
    write_parquet(
        folder(lake, case.id) / "gone.parquet", distinct.sort_by([("kind", "ascending"), ("value", "ascending")])
    )


def read_found(lake: Lake, case: Case) -> pa.Table | None:
    """What :func:`keep_found` wrote (schema GONE), or None."""
    file = folder(lake, case.id) / "gone.parquet"
    return pq.read_table(file) if file.exists() else None


def pages_of(found: pa.Table | None) -> dict[str, str]:
    """The rule by doc_id."""
    if found is None:
        return {}
    rows = found.filter(pc.equal(found["kind"], "page"))
    return dict(zip(rows["value"].to_pylist(), rows["rule"].to_pylist(), strict=True))


def text_hash(column: str) -> str:
    """SQL for what stands for a text in GONE."""
    return f"CASE WHEN length({column}) >= {LONG} THEN hash({column})::VARCHAR END"


def places(file: Path, more: Sequence[str] = ()) -> Iterator[pa.Table]:
    """doc_id, url and host of a file's rows, and ``more`` columns; hosts from URLs where it has none."""
    opened = pq.ParquetFile(file)
    with_host = "host" in opened.schema_arrow.names
    columns = ["doc_id", "url", *(["host"] if with_host else []), *more]
    for batch in opened.iter_batches(ROWS, columns=columns):
        rows = pa.table(batch).select(columns)
        if not with_host:
            rows = rows.append_column("host", pc.struct_field(pc.extract_regex(rows["url"], _HOST), [0]))
        yield rows


def _selections(lake: Lake) -> Iterator[tuple[str, list[str], str]]:
    """(kind, files, SQL of the value) for each column that names or holds what was made of a page."""
    for table in tables(lake):
        columns = set(schema(lake, table).names)
        if "doc_id" not in columns:
            continue
        files = [str(file) for file in lake.files(*table)]
        for name in NAMES:
            if name in columns:
                yield "name", files, name
        if "made_of" in columns:
            yield "name", files, "unnest(made_of)"
        for name in TEXTS:
            if name in columns:
                yield "text", files, text_hash(name)


def _query(value: str, join: str) -> str:
    return f"SELECT {value} AS value FROM read_parquet($files) {join} JOIN gone USING (doc_id)"
