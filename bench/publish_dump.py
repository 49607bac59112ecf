"""The dump that bench/publish.py mixes: random words, accepted by a gate that never ran."""

import random

import numpy as np
import pyarrow as pa

from include.lake import Lake
from include.ledger import StageReport, record
from include.schemas import DOCUMENT, GENERATION, JUDGED
from include.validate.outcome import Layer, Outcome, table_digest, write_outcome

CRAWL = "BENCH-50MB"
ROWS = 8000
WORDS = 400
"""Per scale: 8,000 documents and as many generations of 400 words, 50 MB of text."""
PIECE = 4000
"""Rows made at once."""
LETTERS = random.Random(0)
VOCABULARY = np.array(["".join(LETTERS.choices("etaoinshrdlucmfw", k=LETTERS.randint(2, 11))) for _ in range(20_000)])


def _texts(draw: np.random.Generator) -> pa.Array:
    vocabulary = np.array(
        ["".join(np.random.default_rng(n).choice(list("etaoinshrdlucmfw"), 2 + n % 9)) for n in range(20_000)]
    )
    weights = 1 / (np.arange(len(vocabulary)) + 10)
    words = vocabulary[draw.choice(len(vocabulary), (PIECE, WORDS), p=weights / weights.sum())]
    return pa.array([" ".join(text) for text in words.tolist()])


def fill(lake: Lake, scale: int) -> int:
    """Write the dump's tables and a gate's outcome; returns the bytes of all texts."""
    size = 0
    rows = ROWS * scale
    for layer, schema, seed in (("documents", DOCUMENT, 0), ("generations", GENERATION, 1), ("accepted", JUDGED, 1)):
        draw = np.random.default_rng(seed)
        with lake.stream(schema, layer=layer, crawl=CRAWL, fingerprint="bench") as stream:
            for first in range(0, rows, PIECE):
                ids = [f"{number:032x}" for number in range(first, first + PIECE)]
                texts = _texts(draw)
                size += texts.nbytes if layer != "generations" else 0
                columns = {
                    "doc_id": ids,
                    "host": [f"host{number % 500}.example" for number in range(PIECE)],
                    "url": ids,
                    "content_hash": ids,
                    "quality_bucket": ["high"] * PIECE,
                    "generation_key": ids,
                    "segment": [0] * PIECE,
                    "variant": [0] * PIECE,
                    "recipe": ["easy"] * PIECE,
                    "recipe_version": ["1"] * PIECE,
                    "teacher": ["bench"] * PIECE,
                    "teacher_revision": ["0"] * PIECE,
                    "teacher_terms": ["allowed: written by this bench."] * PIECE,
                    "engine": ["none"] * PIECE,
                    "engine_version": ["0"] * PIECE,
                    "text": texts,
                }
                table = {field.name: columns.get(field.name, pa.nulls(PIECE, field.type)) for field in schema}
                stream.write(pa.table(table, schema=schema))
    covered = {"documents": rows, "mean": 1.0, "without_accepted": 0}
    detail = {"coverage": {"overall": covered, "by_recipe": {"easy": covered}}}
    record(lake, StageReport("gate", CRAWL, rows, rows, detail=detail))
    let_pass(lake, "generations")
    return size


def let_pass(lake: Lake, layer: Layer) -> None:
    """Write the outcome of a gate that has passed."""
    digest = str(table_digest(lake, CRAWL, layer))
    write_outcome(lake, Outcome(CRAWL, True, "bench", digest, (), (), "data_docs", layer))
