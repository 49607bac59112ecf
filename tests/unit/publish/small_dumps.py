"""Small dumps that have passed the gate."""

import hashlib
import random
from dataclasses import dataclass
from datetime import UTC, datetime

import pyarrow as pa

from include.lake import Lake
from include.ledger import StageReport, record
from include.schemas import DOCUMENT, GENERATION, JUDGED
from include.validate.outcome import Outcome, table_digest, write_outcome

RECIPES = ("easy", "qa")
WORDS = ("bread", "harbour", "quiet", "seven", "gulls", "wait", "near", "the", "baker", "every", "morning", "and")


def hexid(*parts: object) -> str:
    return hashlib.md5("/".join(map(str, parts)).encode()).hexdigest()


@dataclass(frozen=True)
class Dump:
    """What a test dump holds: ``documents`` on ``hosts``, the first ``rephrased`` of them with one row per recipe."""

    crawl: str = "SAMPLE-2026-01"
    documents: int = 60
    hosts: int = 20
    rephrased: int = 60
    edition: int = 1
    """Changes the text of every document."""
    passed: bool = True
    recipes: tuple[str, ...] = RECIPES
    recipe_version: str = "2"
    variants: int = 1
    """Texts of each recipe over a document."""
    teacher_terms: str = "allowed: Test Licence: says nothing of outputs. Source: section 1."
    same_key: tuple[int, ...] = ()
    """Documents whose first recipe shares one generation, as documents with a common segment do."""


def _text(seed: str, low: int, high: int) -> str:
    draw = random.Random(seed)
    return " ".join(draw.choices(WORDS, k=draw.randint(low, high)))


def _document(dump: Dump, number: int) -> dict[str, object]:
    host = f"host{number % dump.hosts}.example"
    text = _text(f"{dump.crawl}/{dump.edition}/{number}", 40, 200)
    return {
        "doc_id": hexid(dump.crawl, number),
        "crawl": dump.crawl,
        "url": f"https://{host}/page-{number}",
        "host": host,
        "fetched_at": datetime(2026, 1, 5, tzinfo=UTC),
        "language": "en",
        "text": text,
        "content_hash": hexid("content", text),
        "words": len(text.split()),
    }


def _generation(dump: Dump, number: int, recipe: str, variant: int, source: str) -> dict[str, object]:
    shared = number in dump.same_key and recipe == RECIPES[0]
    key = hexid("shared", dump.crawl) if shared else hexid(dump.crawl, dump.edition, number, recipe, variant)
    output = _text(key, 20, 90)
    return {
        "generation_key": key,
        "doc_id": hexid(dump.crawl, number),
        "crawl": dump.crawl,
        "segment": 0,
        "variant": variant,
        "sentences": 1,
        "document_sentences": 1,
        "source": source,
        "recipe": recipe,
        "recipe_version": dump.recipe_version,
        "teacher": "test-teacher",
        "teacher_revision": "abc123",
        "teacher_terms": dump.teacher_terms,
        "engine": "scripted",
        "engine_version": "1",
        "output": output,
        "finish_reason": "stop",
        "completion_tokens": len(output.split()),
        "depth": 1,
        "text": output,
    }


def _table(rows: list[dict[str, object]], schema: pa.Schema) -> pa.Table:
    return pa.table({name: [row.get(name) for row in rows] for name in schema.names}, schema=schema)


def fill(lake: Lake, dump: Dump) -> Dump:
    """Write the dump's tables and reports, and the outcome of its gate, as the stages before publishing do."""
    documents = [_document(dump, number) for number in range(dump.documents)]
    rows = [
        _generation(dump, number, recipe, variant, str(documents[number]["text"]))
        for number in range(min(dump.rephrased, dump.documents))
        for recipe in dump.recipes
        for variant in range(dump.variants)
    ]
    place = {"crawl": dump.crawl}
    lake.write(_table(documents, DOCUMENT), layer="documents", fingerprint=f"d{dump.edition}", **place)
    lake.write(_table(rows, GENERATION), layer="generations", fingerprint=f"g{dump.edition}", **place)
    lake.write(_table(rows, JUDGED), layer="accepted", fingerprint="gate", **place)
    record(lake, StageReport("ingest", dump.crawl, len(documents) + 5, len(documents), {"language": 5}))
    covered = {"documents": dump.rephrased, "mean": 0.75, "without_accepted": 2}
    coverage = {"overall": covered, "by_recipe": {recipe: covered | {"mean": 0.5} for recipe in dump.recipes}}
    gate = StageReport("gate", dump.crawl, len(rows) + 3, len(rows), {"near_copy": 3}, detail={"coverage": coverage})
    record(lake, gate)
    outcome = Outcome(
        crawl=dump.crawl,
        passed=dump.passed,
        fingerprint="gate",
        judged=str(table_digest(lake, dump.crawl, "generations")),
        expectations=(),
        warnings=(),
        data_docs="data_docs",
    )
    write_outcome(lake, outcome)
    return dump
