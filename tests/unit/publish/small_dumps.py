"""Small dumps that have passed the gate."""

import hashlib
import random
from dataclasses import dataclass
from datetime import UTC, datetime

import pyarrow as pa

from include.lake import Lake
from include.ledger import StageReport, record
from include.publish.mix_params import MixParams
from include.recipes.registry import known_recipes, load_recipe
from include.schemas import DOCUMENT, GENERATION, JUDGED, VERDICT
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
    buckets: tuple[str | None, ...] = (None,)
    """Quality buckets that the documents have in turn."""
    same_key: tuple[int, ...] = ()
    """Documents whose first recipe shares one generation, as documents with a common segment do."""


def shares(real: float = 0.5, **over: object) -> MixParams:
    """A mix of real and synthetic text."""
    parts = {"real": round(real, 6), "synthetic": round(1 - real, 6)}
    sources = {name: {"share": share} for name, share in parts.items() if share}
    return MixParams.model_validate({"mixes": {"mine": {"sources": sources}}, "use": "mine", **over})


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
        "quality_bucket": dump.buckets[number % len(dump.buckets)],
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
        "recipe_hash": _hash(recipe, dump.recipe_version),
        "span_start": 0,
        "span_end": len(source),
        "made_of": [key],
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


def _hash(recipe: str, version: str) -> str:
    """Of the recipe as it is, if it has this version."""
    known = load_recipe(recipe) if recipe in known_recipes() else None
    return known.generation_fingerprint if known and known.version == version else "of another version"


def _verdict(row: dict[str, object]) -> dict[str, object]:
    checks = [{"name": name, "value": value, "passed": True} for name, value in (("near_copy", 0.2), ("empty", 9.0))]
    return row | {"accepted": True, "checks": checks}


def _table(rows: list[dict[str, object]], schema: pa.Schema) -> pa.Table:
    return pa.table({name: [row.get(name) for row in rows] for name in schema.names}, schema=schema)


def let_pass(lake: Lake, crawl: str) -> None:
    """Write the outcome of the gate on the corpus, as if it had passed."""
    digest = str(table_digest(lake, crawl, "corpus"))
    write_outcome(lake, Outcome(crawl, True, "gate", digest, (), (), "data_docs", "corpus"))


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
    lake.write(_table([_verdict(row) for row in rows], VERDICT), layer="verdicts", fingerprint="gate", **place)
    lake.write(_table(rows, JUDGED), layer="accepted", fingerprint="gate", **place)
    record(lake, StageReport("ingest", dump.crawl, len(documents) + 5, len(documents), {"language": 5}))
    covered = {"documents": dump.rephrased, "mean": 0.75, "without_accepted": 2}
    coverage = {"overall": covered, "by_recipe": {recipe: covered | {"mean": 0.5} for recipe in dump.recipes}}
    by_recipe = {recipe: {"generations": dump.rephrased + 1, "accepted": dump.rephrased} for recipe in dump.recipes}
    gate = StageReport(
        "gate",
        dump.crawl,
        len(rows) + 3,
        len(rows),
        {"near_copy": 3},
        detail={"coverage": coverage, "by_recipe": by_recipe},
    )
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
