"""One take-down of 10,000 hosts over four dumps of 20,000 documents: seconds, rows/s, memory, beside plain rewriting.

What it is compared with reads the same tables and writes them with the same compression, and does nothing else: once
with DuckDB, once with pyarrow, which is what the take-down writes with.

Run: ``python -m bench.take_down``. Writes ``bench/results/take_down.json``.
"""

import json
import multiprocessing
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from bench.take_down_lake import fill, host
from include.ingest.policy import FetchPolicy
from include.lake import Lake
from include.parquet import ROW_GROUP
from include.publish.mix import build_corpus
from include.publish.mix_params import MixParams
from include.publish.registry import publish_release
from include.take_down import run
from include.take_down.tables import tables
from include.validate.corpus_gate import run_corpus_gate
from include.validate.corpus_params import CorpusGateParams

DUMPS = 4
DOCUMENTS = 20_000
HOSTS = 40_000
LISTED = 10_000
RESULT = Path(__file__).parent / "results" / "take_down.json"


@dataclass(frozen=True)
class Cost:
    seconds: float
    cpu_seconds: float
    """Of all threads: what another process on the machine does not change."""
    peak_bytes: int
    result: Any


def apart(work: Callable[..., Any], *arguments: Any) -> Cost:
    """What ``work`` costs in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        pool.apply(_warm)
        return pool.apply(_measured, (work, *arguments))


def _warm() -> int:
    """Libraries are loaded before anything is measured."""
    return duckdb.sql("SELECT 1").fetchall()[0][0] + pq.ParquetWriter.__init__.__code__.co_argcount


def _measured(work: Callable[..., Any], *arguments: Any) -> Cost:
    start, cpu = time.perf_counter(), time.process_time()
    made = work(*arguments)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return Cost(time.perf_counter() - start, time.process_time() - cpu, peak, made)


def find_and_remove(home: Path) -> dict[str, Any]:
    lake = Lake(home / "lake")
    rules = run.read_request([str(home / "list.txt")], [], FetchPolicy("bench"))
    return vars(run.remove(lake, run.begin(lake, rules, [], everything=False).id, None, min_rows=1000))


def rebuild(home: Path, id: str, crawl: str) -> None:
    lake = Lake(home / "lake")

    def remake() -> None:
        build_corpus(lake, crawl, MixParams())
        run_corpus_gate(lake, crawl, [], CorpusGateParams())

    run.rebuild(lake, id, crawl, remake, home / "datasets", str(home / "remote"))


def prove(home: Path, id: str) -> dict[str, Any]:
    return vars(run.prove(Lake(home / "lake"), id, home / "datasets", str(home / "remote")))


def rewrite_with_pyarrow(files: list[str], to: Path) -> None:
    for number, file in enumerate(files):
        opened = pq.ParquetFile(file)
        with pq.ParquetWriter(to / f"{number}.parquet", opened.schema_arrow, compression="zstd") as writer:
            for group in range(opened.num_row_groups):
                writer.write_table(opened.read_row_group(group))


def rewrite_with_duckdb(files: list[str], to: Path) -> None:
    for number, file in enumerate(files):
        duckdb.sql(f"FROM read_parquet('{file}')").write_parquet(
            str(to / f"{number}.parquet"), compression="zstd", row_group_size=ROW_GROUP
        )


def build(home: Path) -> tuple[list[str], int, int]:
    """The lake with its releases; all files, their rows, the bytes of their texts."""
    lake = Lake(home / "lake")
    crawls = [f"BENCH-{number}" for number in range(DUMPS)]
    texts = sum(fill(lake, crawl, n * DOCUMENTS, DOCUMENTS, HOSTS) for n, crawl in enumerate(crawls))
    for crawl in crawls:
        build_corpus(lake, crawl, MixParams())
        publish_release(lake, crawl, home / "datasets", str(home / "remote"))
    (home / "list.txt").write_text("".join(f"{host(n * 4, HOSTS)}\n" for n in range(LISTED)))
    files = [str(file) for table in tables(lake) for file in lake.files(*table)]
    files += [str(file) for file in sorted((lake.root / "store").rglob("*.parquet"))]
    return files, sum(pq.read_metadata(file).num_rows for file in files), texts


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        files, rows, texts = build(home)
        size = sum(Path(file).stat().st_size for file in files)
        plain: dict[str, Cost] = {}
        for way in (rewrite_with_pyarrow, rewrite_with_duckdb):
            (home / "rewritten").mkdir()
            plain[way.__name__] = apart(way, files, home / "rewritten")
            shutil.rmtree(home / "rewritten")
        removing = apart(find_and_remove, home)
        case = removing.result
        rebuilding = [apart(rebuild, home, case["id"], crawl) for crawl in case["published"]]
        proving = apart(prove, home, case["id"])
        case = proving.result
    steps = {"find_and_remove": [removing], "rebuild": rebuilding, "prove": [proving]}
    result = {
        "documents": DUMPS * DOCUMENTS,
        "dumps": DUMPS,
        "listed_hosts": LISTED,
        "pages_named": case["pages"],
        "rows": rows,
        "rows_removed": sum(case["found"].values()) + case["removed"]["store"],
        "left": sum(case["left"].values()),
        "text_mb": round(texts / 1e6),
        "parquet_mb": round(size / 1e6),
        **{f"{name}_seconds": round(sum(one.seconds for one in costs), 1) for name, costs in steps.items()},
        **{f"{name}_cpu_seconds": round(sum(one.cpu_seconds for one in costs), 1) for name, costs in steps.items()},
        "rows_per_cpu_second_of_remove": round(rows / removing.cpu_seconds),
        "peak_mb_of_remove": round(removing.peak_bytes / 1e6),
        "peak_mb_of_prove": round(proving.peak_bytes / 1e6),
        **{f"{way}_seconds": round(cost.seconds, 1) for way, cost in plain.items()},
        **{f"{way}_cpu_seconds": round(cost.cpu_seconds, 1) for way, cost in plain.items()},
        **{
            f"remove_times_the_cpu_of_{way}": round(removing.cpu_seconds / cost.cpu_seconds, 2)
            for way, cost in plain.items()
        },
    }
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=1) + "\n")
    json.dump(result, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
