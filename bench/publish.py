"""Rates and memory of mixing and publishing a corpus, and ten times of it, beside plain copies of the same bytes.

Run: ``python -m bench.publish``, once the default teacher is there (``make demo`` brings it): its tokenizer counts.
Writes ``bench/results/publish.json``. Each step runs in a process of its own, so that its peak memory is its own.
"""

import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import pyarrow.parquet as pq

from bench.publish_dump import CRAWL, fill, let_pass
from include.lake import Lake
from include.parquet import write_parquet
from include.publish.gather import TABLES
from include.publish.mix import build_corpus
from include.publish.mix_params import MixParams
from include.publish.registry import publish_release
from include.publish.tokens import TokenCounter, teacher_counter
from include.rephrase.params import RephraseParams
from include.settings import settings
from include.validate.outcome import Outcome, table_digest, write_outcome

SCALES = (1, 10)
RESULT = Path(__file__).parent / "results" / "publish.json"


class Measured(NamedTuple):
    seconds: float
    cpu_seconds: float
    """Of the process with all its threads and children: other work on the machine shows in it least."""
    peak_mb: float
    """Most memory that the process had."""


def counter() -> TokenCounter:
    found = teacher_counter(settings(), RephraseParams())
    if found is None:
        sys.exit("The default teacher is not on this machine. Run 'make demo' once, then this.")
    return found


def mix(home: Path) -> None:
    lake = Lake(home / "lake")
    build_corpus(lake, CRAWL, MixParams(), counter())
    let_pass(lake, "corpus")


def mix_anew(home: Path) -> None:
    """The tables are gone, the counts of tokens are not."""
    lake = Lake(home / "lake")
    for layer in TABLES:
        shutil.rmtree(lake.path(layer, CRAWL))
    mix(home)


def publish(home: Path) -> None:
    """As if the gate had passed: judging is no part of it."""
    lake = Lake(home / "lake")
    digest = str(table_digest(lake, CRAWL, "corpus"))
    write_outcome(lake, Outcome(CRAWL, True, "bench", digest, (), (), "data_docs", "corpus"))
    publish_release(Lake(home / "lake"), CRAWL, home / "datasets", str(home / "remote"))


def dvc_add(home: Path) -> None:
    """What DVC alone takes for the release's folder."""
    folder = home / "dvc-alone"
    shutil.copytree(home / "datasets" / CRAWL, folder / "data")
    dvc = [sys.executable, "-m", "dvc"]
    subprocess.run([*dvc, "init", "--no-scm", "--quiet"], cwd=folder, check=True)
    started = time.perf_counter()
    subprocess.run([*dvc, "add", "--quiet", "data"], cwd=folder, check=True)
    (home / "dvc-add-seconds").write_text(str(time.perf_counter() - started))


def rewrite(home: Path) -> None:
    """Read and write the same tables with pyarrow alone: what mixing cannot do without."""
    for file in sorted((home / "datasets" / CRAWL / "data").glob("*.parquet")):
        write_parquet(home / "rewritten" / file.name, pq.read_table(file))


def copy(home: Path) -> None:
    shutil.copytree(home / "datasets" / CRAWL, home / "copied", dirs_exist_ok=True)


def _cpu() -> float:
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def _timed(work: Callable[[Path], None], home: Path) -> Measured:
    start, cpu = time.perf_counter(), _cpu()
    work(home)
    return Measured(time.perf_counter() - start, _cpu() - cpu, _peak_mb())


def _peak_mb() -> float:
    # Not ru_maxrss: a process begins with that of the one which started it.
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) / 1000


def alone(work: Callable[[Path], None], home: Path) -> Measured:
    """Do it in a fresh process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(_timed, work, home).result()


def measure(scale: int) -> dict[str, float]:
    """One dump's figures."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        text = fill(Lake(home / "lake"), scale) / 1e6
        count = alone(mix, home)
        again = min(alone(mix_anew, home) for _ in range(2))
        published = alone(publish, home)
        rewritten = alone(rewrite, home)
        copied = min(alone(copy, home) for _ in range(3))
        alone(dvc_add, home)
        adding = float((home / "dvc-add-seconds").read_text())
        size = sum(file.stat().st_size for file in (home / "datasets" / CRAWL).rglob("*.parquet")) / 1e6
    steps = {"mix_and_count": count, "mix": again, "publish": published, "rewrite": rewritten, "copy": copied}
    figures = {f"{step}_{name}": value for step, of in steps.items() for name, value in of._asdict().items()}
    figures |= {
        "text_mb": text,
        "published_mb": size,
        "mix_text_mb_per_second": text / again.seconds,
        "dvc_add_seconds": adding,
        "mix_times_slower_than_rewrite": again.seconds / rewritten.seconds,
        "mix_times_slower_than_copy": again.seconds / copied.seconds,
        "dvc_add_times_slower_than_copy": adding / copied.seconds,
        "mix_and_dvc_add_times_slower_than_copy": (again.seconds + adding) / copied.seconds,
        "mix_and_publish_times_slower_than_copy": (again.seconds + published.seconds) / copied.seconds,
    }
    return {name: round(value, 3) for name, value in figures.items()}


def main() -> None:
    result: dict[str, dict[str, float]] = {f"{scale}x": measure(scale) for scale in SCALES}
    one, ten = (result[f"{scale}x"] for scale in SCALES)
    result["10x_times_1x"] = {
        f"{step}_{name}": round(ten[f"{step}_{name}"] / one[f"{step}_{name}"], 2)
        for step in ("mix_and_count", "mix", "publish")
        for name in Measured._fields
    }
    RESULT.write_text(json.dumps(result, indent=1) + "\n")
    print(RESULT.read_text())


if __name__ == "__main__":
    main()
