"""A lake for the bench of take-downs: dumps of many hosts, whose pages have the rows that every stage makes of them."""

import hashlib
import random
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from include.ingest.dedup.index import index_schema
from include.ingest.dedup.narrow import signature_schema
from include.ingest.dedup.settings import DedupParams
from include.lake import Lake
from include.ledger import StageReport, record
from include.rephrase.store import Store
from include.schemas import COVERAGE, DOCUMENT, GENERATION, JUDGED, PAGE, PLANNED, REQUEST, RESULT, VERDICT
from include.validate.outcome import Outcome, table_digest, write_outcome

RECIPES = ("easy", "qa")
BATCH = 5_000
CHUNK = 1_000
"""Results per file of the store."""
_DRAW = random.Random(0)
_WORDS = ["".join(_DRAW.choices("etaoinshrdlucmfw", k=_DRAW.randint(2, 11))) for _ in range(20_000)]
_BASE = " ".join(_DRAW.choices(_WORDS, k=400_000))
"""Texts are cut out of it: as hard to compress as words are, and quick to make."""


def host(number: int, hosts: int) -> str:
    return f"www.host{number % hosts}.example"


def fill(lake: Lake, crawl: str, first: int, documents: int, hosts: int) -> int:
    """Write a dump with documents from number ``first`` on; returns the bytes of all its texts."""
    rows = documents * len(RECIPES)
    dedup = DedupParams()
    layers: dict[str, tuple[pa.Schema, str | None, int]] = {
        "pages": (PAGE, "batch-0000", 1),
        "signatures": (signature_schema(dedup), "batch-0000", 1),
        "documents": (DOCUMENT, None, 1),
        "dedup_index": (index_schema(dedup), None, 1),
        "planned": (PLANNED, "plan", 2),
        "requests": (REQUEST, None, 2),
        "generations": (GENERATION, None, 2),
        "verdicts": (VERDICT, None, 2),
        "accepted": (JUDGED, None, 2),
        "coverage": (COVERAGE, None, 1),
    }
    for layer, (schema, shard, of_each) in layers.items():
        with lake.stream(schema, layer=layer, crawl=crawl, shard=shard, fingerprint="bench") as stream:
            for numbers in _batches(first, documents):
                made = _columns(numbers, crawl, hosts, of_each)
                count = len(numbers) * of_each
                columns = [_column(field, made, count) for field in schema]
                stream.write(pa.table(columns, schema=schema))
    _write_store(lake, first, documents)
    for stage, count in (("ingest", documents), ("plan", documents), ("rephrase", rows)):
        record(lake, StageReport(stage, crawl, count, count))
    covered = {"documents": documents, "mean": 1.0, "without_accepted": 0}
    coverage = {"overall": covered, "by_recipe": dict.fromkeys(RECIPES, covered)}
    record(lake, StageReport("gate", crawl, rows, rows, detail={"coverage": coverage}))
    digest = str(table_digest(lake, crawl, "generations"))
    write_outcome(lake, Outcome(crawl, True, "bench", digest, (), (), "data_docs"))
    return documents * 700 * 2 + rows * (700 * 3 + 400 * 4)


def _batches(first: int, documents: int) -> Iterator[range]:
    for start in range(first, first + documents, BATCH):
        yield range(start, min(start + BATCH, first + documents))


def _columns(numbers: range, crawl: str, hosts: int, of_each: int) -> dict[str, list[Any]]:
    each = [number for number in numbers for _ in range(of_each)]
    recipes = [RECIPES[place % len(RECIPES)] for place in range(len(each))]
    texts = [_text(number, 700) for number in each]
    keys = [_key(number, recipe) for number, recipe in zip(each, recipes, strict=True)]
    outputs = [_text(int(key[:8], 16), 400) for key in keys]
    made = of_each > 1
    return {
        "doc_id": [_id(number) for number in each],
        "cluster_id": [_id(number) for number in each],
        "crawl": [crawl] * len(each),
        "first_crawl": [crawl] * len(each),
        "url": [f"https://{host(number, hosts)}/page/{number}" for number in each],
        "host": [host(number, hosts) for number in each],
        "row": [number - numbers.start for number in each],
        "text": outputs if made else texts,
        "source": texts,
        "output": outputs,
        "content_hash": [_key(number, "content") for number in each],
        "generation_key": keys,
        "made_of": [[key] for key in keys],
        "segment": [0] * len(each),
        "variant": [0] * len(each),
        "recipe": recipes,
        "recipe_version": ["1"] * len(each),
        "teacher": ["bench"] * len(each),
        "teacher_revision": ["0"] * len(each),
        "teacher_terms": ["allowed: written by this bench."] * len(each),
        "engine": ["none"] * len(each),
        "engine_version": ["0"] * len(each),
        "status": ["kept"] * len(each),
        "accepted": [True] * len(each),
        "sentences": [8] * len(each),
        "accepted_sentences": [8] * len(each),
        "coverage": [1.0] * len(each),
        **{name: _bands(each, name) for name in signature_schema(DedupParams()).names if name.startswith("band")},
    }


def _column(field: pa.Field, made: dict[str, list[Any]], count: int) -> pa.Array:
    return pa.array(made[field.name], field.type) if field.name in made else pa.nulls(count, field.type)


def _write_store(lake: Lake, first: int, documents: int) -> None:
    store = Store(lake)
    keys = [_key(number, recipe) for number in range(first, first + documents) for recipe in RECIPES]
    for start in range(0, len(keys), CHUNK):
        some = keys[start : start + CHUNK]
        made = {
            "generation_key": some,
            "root": some,
            "step": ["rewrite"] * len(some),
            "engine": ["none"] * len(some),
            "output": [_text(int(key[:8], 16), 400) for key in some],
            "finish_reason": ["stop"] * len(some),
        }
        store.commit(pa.table([_column(field, made, len(some)) for field in RESULT], schema=RESULT), f"w{first}")


def _text(number: int, length: int) -> str:
    start = number * 7919 % (len(_BASE) - length)
    return f"{number} {_BASE[start : start + length]}"


def _id(number: int) -> str:
    return f"{number:032x}"


def _key(number: int, purpose: str) -> str:
    return hashlib.md5(f"{purpose}/{number}".encode()).hexdigest()


def _bands(numbers: list[int], name: str) -> list[int]:
    return [hash((number, name)) % 2**63 for number in numbers]
