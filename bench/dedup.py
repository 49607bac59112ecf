"""Near-duplicates: signatures per second beside datatrove and rensa; time and memory of grouping 10 million documents.

Signatures: all on one core, on the same texts of real pages, in one run; peers need an environment of their own
(``datatrove[processing]``, ``rensa``), whose interpreter is ``REWRAP_PEERS_PYTHON`` or ``.venv-peers/bin/python``.
Grouping: exact duplicates, every band, clusters, in one process of its own with DuckDB limited to 1 GB.

Run: ``python -m bench.dedup [folder of *.html.gz files] [documents to group]``. Writes ``bench/results/dedup.json``.
"""

import gzip
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from include.ingest.dedup.bands import find_pairs
from include.ingest.dedup.clusters import build_clusters
from include.ingest.dedup.exact import find_exact
from include.ingest.dedup.narrow import signature_schema
from include.ingest.dedup.settings import DedupParams
from include.ingest.dedup.signatures import band_names, mixed, signatures
from include.lake import Lake

PROJECT = Path(__file__).resolve().parent.parent
PAGES = PROJECT.parent / "shared" / "data" / "html_gold"
PEERS = Path(os.environ.get("REWRAP_PEERS_PYTHON") or PROJECT / ".venv-peers/bin/python")
RESULT = PROJECT / "bench" / "results" / "dedup.json"
CRAWL = "BENCH-1"
PARAMS = DedupParams()
MEMORY = "1GB"
CHUNK = 250_000


def read_texts(folder: Path) -> list[str]:
    """Main text of every page, by resiliparse alone: the extractor must not matter here."""
    from resiliparse.extract.html2text import extract_plain_text

    files = sorted(folder.rglob("*.html.gz"))
    if not files:
        sys.exit(f"{folder} holds no *.html.gz files.")
    pages = (gzip.decompress(file.read_bytes()).decode("utf-8", "replace") for file in files)
    return [text for text in (extract_plain_text(page, main_content=True, alt_texts=False) for page in pages) if text]


def measure_signatures(texts: list[str]) -> dict[str, Any]:
    """Documents and MB per CPU second of each, and how many times the peers' we are."""
    megabytes = sum(len(text.encode()) for text in texts) / 1e6
    column = pa.array(texts)
    seconds = []
    for _ in range(7):
        start = time.process_time()
        signatures(column, PARAMS)
        seconds.append(time.process_time() - start)
    rates = {"rewrap": len(texts) / min(seconds)}
    if PEERS.exists():
        rates |= _peer_rates(texts)
    else:
        print(f"{PEERS} does not exist: the peers are left out. Install datatrove[processing] and rensa there.")
    return {
        "texts": len(texts),
        "mean_bytes": round(megabytes / len(texts) * 1e6),
        "documents_per_cpu_second": {name: round(rate, 1) for name, rate in rates.items()},
        "megabytes_per_cpu_second": {name: round(r * megabytes / len(texts), 2) for name, r in rates.items()},
        "times_as_fast_as": {n: round(rates["rewrap"] / rate, 1) for n, rate in rates.items() if n != "rewrap"},
    }


def _peer_rates(texts: list[str]) -> dict[str, float]:
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(texts, file)
        file.flush()
        script = Path(__file__).with_name("dedup_peers.py")
        ran = subprocess.run([PEERS, script, file.name], check=True, capture_output=True, text=True)
    timed = json.loads(ran.stdout.splitlines()[-1])
    return {name: count / seconds for name, (seconds, count) in timed.items()}


def synthetic_dump(lake: Lake, documents: int) -> None:
    """Signatures of a dump: a tenth are exact duplicates, a quarter resemble an earlier document in 6 of 10 bands."""
    schema = signature_schema(PARAMS)
    with lake.stream(schema, layer="signatures", crawl=CRAWL, shard="batch-0000", fingerprint="bench") as stream:
        for start in range(0, documents, CHUNK):
            number = np.arange(start, min(start + CHUNK, documents), dtype=np.uint64)
            draw = np.random.default_rng(start)
            earlier = number - (draw.random(len(number)) ** 4 * number).astype(np.uint64)
            text = np.where(draw.random(len(number)) < 0.1, earlier, number)
            like = np.where((draw.random(len(number)) < 0.25) & (text == number), earlier, text)
            bands = [
                mixed(np.where(draw.random(len(number)) < 0.6, like, text) * np.uint64(64) + np.uint64(band + 1))
                for band in range(PARAMS.bands)
            ]
            paths = [f"crawl-data/{CRAWL}/segments/{n % 100}/warc/{n // 30_000:05d}.warc.gz" for n in number.tolist()]
            place = [number.astype(np.int64), _hex(number), ["www.example.org"] * len(number), _hex(text), paths]
            lines = pa.repeat(pa.scalar([], pa.list_(pa.uint64())), len(number))
            stream.write(pa.table([*place, number.astype(np.int64), *bands, lines], schema=schema))


def _hex(number: "np.ndarray[Any, np.dtype[np.uint64]]") -> pa.Array:
    """128-bit hex per number."""
    digits = np.stack([mixed(number + np.uint64(1)), number], axis=1).tobytes().hex().encode()
    offsets = pa.py_buffer(np.arange(0, len(digits) + 1, 32, dtype=np.int32))
    return pa.StringArray.from_buffers(len(number), offsets, pa.py_buffer(digits))


def group(root: Path) -> dict[str, Any]:
    """Run every step of grouping in this process; CPU and wall seconds of each, and the process's largest memory."""
    lake = Lake(root, query_memory=MEMORY)
    spent: dict[str, list[float]] = {}
    for name, step in _steps(lake):
        wall, cpu = time.perf_counter(), time.process_time()
        step()
        old = spent.get(name, [0.0, 0.0])
        spent[name] = [old[0] + time.perf_counter() - wall, old[1] + time.process_time() - cpu]
    found = lake.read("duplicate_clusters", CRAWL, columns=["is_representative"])["is_representative"]
    return {
        "seconds": {name: {"wall": round(wall, 1), "cpu": round(cpu, 1)} for name, (wall, cpu) in spent.items()},
        "exact_duplicates": lake.finished("exact_duplicates", CRAWL).rows,
        "documents_in_clusters": len(found),
        "clusters": sum(found.to_pylist()),
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000),
    }


def _steps(lake: Lake) -> Iterator[tuple[str, Callable[[], object]]]:
    yield "exact", lambda: find_exact(lake, CRAWL)
    for band in range(len(band_names(PARAMS))):
        yield "bands", lambda band=band: find_pairs(lake, CRAWL, band, [], PARAMS)
    yield "clusters", lambda: build_clusters(lake, CRAWL, [], PARAMS)


def measure_grouping(documents: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as root:
        synthetic_dump(Lake(Path(root)), documents)
        # In a process of its own, or the memory would be that of what ran before it.
        ran = subprocess.run(
            [sys.executable, "-m", "bench.dedup", "--group", root],
            cwd=PROJECT,
            check=True,
            capture_output=True,
            text=True,
        )
    return {"documents": documents, "memory_limit": MEMORY, **json.loads(ran.stdout.splitlines()[-1])}


def main(folder: Path, documents: int) -> None:
    result = {"signatures": measure_signatures(read_texts(folder)), "grouping": measure_grouping(documents)}
    RESULT.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--group"]:
        print(json.dumps(group(Path(sys.argv[2]))))
    else:
        arguments = [*sys.argv[1:], *[str(PAGES), "10000000"][len(sys.argv) - 1 :]]
        main(Path(arguments[0]), int(arguments[1]))
