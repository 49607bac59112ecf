"""Rows per second of the gate's row checks, beside a bare loop of ``str.split`` over the same texts.

Run: ``python -m bench.gate``. Writes ``bench/results/gate.json``.
"""

import json
import random
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

from include.params import GateParams
from include.schemas import GENERATION
from include.validate.checks import CHECKS
from include.validate.judge import judge
from include.validate.rows import Rows

ROWS = 4096
CHARACTERS = 1000
RESULT = Path(__file__).parent / "results" / "gate.json"


def synthetic_generations(rows: int, seed: int = 0) -> pa.Table:
    """Rows (GENERATION) whose source and output are about 1 kB of words drawn from a Zipf-like vocabulary."""
    draw = random.Random(seed)
    letters = "etaoinshrdlucmfw"
    vocabulary = ["".join(draw.choices(letters, k=draw.randint(2, 9))) for _ in range(5000)]
    weights = [1 / rank for rank in range(1, len(vocabulary) + 1)]

    def text() -> str:
        words = draw.choices(vocabulary, weights, k=CHARACTERS // 5)
        words[draw.randrange(len(words))] = str(draw.randrange(3000))
        return " ".join(words)[:CHARACTERS]

    def pairs() -> str:
        words = text().split()
        asked = (" ".join(words[start : start + 10]) for start in range(0, len(words) - 20, 30))
        said = (" ".join(words[start + 10 : start + 30]) for start in range(0, len(words) - 20, 30))
        return "\n\n".join(f"Question: {one}?\nAnswer: {two}." for one, two in zip(asked, said, strict=True))

    recipes = ("easy", "medium", "hard", "qa")
    records = [
        {
            "generation_key": f"{row:08d}",
            "doc_id": f"doc{row // 4}",
            "segment": 0,
            "variant": 0,
            "recipe": recipes[row % 4],
            "source": text(),
            "source_tokens": CHARACTERS // 4,
            "output": pairs() if recipes[row % 4] == "qa" else text(),
            "finish_reason": "stop",
        }
        for row in range(rows)
    ]
    return pa.Table.from_pylist(records, schema=GENERATION)


def seconds(*runs: Callable[[], object], repeats: int) -> list[float]:
    """Best of ``repeats`` of each; in turns, so that a busy machine is busy for all of them."""
    best = [float("inf")] * len(runs)
    for _ in range(repeats):
        for index, run in enumerate(runs):
            start = time.perf_counter()
            run()
            best[index] = min(best[index], time.perf_counter() - start)
    return best


def main() -> None:
    table = synthetic_generations(ROWS)
    params = GateParams()
    outputs, sources = table["output"].to_pylist(), table["source"].to_pylist()

    def split_all() -> None:
        for output, source in zip(outputs, sources, strict=True):
            output.split()
            source.split()

    judge(table.slice(0, 8), params, ["en"])  # loads the language model
    gate, bare = seconds(lambda: judge(table, params, ["en"]), split_all, repeats=5)
    rows = Rows(table, params, ["en"])
    words, *parts = seconds(
        lambda: Rows(table, params, ["en"]).text_words,
        *(lambda check=check: check(rows) for check in CHECKS),
        repeats=3,
    )
    result = {
        "rows": ROWS,
        "characters_per_text": CHARACTERS,
        "gate_rows_per_second": round(ROWS / gate),
        "split_rows_per_second": round(ROWS / bare),
        "times_slower_than_split": round(gate / bare, 1),
        "seconds_by_part": {
            "clean_parse_and_words": round(words, 3),
            **{check.name: round(part, 3) for check, part in zip(CHECKS, parts, strict=True)},
        },
    }
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
