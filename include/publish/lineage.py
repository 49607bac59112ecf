"""Where one row of a corpus comes from: the page, the span, the recipe, the teacher, the engine, the checks."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from include.errors import BadInput
from include.lake import Lake
from include.recipes.registry import load_recipe
from include.rephrase.store import Store
from include.validate.checks import CHECKS
from include.validate.gate_params import GateParams

if TYPE_CHECKING:
    import duckdb

TABLES = ("mix", "real", "heldout")
PAGE = (
    "doc_id", "url", "host", "fetched_at", "warc_path", "warc_offset", "language", "language_score", "license",
    "robots", "tdm_reservation", "quality_score", "quality_bucket", "content_hash",
)  # fmt: skip
SPAN = ("segment", "span_start", "span_end", "source_tokens", "sentences", "document_sentences")
TEACHER = (
    "teacher", "teacher_revision", "teacher_terms", "engine", "engine_version", "temperature", "top_p", "top_k",
    "max_tokens", "seed", "prompt_hash", "prompt_tokens", "completion_tokens", "depth",
)  # fmt: skip
Facts = dict[str, Any]


@dataclass(frozen=True)
class Lineage:
    """What is known of one row. Of real text only ``row``, ``page`` and ``text`` are."""

    row: Facts
    """The row of the corpus without its text, and the ``tables`` that hold it."""
    page: Facts
    """The document, and its place in the dump's WARC files."""
    text: str
    span: Facts
    """What part of the document was rephrased; ``source`` is that part, ``unchanged`` whether it still stands there."""
    recipe: Facts
    teacher: Facts
    steps: list[Facts]
    """Every generation in the store that the text follows from, in order."""
    checks: list[Facts]
    """Name, value, whether it passed, and the bounds that hold now."""


def trace(lake: Lake, row_id: str, params: GateParams, crawl: str | None = None) -> Lineage:
    """The lineage of the row ``row_id`` of a corpus.

    Args:
        crawl: the dump, if it is known: all others are then left alone.

    Raises:
        BadInput: no corpus holds such a row, or the tables it was made from are gone.
    """
    with lake.query() as db:
        row = _find_row(lake, db, row_id, [crawl] if crawl else sorted({*_crawls(lake)}))
        text, dump = row.pop("text"), row["crawl"]
        page = _one(db, _files(lake, "documents", dump), "doc_id = $doc_id", {"doc_id": row["doc_id"]})
        if page is None:
            raise BadInput(
                f"Row {row_id} comes from document {row['doc_id']}, which {dump} holds no longer: it was ingested "
                f"again, or the document taken down. Run: python -m include.cli corpus --crawl {dump}"
            )
        facts = {name: page[name] for name in PAGE}
        if row["origin"] == "real":
            return Lineage(row, facts, text, {}, {}, {}, [], [])
        which = {name: row[name] for name in ("doc_id", "segment", "recipe", "variant")}
        same = " AND ".join(f"{name} = ${name}" for name in which)
        made = _one(db, _files(lake, "generations", dump), same, which)
        verdict = _one(db, _files(lake, "verdicts", dump), same, which)
        if made is None or verdict is None:
            raise BadInput(
                f"Row {row_id} was made by recipe {row['recipe']}, but the lake holds that generation no longer: the "
                f"dump was rephrased again. Build the corpus again: python -m include.cli corpus --crawl {dump}."
            )
    span = {name: made[name] for name in SPAN} | {"source": made["source"]}
    span["unchanged"] = page["text"][made["span_start"] : made["span_end"]] == made["source"]
    return Lineage(
        row=row,
        page=facts,
        text=text,
        span=span,
        recipe=_recipe(made),
        teacher={name: made[name] for name in TEACHER},
        steps=_steps(lake, made["made_of"]),
        checks=_checks(verdict["checks"], made["recipe"], params),
    )


def _crawls(lake: Lake) -> list[str]:
    return [crawl for table in TABLES for crawl in lake.crawls(table)]


def _files(lake: Lake, layer: str, crawl: str) -> list[str]:
    return [str(file) for file in lake.files(layer, crawl)]


def _find_row(lake: Lake, db: "duckdb.DuckDBPyConnection", row_id: str, crawls: list[str]) -> Facts:
    for crawl in crawls:
        found: Facts | None = None
        tables = []
        for table in TABLES:
            if lake.manifest(table, crawl) and (
                row := _one(db, _files(lake, table, crawl), "row_id = $row_id", {"row_id": row_id})
            ):
                found = row
                tables.append(table)
        if found is not None:
            return found | {"tables": tables}
    where = f"the corpus of {crawls[0]}" if len(crawls) == 1 else f"any of the {len(crawls)} corpora of this lake"
    raise BadInput(
        f"There is no row {row_id!r} in {where}. A row's name is its column 'row_id'; a row of an older version may be "
        "in that version alone."
    )


def _one(db: "duckdb.DuckDBPyConnection", files: list[str], where: str, values: Facts) -> Facts | None:
    rows: list[Facts] = db.sql(
        f"SELECT * FROM read_parquet($files) WHERE {where} LIMIT 1", params={**values, "files": files}
    ).to_arrow_table().to_pylist()  # fmt: skip
    return rows[0] if rows else None


def _recipe(made: Facts) -> Facts:
    facts = {"recipe": made["recipe"], "version": made["recipe_version"], "hash": made["recipe_hash"]}
    try:
        now = load_recipe(made["recipe"])
    except BadInput:
        return facts | {"origin": None, "state": "not among the recipes any more"}
    same = now.generation_fingerprint == made["recipe_hash"]
    return facts | {"origin": now.origin, "state": "as it is now" if same else f"changed since; now {now.version}"}


def _steps(lake: Lake, keys: list[str]) -> list[Facts]:
    columns = "generation_key, step, engine, engine_version, finish_reason, prompt_tokens, completion_tokens"
    with Store(lake).query() as query:
        found = query.sql(
            f"SELECT DISTINCT ON (generation_key) {columns} FROM result "
            "WHERE list_contains($keys, generation_key) ORDER BY generation_key, finish_reason = 'error'",
            params={"keys": keys},
        ).to_arrow_table().to_pylist()  # fmt: skip
    by_key = {row["generation_key"]: row for row in found}
    return [by_key.get(key, {"generation_key": key, "step": None}) for key in keys]


def _checks(checks: list[Facts], recipe: str, params: GateParams) -> list[Facts]:
    known = {check.name: check for check in CHECKS}
    try:
        of = load_recipe(recipe)
    except BadInput:
        return [check | {"min": None, "max": None} for check in checks]
    bounds = {name: check.bounds(params, of) for name, check in known.items()}
    nothing = {"min": None, "max": None}
    return [check | (bounds[check["name"]].model_dump() if check["name"] in bounds else nothing) for check in checks]
