"""Near-duplicates: signatures per second beside datatrove and rensa; time and memory of grouping 10 million documents.

Signatures: all on one core, on the same texts of real pages, in one run; peers need an environment of their own
(``datatrove[processing]``, ``rensa``), whose interpreter is ``REWRAP_PEERS_PYTHON`` or ``.venv-peers/bin/python``.
Grouping: exact duplicates, every band, clusters, in one process of its own with DuckDB limited to 1 GB.
Assembly: all steps after the extraction over pages with texts, at 1, 4 and 16 times the size; memory must stay flat.

Run: ``python -m bench.dedup [folder of *.html.gz files] [documents to group]``. Writes ``bench/results/dedup.json``.
"""

import gzip
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from include.ingest.dedup.assemble import assemble
from include.ingest.dedup.bands import find_pairs
from include.ingest.dedup.clusters import build_clusters
from include.ingest.dedup.exact import find_exact
from include.ingest.dedup.host_lines import find_host_lines
from include.ingest.dedup.index import add_to_index
from include.ingest.dedup.narrow import sign_pages, signature_schema
from include.ingest.dedup.settings import DedupParams
from include.ingest.dedup.signatures import band_names, mixed, signatures
from include.ingest.page import content_hash
from include.lake import Lake
from include.schemas import PAGE

PROJECT = Path(__file__).resolve().parent.parent
PAGES = PROJECT.parent / "shared" / "data" / "html_gold"
PEERS = Path(os.environ.get("REWRAP_PEERS_PYTHON") or PROJECT / ".venv-peers/bin/python")
RESULT = PROJECT / "bench" / "results" / "dedup.json"
CRAWL = "BENCH-1"
PARAMS = DedupParams()
MEMORY = "1GB"
CHUNK = 250_000
MENU = "Home, products, about us, contact and all the rest"


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
        "peak_rss_mb": _peak_megabytes(),
    }


def _steps(lake: Lake) -> Iterator[tuple[str, Callable[[], object]]]:
    yield "exact", lambda: find_exact(lake, CRAWL)
    for band in range(len(band_names(PARAMS))):
        yield "bands", lambda band=band: find_pairs(lake, CRAWL, band, [], PARAMS)
    yield "clusters", lambda: build_clusters(lake, CRAWL, [], PARAMS)


def _peak_megabytes() -> int:
    # Not getrusage's figure: that starts with what the parent had when it started this process.
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found, "measured on Linux"
    return round(int(found[1]) / 1000)


def measure_grouping(documents: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as root:
        synthetic_dump(Lake(Path(root)), documents)
        return {"documents": documents, "memory_limit": MEMORY, **_in_own_process("--group", root)}


def synthetic_pages(lake: Lake, documents: int) -> None:
    """Pages of about 3 kB each with their signatures; one in five repeats an earlier one, all hosts have a menu."""
    draw = random.Random(1)
    vocabulary = ["".join(draw.choices("etaoinshrdlucmfw", k=draw.randint(2, 9))) for _ in range(20_000)]
    place = {"crawl": CRAWL, "shard": "batch-0000", "fingerprint": "bench"}
    row, texts = 0, [""]
    with (
        lake.stream(PAGE, layer="pages", **place) as pages,
        lake.stream(signature_schema(PARAMS), layer="signatures", **place) as signed,
    ):
        while row < documents:
            lines = [" ".join(draw.choices(vocabulary, k=60)) for _ in range(8)]
            texts.append("\n".join([MENU, *lines]) if draw.random() < 0.8 else draw.choice(texts[-50:]))
            if len(texts) == 1_000:
                columns = {
                    "doc_id": [f"{row + n:032x}" for n in range(len(texts))],
                    "host": [f"{(row + n) // 40}.example" for n in range(len(texts))],
                    "warc_path": ["bench.warc.gz"] * len(texts),
                    "warc_offset": list(range(row, row + len(texts))),
                    "text": texts,
                    "content_hash": [content_hash(text) for text in texts],
                    "status": ["kept"] * len(texts),
                }
                table = pa.Table.from_pylist(pa.table(columns).to_pylist(), schema=PAGE)
                pages.write(table)
                signed.write(sign_pages(table, PARAMS, row))
                row, texts = row + len(texts), [texts[-1]]


def deduplicate(root: Path) -> dict[str, Any]:
    """All steps over :func:`synthetic_pages`; this process's largest memory, and what became of the pages."""
    lake = Lake(root, query_memory=MEMORY)
    for _, step in _steps(lake):
        step()
    find_host_lines(lake, CRAWL, 0, 1, PARAMS)
    start = time.process_time()
    counts = assemble(lake, CRAWL, 1, PARAMS, 50, lambda rows: rows, "bench", lambda rows: rows)
    spent = time.process_time() - start
    add_to_index(lake, CRAWL, PARAMS)
    return {
        "documents": counts.documents,
        "rejected": counts.rejected,
        "lines_removed": counts.lines_removed,
        "assemble_cpu_seconds": round(spent, 2),
        "peak_rss_mb": _peak_megabytes(),
    }


def measure_assembly() -> dict[str, Any]:
    measured = {}
    for times in (1, 4, 16):
        with tempfile.TemporaryDirectory() as root:
            synthetic_pages(Lake(Path(root)), times * 5_000)
            measured[f"{times}x"] = _in_own_process("--deduplicate", root)
    return measured


def _in_own_process(step: str, root: str) -> dict[str, Any]:
    """Or the memory would be that of what ran before."""
    command = [sys.executable, "-m", "bench.dedup", step, root]
    ran = subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return found


def main(folder: Path, documents: int) -> None:
    result = {
        "signatures": measure_signatures(read_texts(folder)),
        "grouping": measure_grouping(documents),
        "assembly": measure_assembly(),
    }
    RESULT.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--group"]:
        print(json.dumps(group(Path(sys.argv[2]))))
    elif sys.argv[1:2] == ["--deduplicate"]:
        print(json.dumps(deduplicate(Path(sys.argv[2]))))
    else:
        arguments = [*sys.argv[1:], *[str(PAGES), "10000000"][len(sys.argv) - 1 :]]
        main(Path(arguments[0]), int(arguments[1]))
