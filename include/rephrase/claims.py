"""Keeps workers from making the same generation at the same time. The kernel releases what a dead process held."""

import fcntl
import logging
import os
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from include.lake import Lake
from include.rephrase.store import Store

log = logging.getLogger("rewrap.worker")

WAITING_EVERY = 60.0
"""Seconds between two lines of a worker that waits."""
SAME_TICK = 0.1
"""Seconds within which two changes of a folder may carry the same time."""


@contextmanager
def only_worker(lake: Lake, crawl: str, unit: str) -> Iterator[None]:
    """Wait until no other process works on this unit, and keep others away."""
    file = lake.root / ".locks" / f"{crawl}-{unit}.lock"
    file.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(file)
    timeout = 0.0
    while not lock.is_locked:
        try:
            lock.acquire(timeout=timeout)
        except Timeout:
            log.info("another worker has unit %s of %s in hand; waiting for it", unit, crawl)
            timeout = WAITING_EVERY
    try:
        yield
    finally:
        lock.release()


class Claims:
    """Chains that this worker has in hand, so that workers of other dumps that share the page leave them alone.

    A claim is a lock on one byte of a file that stays empty, at an offset out of the chain's root.
    """

    def __init__(self, lake: Lake) -> None:
        file = lake.root / ".locks" / "chains"
        file.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)

    def take(self, root: str) -> bool:
        """Whether the chain is ours now; False while another worker has it in hand."""
        try:
            self._set(fcntl.F_WRLCK, root)
        except BlockingIOError:
            return False
        return True

    def release(self, root: str) -> None:
        self._set(fcntl.F_UNLCK, root)

    def close(self) -> None:
        """Release all."""
        os.close(self._file)

    def _set(self, kind: int, root: str) -> None:
        # struct flock with 64-bit offsets. "Open file description" locks belong to this descriptor and not, as
        # classic ones do, to the process, which would lose them all with any other descriptor of the file.
        lock = struct.pack("hhqqi4x", kind, os.SEEK_SET, int(root[:15], 16), 1, 0)
        fcntl.fcntl(self._file, fcntl.F_OFD_SETLK, lock)


class Newcomers:
    """What other workers have committed since this was made. Looks into the folders of those alone that did so."""

    def __init__(self, store: Store, worker: str) -> None:
        """``worker`` is this one, whose own chunks are no news."""
        self._store = store
        self._worker = worker
        self._known: dict[str, set[Path]] = {}
        self._seen: dict[str, float] = {}
        """When each folder had changed when it was looked into."""
        self._roots: set[str] = set()
        self._look()

    def have(self, root: str, roots_in: Callable[[list[str]], set[str]]) -> bool:
        """Whether there is something new of this chain.

        Args:
            roots_in: which of the chains that matter have results in these chunks (paths).
        """
        if new := self._look():
            self._roots |= roots_in(new)
        return root in self._roots

    def _look(self) -> list[str]:
        """The chunks that came since the last look."""
        new: list[str] = []
        for worker, changed in self._store.workers():
            if worker == self._worker or self._seen.get(worker) == changed:
                continue
            # A folder that changed just now may change again and carry the same time: it is looked into again.
            self._seen[worker] = changed if time.time() - changed > SAME_TICK else 0.0
            chunks = set(self._store.chunks(worker))
            new += sorted(str(chunk) for chunk in chunks - self._known.get(worker, set()))
            self._known[worker] = chunks
        return new
