"""One pace per host for all processes of this user on this machine: a file per host that holds two moments.

A library (pyrate-limiter with SQLite) was weighed: it shares a pace, but not the pause that a server asks for.
"""

import fcntl
import hashlib
import os
import struct
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_STATE = struct.Struct("<dd")
MAX_PAUSE = 600.0
"""Seconds. A server that asks for a longer pause is given up; a stored moment further away is a clock that was set."""


def wait_for_turn(host: str, per_second: float) -> None:
    """Return when it is this caller's turn to send one request to ``host``. Turns are taken in the order of asking."""
    while True:
        with _moments(host) as moments:
            now = time.time()
            turn = max(now, *moments)
            moments[0] = turn + 1 / per_second
        if turn > now:
            time.sleep(turn - now)
        with _moments(host) as moments:
            if moments[1] <= time.time():  # else somebody was asked to pause meanwhile
                return


def pause(host: str, seconds: float) -> None:
    """Nobody on this machine asks ``host`` for so long (at most :data:`MAX_PAUSE`)."""
    with _moments(host) as moments:
        moments[1] = max(moments[1], time.time() + min(seconds, MAX_PAUSE))


@contextmanager
def _moments(host: str) -> Iterator[list[float]]:
    """The next free turn and the end of the pause, as seconds since 1970; what is changed is stored. Holds a lock."""
    descriptor = os.open(_folder() / hashlib.sha256(host.encode()).hexdigest()[:32], os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        content = os.pread(descriptor, _STATE.size, 0)
        stored = list(_STATE.unpack(content)) if len(content) == _STATE.size else [0.0, 0.0]
        limit = time.time() + 2 * MAX_PAUSE
        moments = [moment if moment < limit else 0.0 for moment in stored]
        yield moments
        os.pwrite(descriptor, _STATE.pack(*moments), 0)
    finally:
        os.close(descriptor)


def _folder() -> Path:
    folder = Path(tempfile.gettempdir()) / f"rewrap-pace-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder
