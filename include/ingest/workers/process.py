"""One worker process as its parent sees it."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from include.errors import WorkersFailed
from include.ingest.workers.shared import EXIT_MEMORY, NOTHING, READY, START_FAILED, Beat, Heartbeat, Slot

SLOTS = 2
"""One chunk to work on and one that waits, so that the worker never does."""
_LAST_WORDS = 4_000
_OUTSIDE = (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
_NO_MEMORY = (b"memory allocation of", b"bad_alloc", b"out of memory", b"Cannot allocate memory")
"""What Rust, C++ and C libraries say before they abort."""


@dataclass(eq=False)
class Chunk:
    """Neighbours in the input that travel together."""

    items: dict[int, Any]
    """What is still to be worked on, by number."""
    outcomes: dict[int, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Death:
    """How a worker ended."""

    beat: Beat
    """The item that it was at."""
    reason: str
    detail: str
    from_outside: bool
    """By a signal that no page sends: the page may be innocent."""


class Worker:
    """A started process; ``start`` is the pickled function with its limit of memory."""

    def __init__(self, start: bytes) -> None:
        self.heartbeat = Heartbeat()
        self.slots = [Slot() for _ in range(SLOTS)]
        self.slots[0].put(start)
        self.held: deque[tuple[int, Chunk]] = deque()
        """(slot, chunk): the first is worked on, the others wait."""
        self.ready = False
        self.finished = 0
        """Items."""
        self.last_words = b""
        self.started = time.monotonic()
        shared = [self.heartbeat.fd, *(slot.fd for slot in self.slots)]
        # Not multiprocessing: it forks a parent that has threads, or imports its main module again, and refuses to
        # work in the daemonic processes that Airflow's executors make.
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "include.ingest.workers.child", str(os.getpid()), *map(str, shared)],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(path or str(Path.cwd()) for path in sys.path)},
            pass_fds=shared,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self.orders, self.answers, self.errors = self.process.stdin, self.process.stdout, self.process.stderr
        os.set_blocking(self.errors.fileno(), False)
        self._measured = psutil.Process(self.process.pid)

    @property
    def free_slots(self) -> list[int]:
        taken = [slot for slot, _ in self.held]
        return [slot for slot in range(SLOTS) if slot not in taken] if self.ready else []

    def give(self, chunk: Chunk) -> None:
        """Hand over a chunk; there must be a free slot."""
        slot = self.free_slots[0]
        self.slots[slot].put(list(chunk.items.items()))
        self.held.append((slot, chunk))
        with contextlib.suppress(BrokenPipeError):  # it is dead: whoever reads its answers will notice
            self.orders.write(bytes([slot]))

    def take_answers(self) -> bool:
        """Read what it has to say, at least one byte; False when it has ended and everything is read.

        Raises:
            WorkersFailed: the function could not be loaded in it.
        """
        message = self.answers.read(1)
        if not message:
            return False
        if message[0] == START_FAILED:
            raise WorkersFailed(
                "A worker process cannot load the function that it shall apply. It must be importable by name from "
                f"another module than __main__, or a functools.partial of such a one.\n{self.slots[0].take()}"
            )
        if message[0] == READY:
            self.ready = True
            return True
        slot, chunk = self.held.popleft()
        assert slot == message[0], "a worker answers in the order in which it was asked"
        chunk.outcomes |= zip(chunk.items, self.slots[slot].take(), strict=True)
        self.finished += len(chunk.items)
        chunk.items.clear()
        return True

    def hear_errors(self) -> bytes:
        """Read what it wrote to its standard error; empty when that is closed."""
        said = self.errors.read(1 << 16) or b""
        self.last_words = (self.last_words + said)[-_LAST_WORDS:]
        return said

    def overdue(self, seconds: float, patience: float) -> Beat | None:
        """The item that took more than ``seconds`` of CPU time, or ``patience`` times as long by the clock."""
        beat = self.heartbeat.read()
        elapsed = time.monotonic() - beat.began
        if beat.number == NOTHING or elapsed <= seconds:
            return None
        used = self._measured.cpu_times()
        return beat if used.user + used.system - beat.cpu > seconds or elapsed > patience * seconds else None

    def end(self) -> Death:
        """Kill it if it still lives; what it had answered before can still be taken."""
        self.process.kill()
        code = self.process.wait()
        self.hear_errors()
        beat = self.heartbeat.read()
        if code == EXIT_MEMORY or any(cue in self.last_words for cue in _NO_MEMORY):
            return Death(beat, "page_memory", "its process met the limit of memory", from_outside=False)
        if code >= 0:
            return Death(beat, "page_crash", f"its process ended with code {code}", from_outside=False)
        detail = f"its process was ended by {signal.Signals(-code).name}"
        return Death(beat, "page_crash", detail, from_outside=-code in _OUTSIDE)

    def close(self) -> None:
        """Release what the parent holds of it."""
        for stream in (self.orders, self.answers, self.errors):
            stream.close()
        for slot in self.slots:
            slot.close()
        self.heartbeat.close()
