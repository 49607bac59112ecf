"""Runs inside a worker: takes chunks from the shared memory, applies the function, puts the results back.

It is started as ``python -m include.ingest.workers.child PARENT HEARTBEAT SLOT SLOT`` (a process id and descriptors),
with messages from standard input and to standard output.
"""

import ctypes
import faulthandler
import os
import pickle
import resource
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from include.ingest.workers.shared import EXIT_MEMORY, READY, START_FAILED, Abandoned, Heartbeat, Slot

_PR_SET_PDEATHSIG = 1
_DETAIL = 500
"""Characters of an error's message that are kept: some hold the page."""


def main(parent: int, heartbeat: Heartbeat, slots: list[Slot]) -> None:
    _die_with(parent)
    # Control-C goes to the whole group: the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    faulthandler.enable()
    answers = os.dup(1)
    os.dup2(2, 1)  # whatever the function prints must not look like a message
    try:
        function, memory_bytes = pickle.loads(slots[0].take())
        _limit_memory(memory_bytes)
    except BaseException:
        slots[0].put(traceback.format_exc())
        os.write(answers, bytes([START_FAILED]))
        return
    os.write(answers, bytes([READY]))
    while message := os.read(0, 1):
        slot = slots[message[0]]
        results = []
        for number, item in slot.take():
            heartbeat.begin(number)
            results.append(_apply(function, item))
        heartbeat.rest()
        slot.put(results)
        os.write(answers, message)


def _apply(function: Callable[[Any], Any], item: Any) -> Any:
    try:
        return function(item)
    except MemoryError:
        # Other items may have left the memory full, and this process can no longer be trusted: a fresh one tries again.
        os._exit(EXIT_MEMORY)
    except BaseException as error:  # native code reports its defects as PanicException, which is no Exception
        text = " ".join(str(error).split())
        return Abandoned("page_error", f"{type(error).__name__}: {text}"[:_DETAIL])


def _die_with(parent: int) -> None:
    """Let the kernel kill this process when its parent ends: a thread that waits cannot run while a parser hangs."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before that
        os._exit(1)


def _limit_memory(allowance: int) -> None:
    """Allow so much private memory beyond what the interpreter and the function's modules hold by now."""
    status = Path("/proc/self/status").read_text()
    held = next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmData:"))
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = held + allowance
    resource.setrlimit(resource.RLIMIT_DATA, (wanted if hard < 0 else min(wanted, hard), hard))


if __name__ == "__main__":
    parent_id, beat, *chunks = map(int, sys.argv[1:])
    main(parent_id, Heartbeat(beat), [Slot(fd) for fd in chunks])
