"""What a worker and its parent share: memory for chunks, a heartbeat, one-byte messages (Linux)."""

import mmap
import os
import pickle
import time
from dataclasses import dataclass
from typing import Any

READY, START_FAILED = 254, 255
"""Messages of a worker; any other byte is the number of a slot: "take its chunk" down, "its results are there" up."""
EXIT_MEMORY = 77
"""Exit code of a worker that met its limit of memory."""
NOTHING = -1


@dataclass(frozen=True)
class Abandoned:
    """Stands in the place of the result of an item that could not be worked on."""

    reason: str
    """``page_time``, ``page_memory``, ``page_crash`` (its process died) or ``page_error`` (the function raised)."""
    detail: str


@dataclass(frozen=True)
class Beat:
    """What a worker does at the moment."""

    number: int
    """Of the item; NOTHING between two."""
    began: float
    """``time.monotonic()``: the same clock in all processes."""
    cpu: float
    """CPU seconds of the process when it began."""


class Heartbeat:
    """The item that a worker works on. It stays readable when the worker hangs or is dead.

    Each figure is a number of 8 bytes that is written at once (``struct.pack_into`` writes zeros first), and the times
    before the item's number: who reads in between sees the item before it, begun just now, which is never overdue.
    """

    _BEGAN, _CPU, _NUMBER = range(3)

    def __init__(self, fd: int | None = None) -> None:
        self.fd = os.memfd_create("heartbeat") if fd is None else fd
        os.ftruncate(self.fd, mmap.PAGESIZE)
        self._memory = mmap.mmap(self.fd, mmap.PAGESIZE)
        self._figures = memoryview(self._memory).cast("d")
        if fd is None:
            self.rest()

    def begin(self, number: int) -> None:
        self._figures[self._BEGAN] = time.monotonic()
        self._figures[self._CPU] = time.process_time()
        self._figures[self._NUMBER] = number

    def rest(self) -> None:
        self._figures[self._NUMBER] = NOTHING

    def read(self) -> Beat:
        number = int(self._figures[self._NUMBER])
        return Beat(number, self._figures[self._BEGAN], self._figures[self._CPU])

    def close(self) -> None:
        self._figures.release()
        self._memory.close()
        os.close(self.fd)


class Slot:
    """Memory for one chunk on its way down and then for its results on their way up.

    Pickle writes large ``bytes`` straight into it and reads them straight out. A pipe takes as much CPU time (0.1 ms
    for 200 kB, both sides together) but holds 64 kB, so that the parent would have to wait while a worker is busy.
    """

    def __init__(self, fd: int | None = None) -> None:
        self.fd = os.memfd_create("slot") if fd is None else fd
        self._file = open(self.fd, "r+b", buffering=0)  # noqa: PTH123, SIM115 - a descriptor, closed by close()

    def put(self, value: Any) -> None:
        self._file.seek(0)
        pickle.dump(value, self._file, pickle.HIGHEST_PROTOCOL)

    def take(self) -> Any:
        self._file.seek(0)
        return pickle.load(self._file)

    def close(self) -> None:
        self._file.close()
