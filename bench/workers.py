"""What supervision costs: real pages judged in this process, by one supervised worker and by two, as ratios.

``bare_processes`` are two forks of this process with half of the pages each, which they have in their memory already:
the best that two cores can give while other programs use them, too.

In one run and on the same bytes, in turns: wall time, and CPU time of parent and workers per page. ``transport`` is
what a page's way through the shared memory costs by itself (a function that does nothing). Run it from the project's
folder: ``.venv/bin/python -m bench.workers <folder of *.html.gz files> [pages]``.
"""

import functools
import gzip
import itertools
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from include.ingest.page import Body, Reading, read_page
from include.ingest.workers.pool import Limits, supervised_map
from include.params import IngestParams

RESULT = Path(__file__).parent / "results" / "workers.json"
ROUNDS = 3


def nothing(page: Body) -> int:
    return len(page.payload)


def payload_size(page: Body) -> int:
    return len(page.payload)


def supervised(function: Callable[[Body], Any], pages: Iterable[Body], workers: int) -> list[Any]:
    limits = Limits(workers, seconds_per_item=20, memory_bytes=1 << 30, recycle_after=10_000)
    return list(supervised_map(function, pages, limits, payload_size))


def in_bare_processes(function: Callable[[Body], Any], pages: list[Body]) -> None:
    forks = []
    for half in (pages[::2], pages[1::2]):
        fork = os.fork()
        if fork == 0:
            for page in half:
                function(page)
            os._exit(0)
        forks.append(fork)
    for fork in forks:
        os.waitpid(fork, 0)


def cost(run: Callable[[], object]) -> dict[str, float]:
    """Seconds by the clock, and of CPU time in this process and in the children that ended meanwhile."""
    wall, own, before = time.perf_counter(), time.process_time(), resource.getrusage(resource.RUSAGE_CHILDREN)
    run()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    children = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"wall": time.perf_counter() - wall, "parent": time.process_time() - own, "workers": children}


def read_pages(folder: Path, count: int) -> list[Body]:
    """As many pages, from the beginning again where there are fewer files."""
    files = sorted(folder.rglob("*.html.gz"))
    if not files:
        sys.exit(f"{folder} holds no *.html.gz files.")
    payloads = [gzip.decompress(file.read_bytes()) for file in files[:count]]
    return [Body(payload, "", {}, is_text=False) for payload in itertools.islice(itertools.cycle(payloads), count)]


def main(folder: Path, count: int) -> None:
    # Under their importable names: workers cannot find what stands in __main__.
    from bench.workers import nothing

    pages = read_pages(folder, count)
    params = IngestParams()
    work = functools.partial(read_page, reading=Reading(tuple(params.opt_outs), tuple(params.mask), None))
    expected = [work(page) for page in pages]
    assert supervised(work, pages, 2) == expected

    runs: dict[str, Callable[[], object]] = {
        "in_process": lambda: [work(page) for page in pages],
        "bare_processes": lambda: in_bare_processes(work, pages),
        "one_worker": lambda: supervised(work, pages, 1),
        "two_workers": lambda: supervised(work, pages, 2),
        "transport": lambda: supervised(nothing, pages, 1),
        "start": lambda: supervised(work, pages[:1], 1),
    }
    rounds = [{name: cost(run) for name, run in runs.items()} for _ in range(ROUNDS)]
    # Other work on the machine only ever adds: the best of each.
    best = {
        name: {key: min(one[name][key] for one in rounds) for key in ("wall", "parent", "workers")} for name in runs
    }
    result = {
        "pages": len(pages),
        "bytes_per_page": round(sum(map(payload_size, pages)) / len(pages)),
        "ms_per_page": {
            name: {key: round(1000 * value / len(pages), 3) for key, value in best[name].items()}
            for name in runs
            if name != "start"
        },
        "start_of_a_worker_s": {key: round(value, 3) for key, value in best["start"].items()},
        "speedup": {
            name: [round(one["in_process"]["wall"] / one[name]["wall"], 2) for one in rounds]
            for name in ("bare_processes", "two_workers")
        },
        "cpu_relative_to_in_process": {
            name: round((best[name]["parent"] + best[name]["workers"]) / best["in_process"]["parent"], 3)
            for name in ("bare_processes", "one_worker", "two_workers")
        },
    }
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) == 3 else 1_500)
