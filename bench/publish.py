"""Seconds of mixing and of publishing a corpus, beside a plain copy and a bare rewrite of the published bytes.

Run: ``python -m bench.publish``. Writes ``bench/results/publish.json``.
"""

import json
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from include.lake import Lake, write_parquet
from include.ledger import StageReport, record
from include.params import MixParams
from include.publish.mix import build_corpus
from include.publish.registry import publish_release
from include.schemas import DOCUMENT, GENERATION, JUDGED
from include.validate.outcome import Outcome, table_digest, write_outcome

T = TypeVar("T")
CRAWL = "BENCH-50MB"
ROWS = 8000
WORDS = 400
"""8,000 documents and as many generations of 400 words: 50 MB of text."""
RESULT = Path(__file__).parent / "results" / "publish.json"


def fill(lake: Lake) -> int:
    """Write the dump's tables and a gate's outcome; returns the bytes of all texts."""
    draw = random.Random(0)
    vocabulary = ["".join(draw.choices("etaoinshrdlucmfw", k=draw.randint(2, 11))) for _ in range(20_000)]
    weights = [1 / (rank + 10) for rank in range(len(vocabulary))]
    texts = [" ".join(draw.choices(vocabulary, weights, k=WORDS)) for _ in range(2 * ROWS)]
    hosts = [f"host{number % 500}.example" for number in range(ROWS)]
    ids = [f"{number:032x}" for number in range(2 * ROWS)]
    documents = {"doc_id": ids[:ROWS], "host": hosts, "url": hosts, "content_hash": ids[:ROWS], "text": texts[:ROWS]}
    accepted = {
        "doc_id": ids[:ROWS],
        "generation_key": ids[ROWS:],
        "segment": [0] * ROWS,
        "variant": [0] * ROWS,
        "recipe": ["easy"] * ROWS,
        "recipe_version": ["1"] * ROWS,
        "teacher": ["bench"] * ROWS,
        "teacher_revision": ["0"] * ROWS,
        "teacher_terms": ["allowed: written by this bench."] * ROWS,
        "engine": ["none"] * ROWS,
        "engine_version": ["0"] * ROWS,
        "text": texts[ROWS:],
    }
    for layer, schema, columns in (
        ("documents", DOCUMENT, documents),
        ("generations", GENERATION, accepted),
        ("accepted", JUDGED, accepted),
    ):
        rows = {field.name: columns.get(field.name, pa.nulls(ROWS, field.type)) for field in schema}
        lake.write(pa.table(rows, schema=schema), layer=layer, crawl=CRAWL, fingerprint="bench")
    covered = {"documents": ROWS, "mean": 1.0, "without_accepted": 0}
    detail = {"coverage": {"overall": covered, "by_recipe": {"easy": covered}}}
    record(lake, StageReport("gate", CRAWL, ROWS, ROWS, detail=detail))
    digest = str(table_digest(lake, CRAWL, "generations"))
    write_outcome(lake, Outcome(CRAWL, True, "bench", digest, (), (), "data_docs"))
    return sum(map(len, texts))


def timed(work: Callable[[], T]) -> tuple[float, T]:
    start = time.perf_counter()
    made = work()
    return time.perf_counter() - start, made


def rewrite(folder: Path, to: Path) -> None:
    """Read and write the release's tables with pyarrow alone: what mixing cannot do without."""
    for file in sorted(folder.glob("*.parquet")):
        write_parquet(to / file.name, pq.read_table(file))


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        lake = Lake(home / "lake")
        text = fill(lake)
        mixing, report = timed(lambda: build_corpus(lake, CRAWL, MixParams()))
        publishing, release = timed(lambda: publish_release(lake, CRAWL, home / "datasets", str(home / "remote")))
        again, _ = timed(lambda: publish_release(lake, CRAWL, home / "datasets", str(home / "remote")))
        rewriting, _ = timed(lambda: rewrite(release.path, home / "rewritten"))
        published = sum(file.stat().st_size for file in release.path.iterdir())
        copying = min(timed(lambda to=to: shutil.copytree(release.path, home / to))[0] for to in ("copy-1", "copy-2"))
    result = {
        "text_mb": round(text / 1e6, 1),
        "published_mb": round(published / 1e6, 1),
        "rows": report.rows_in,
        "mix_seconds": round(mixing, 2),
        "mix_text_mb_per_second": round(text / 1e6 / mixing, 1),
        "publish_seconds": round(publishing, 2),
        "publish_unchanged_seconds": round(again, 2),
        "copy_seconds": round(copying, 3),
        "rewrite_seconds": round(rewriting, 3),
        "mix_times_slower_than_rewrite": round(mixing / rewriting, 1),
        "mix_times_slower_than_copy": round(mixing / copying, 1),
        "publish_times_slower_than_copy": round(publishing / copying, 1),
        "mix_and_publish_times_slower_than_copy": round((mixing + publishing) / copying, 1),
    }
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=1) + "\n")
    json.dump(result, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
