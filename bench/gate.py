"""The gate's row checks: rows per second of a core, beside a bare loop of ``str.split`` over the same texts; memory.

Run: ``python -m bench.gate``. Writes ``bench/results/gate.json``. Times are seconds of CPU, so that other work on the
machine counts little; memory is the peak of a process that judges a lake, for 1, 10 and 16 times the rows.

Texts of about 1 kB and of two kinds (:mod:`bench.gate_texts`). ``ordinary``: pages with the usual density of numbers
and names, each rewritten by rule for four recipes, most of them with numbers and names as they are. ``audit``: faithful
pairs of the audit set, which put numbers, dates and names otherwise in nearly every row. Memory is measured on the
first.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bench.gate_texts import CHARACTERS, KINDS, Kind, make_generations
from bench.timing import seconds
from include.lake import Lake
from include.schemas import GENERATION
from include.validate.checks import CHECKS
from include.validate.copies import sign
from include.validate.gate_params import GateParams
from include.validate.judge import judge
from include.validate.passes import check_rows, remove_steps, write_tables
from include.validate.rows import Rows

ROWS = 4096
"""As a row group of the lake has."""
GROUPS = 2
"""Row groups that memory is measured with first: with one alone, no next one is read while the last is written."""
CRAWL = "BENCH-1"
LANGUAGES = ["en"]
RESULT = Path(__file__).parent / "results" / "gate.json"


def rates(kind: Kind) -> dict[str, object]:
    table, params = make_generations(ROWS, kind=kind), GateParams()
    texts = [*table["output"].to_pylist(), *table["source"].to_pylist()]
    verdicts, _ = judge(table, params, LANGUAGES)  # and loads what is loaded once
    gate, bare = seconds(
        lambda: judge(table, params, LANGUAGES), lambda: [text.split() for text in texts], repeats=7
    )  # fmt: skip
    rows = Rows(table, params, LANGUAGES)
    shared = {
        name: lambda name=name: (vars(rows).pop(name, None), getattr(rows, name))
        for name in ("pairs", "signals", "found")
    }
    parts = {
        "clean and parse": lambda: Rows(table, params, LANGUAGES),
        **shared,
        **{check.name: lambda check=check: check(rows) for check in CHECKS if not check.needs_semantics},
        "signatures (of accepted rows)": lambda: sign(np.arange(ROWS), table, rows.text),
    }
    times = seconds(*parts.values(), repeats=4)
    return {
        "rows": ROWS,
        "accepted": round(pc.mean(verdicts["accepted"].cast(pa.int8())).as_py(), 3),
        "rows_per_second_of_a_core": round(ROWS / gate),
        "split_rows_per_second": round(ROWS / bare),
        "times_slower_than_split": round(gate / bare, 1),
        "microseconds_per_row": {
            name: round(its / ROWS * 1e6, 1)
            for name, its in sorted(zip(parts, times, strict=True), key=lambda two: -two[1])
        },
    }


def memory(groups: int) -> dict[str, float]:
    """Peak memory and rate of a fresh process that takes so many row groups from generations to the gate's tables."""
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake(Path(folder))
        with lake.stream(GENERATION, layer="generations", crawl=CRAWL, fingerprint="bench") as stream:
            for part in range(groups):
                rows = make_generations(ROWS, seed=part, changed=0.25)
                numbers = [f"{part:04d}{row:028d}" for row in range(ROWS)]
                stream.write(rows.set_column(rows.schema.get_field_index("doc_id"), "doc_id", [numbers]))
        child = subprocess.run(
            [sys.executable, "-m", "bench.gate", "--judge", folder], check=True, capture_output=True, text=True
        )
        found: dict[str, float] = json.loads(child.stdout)
        return found


def judge_lake(root: Path) -> None:
    """What :func:`memory` measures; prints its figures."""
    lake = Lake(root)
    start = time.process_time()
    check_rows(lake, CRAWL, GateParams(), LANGUAGES, False, "bench")
    write_tables(lake, CRAWL, GateParams(), "bench")
    remove_steps(lake, CRAWL)
    spent = time.process_time() - start
    # Not ru_maxrss: that begins with the parent's.
    [peak] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    rows = lake.finished("verdicts", CRAWL).rows
    print(
        json.dumps(
            {"rows": rows, "peak_mib": round(int(peak.split()[1]) / 1024), "rows_per_second": round(rows / spent)}
        )
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--judge", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.judge:
        judge_lake(given.judge)
        return
    sizes = {f"{times}x": memory(GROUPS * times) for times in (1, 10, 16)}
    flat = sizes["16x"]["peak_mib"] / sizes["1x"]["peak_mib"]
    by_kind = {kind: rates(kind) for kind in KINDS}
    result = {"characters_per_text": CHARACTERS, **by_kind, "whole_gate": {**sizes, "peak_16x_by_1x": round(flat, 3)}}
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
