"""Applies a function to a stream of items in worker processes, and survives whatever an item does to its worker."""

import logging
import pickle
import selectors
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from include.errors import WorkersFailed
from include.ingest.workers.process import SLOTS, Chunk, Death, Worker
from include.ingest.workers.shared import NOTHING, Abandoned, Beat

log = logging.getLogger("rewrap.workers")

Item = TypeVar("Item")
Result = TypeVar("Result")

CHUNK_BYTES = 1 << 20
CHUNK_ITEMS = 64
"""Whichever is reached first. Items of a chunk are done again when their neighbour kills the worker."""
WINDOW = 16
"""Chunks per worker that may be read ahead of the oldest one whose results are not given out yet."""
LOOK_EVERY = 0.05
"""Seconds between two looks at the heartbeats."""
PATIENCE = 10
"""An item may take this many times its CPU time by the clock: a busy machine must not cost a page, and an item that
sleeps must not last for ever."""
START_SECONDS = 120
TRIES, TRIES_FROM_OUTSIDE = 2, 5
"""Workers that may die at an item before it is abandoned. The first may have been broken by an earlier item; and a
SIGKILL comes from an operator or from the kernel's out-of-memory killer, whatever the item does."""
MAX_FRUITLESS_DEATHS = 10


@dataclass(frozen=True)
class Limits:
    """What the workers together, and one item, may take."""

    workers: int
    seconds_per_item: float
    """CPU seconds: unlike those of the clock, they do not depend on what else the machine does."""
    memory_bytes: int
    """Private memory of a worker beyond what it holds after its start (RLIMIT_DATA)."""
    recycle_after: int
    """Items after which a worker is replaced: native libraries leak."""


def supervised_map(
    function: Callable[[Item], Result], items: Iterable[Item], limits: Limits, size: Callable[[Item], int]
) -> Iterator[Result | Abandoned]:
    """Yield ``function(item)`` for each item, in their order; an Abandoned where that took too much or failed.

    The results do not depend on the number of workers. Memory: at most ``3 * workers`` chunks of items (1 MiB each, or
    one larger item), as much again in shared memory, and ``16 * workers`` chunks of results. No worker outlives this
    process, nor the iterator; workers are looked at while the caller waits for a result.

    Args:
        function: importable from a module other than ``__main__``, or a ``functools.partial`` of such a one; sent to
            each worker once, with all that it holds.
        items: read in this process, as far ahead as the bound above allows; both items and results must pickle.
        size: bytes of an item, roughly.

    Raises:
        WorkersFailed: workers do not start, or die without any item's doing.
    """
    pool = _Pool(function, limits)
    try:
        yield from pool.run(_cut(items, size))
    finally:
        pool.close()


def _cut(items: Iterable[Item], size: Callable[[Item], int]) -> Iterator[Chunk]:
    pending: dict[int, Item] = {}
    held = 0
    for number, item in enumerate(items):
        pending[number] = item
        held += size(item)
        if held >= CHUNK_BYTES or len(pending) >= CHUNK_ITEMS:
            yield Chunk(pending)
            pending, held = {}, 0
    if pending:
        yield Chunk(pending)


