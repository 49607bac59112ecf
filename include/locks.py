"""Keeps stages and take-downs apart: stages work side by side, a take-down works alone."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from include.lake import Lake

if TYPE_CHECKING:
    from filelock import ReadWriteLock

log = logging.getLogger("rewrap.locks")


@contextmanager
def stage_at_work(lake: Lake) -> Iterator[None]:
    """Around every stage: waits while a take-down removes rows. The system frees what a dead process held."""
    from filelock import Timeout

    lock = _lock(lake)
    try:
        lock.acquire_read(blocking=False)
    except Timeout:
        log.info("a take-down removes pages from %s: waiting for it", lake.root)
        lock.acquire_read()
    try:
        yield
    finally:
        lock.release()


@contextmanager
def nobody_at_work(lake: Lake) -> Iterator[None]:
    """Around what must not meet a stage: waits until those that run have ended."""
    from filelock import Timeout

    lock = _lock(lake)
    try:
        lock.acquire_write(blocking=False)
    except Timeout:
        log.warning(
            "stages work on %s: waiting until they have ended. Cancel them if this must be done now; they go on from "
            "where they were.",
            lake.root,
        )
        lock.acquire_write()
    try:
        yield
    finally:
        lock.release()


def _lock(lake: Lake) -> "ReadWriteLock":
    from filelock import ReadWriteLock

    file = lake.root / ".locks" / "stages.db"
    file.parent.mkdir(parents=True, exist_ok=True)
    return ReadWriteLock(file)
