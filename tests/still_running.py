"""Which processes run, told without tripping over those that end while they are looked at."""

from collections.abc import Iterable

import psutil


def still_running(processes: Iterable[psutil.Process], command: str = "") -> list[psutil.Process]:
    """Those that have neither ended nor wait for their parent to notice; with ``command`` in their command line."""
    found = []
    for process in processes:
        try:
            if process.status() != psutil.STATUS_ZOMBIE and command in " ".join(process.cmdline()):
                found.append(process)
        except psutil.NoSuchProcess:  # a zombie has no command line either
            continue
    return found