class _Pool:
    def __init__(self, function: Callable[[Any], Any], limits: Limits) -> None:
        self._limits = limits
        self._start = pickle.dumps((function, limits.memory_bytes), pickle.HIGHEST_PROTOCOL)
        self._selector = selectors.DefaultSelector()
        self._workers: list[Worker] = []
        self._waiting: deque[Chunk] = deque()
        """Chunks for the next free slots: those whose worker died, then the next ones of the input."""
        self._pending: deque[Chunk] = deque()
        """All chunks that were read and not given out yet, in the order of the input."""
        self._deaths: Counter[int] = Counter()
        self._fruitless_deaths = 0
        """Of workers, since one last finished a chunk."""
        self._looked = 0.0

    def run(self, chunks: Iterator[Chunk]) -> Iterator[Any]:
        while True:
            self._read(chunks)
            self._hire()
            self._feed()
            while self._pending and not self._pending[0].items:
                outcomes = self._pending.popleft().outcomes
                for number in sorted(outcomes):
                    yield outcomes[number]
            if not self._pending:
                return
            self._listen()
            if time.monotonic() - self._looked > LOOK_EVERY:
                self._look()

    def close(self) -> None:
        for worker in self._workers:
            worker.end()
            worker.close()
        self._selector.close()

    def _read(self, chunks: Iterator[Chunk]) -> None:
        while len(self._waiting) < self._limits.workers and len(self._pending) < WINDOW * self._limits.workers:
            chunk = next(chunks, None)
            if chunk is None:
                return
            self._pending.append(chunk)
            self._waiting.append(chunk)

    def _hire(self) -> None:
        """Start workers, but not more than there are chunks."""
        chunks = len(self._waiting) + sum(len(worker.held) for worker in self._workers)
        while len(self._workers) < min(self._limits.workers, chunks):
            worker = Worker(self._start)
            self._workers.append(worker)
            self._selector.register(worker.answers, selectors.EVENT_READ, (worker, self._take_answers))
            self._selector.register(worker.errors, selectors.EVENT_READ, (worker, self._hear_errors))

    def _feed(self) -> None:
        """Fill the free slots, first those of workers that have nothing to do."""
        for filled in range(SLOTS):
            for worker in self._workers:
                worn = worker.finished >= self._limits.recycle_after
                if self._waiting and worker.free_slots and len(worker.held) == filled and not worn:
                    worker.give(self._waiting.popleft())

    def _dismiss(self, worker: Worker) -> Death:
        """End a worker; what it held and had not finished waits again."""
        death = worker.end()
        while worker.take_answers():
            pass
        self._waiting.extendleft(chunk for _, chunk in reversed(worker.held))
        for stream in (worker.answers, worker.errors):
            if stream in self._selector.get_map():
                self._selector.unregister(stream)
        self._workers.remove(worker)
        worker.close()
        return death

    def _listen(self) -> None:
        for key, _ in self._selector.select(LOOK_EVERY):
            worker, react = key.data
            if worker in self._workers:  # an event before this one may have been its end
                react(worker)

    def _take_answers(self, worker: Worker) -> None:
        finished = worker.finished
        if not worker.take_answers():
            self._bury(worker, None)
        elif worker.finished > finished:
            self._fruitless_deaths = 0
            if worker.finished >= self._limits.recycle_after and not worker.held:
                self._dismiss(worker)

    def _hear_errors(self, worker: Worker) -> None:
        said = worker.hear_errors()
        if said:
            log.info("%s", said.decode(errors="replace").rstrip())
        else:
            self._selector.unregister(worker.errors)

    def _look(self) -> None:
        """Kill the workers whose item takes too long."""
        self._looked = time.monotonic()
        for worker in list(self._workers):
            overdue = worker.overdue(self._limits.seconds_per_item, PATIENCE)
            if overdue:
                self._bury(worker, overdue)
            elif not worker.ready and self._looked - worker.started > START_SECONDS:
                raise WorkersFailed(f"A worker process did not start within {START_SECONDS} s: is the machine stuck?")

    def _bury(self, worker: Worker, overdue: Beat | None) -> None:
        """Dismiss a worker that is dead or shall be, and blame the item that it was at."""
        death = self._dismiss(worker)
        log.warning("A worker died: %s. %s", death.detail, worker.last_words.decode(errors="replace")[-1000:])
        self._fruitless_deaths += 1
        if self._fruitless_deaths > MAX_FRUITLESS_DEATHS:
            raise WorkersFailed(
                f"{self._fruitless_deaths} worker processes died one after the other and finished nothing: "
                f"{death.detail}. Its last words: {worker.last_words.decode(errors='replace') or 'none'}"
            )
        number = death.beat.number
        if number == NOTHING:
            return
        self._deaths[number] += 1
        if death.beat == overdue:  # otherwise it had gone on to another item before it was killed
            self._abandon(number, Abandoned("page_time", f"took more than {self._limits.seconds_per_item:g} s"))
        elif self._deaths[number] >= (TRIES_FROM_OUTSIDE if death.from_outside else TRIES):
            self._abandon(number, Abandoned(death.reason, death.detail))

    def _abandon(self, number: int, abandoned: Abandoned) -> None:
        chunk = next(chunk for chunk in self._waiting if number in chunk.items)
        del chunk.items[number]
        chunk.outcomes[number] = abandoned
        if not chunk.items:
            self._waiting.remove(chunk)
        self._fruitless_deaths = 0
