"""Run in a namespace of its own: a worker on a disk that fills up while it generates, and then has room again.

``full_disk.py FOLDER`` mounts a small file system (in memory) there; prints what happened as JSON.
"""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

from chained import Chained
from generating import expected, generate, page, plan, stored
from tokenizers import Tokenizer, models, pre_tokenizers

from include.errors import RewrapError
from include.lake import Lake
from include.rephrase.collect import collect_generations
from include.rephrase.teacher import Teacher

ROOM = 64 * 1024
"""Bytes that are left for the store: some chunks."""


def main(folder: Path) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "none", str(folder)], check=True)
    tokenizer = Tokenizer(models.WordLevel({"?": 0}, unk_token="?"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    teacher = Teacher(name="words", revision="r1", license="Apache-2.0", path=folder)
    lake = Lake(folder / "lake")
    params = plan(lake, teacher, [page(number, 6) for number in range(12)], recipes=["easy", "genre_audience"])
    filler = folder / "filler"
    free = int(subprocess.check_output(["stat", "-f", "-c", "%a", str(folder)])) * 4096
    filler.write_bytes(bytes(free - ROOM))
    engine = Chained()
    try:
        generate(lake, params, lambda: engine)
        error = None
    except RewrapError as full:
        error = str(full)
    kept = Counter(row["generation_key"] for row in stored(lake))
    left = [str(file) for file in lake.root.rglob("*.tmp")]
    filler.unlink()
    second = Chained()
    generate(lake, params, lambda: second)
    report = collect_generations(lake, "T-1")
    keys = Counter(row["generation_key"] for row in stored(lake))
    print(
        json.dumps(
            {
                "error": error,
                "kept": len(kept),
                "repeated": len(set(kept) & set(second.asked)),
                "lost": len(set(engine.asked) - set(kept)),
                "left": left,
                "complete": keys == Counter(expected(lake).keys()),
                "rows": [report.rows_in, report.rows_out],
            }
        )
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
