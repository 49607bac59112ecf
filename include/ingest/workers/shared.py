"""What a worker and its parent share: memory for chunks, a heartbeat, one-byte messages (Linux)."""

import mmap
import os
import pickle
import struct
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
    """The item that a worker works on. It stays readable when the worker hangs or is dead."""

    _FORM = struct.Struct("<ddq")

    def __init__(self, fd: int | None = None) -> None:
        self.fd = os.memfd_create("heartbeat") if fd is None else fd
        if fd is None:
            os.ftruncate(self.fd, mmap.PAGESIZE)
        self._memory = mmap.mmap(self.fd, mmap.PAGESIZE)
        if fd is None:
            self.write(Beat(NOTHING, 0.0, 0.0))

    def write(self, beat: Beat) -> None:
        # The number last: a parent that reads in between sees the old item with a new time, which is never overdue.
        self._FORM.pack_into(self._memory, 0, beat.began, beat.cpu, beat.number)

    def read(self) -> Beat:
        began, cpu, number = self._FORM.unpack_from(self._memory, 0)
        return Beat(number, began, cpu)

    def close(self) -> None:
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
