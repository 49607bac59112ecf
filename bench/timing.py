"""CPU time of pieces of work, beside each other."""

import time
from collections.abc import Callable


def seconds(*runs: Callable[[], object], repeats: int) -> list[float]:
    """Least CPU time of ``repeats`` of each; in turns, so that a busy machine is busy for all of them."""
    best = [float("inf")] * len(runs)
    for _ in range(repeats):
        for index, run in enumerate(runs):
            start = time.process_time()
            run()
            best[index] = min(best[index], time.process_time() - start)
    return best
