"""What killed processes left in the dataset repository: git's locks, files that were not yet renamed."""

import logging
import re
from pathlib import Path

from include.errors import RewrapError

log = logging.getLogger("rewrap.publish")

HALF_WRITTEN = re.compile(r"\..+\.(json|dvc|yaml)\.\d+\.tmp|\.[\w-]{22}\.tmp")
"""Names of :func:`include.lake.write_atomically` beside the files that are written here, and of what DVC tries links
with."""


def remove_orphans(datasets: Path) -> None:
    """Delete git's lock files, unless a git works in the repository, and our own half-written files.

    Only the one who holds the repository's lock may call it.

    Raises:
        RewrapError: a git process works there, or one whose folder cannot be seen: it may be a person's.
    """
    for file in datasets.glob(".*.tmp"):
        if HALF_WRITTEN.fullmatch(file.name):
            file.unlink(missing_ok=True)
    folder = datasets / ".git"
    locks = [*folder.glob("*.lock"), *(folder / "refs").rglob("*.lock")]
    if not locks:
        return
    if working := _git_processes(datasets):
        raise RewrapError(
            f"{locks[0]} is there: git works in {datasets} (process {working[0]}), or was killed in it. Wait until it "
            "has ended; if it has nothing to do with this repository, delete that file. Then run the command again."
        )
    for lock in locks:
        log.warning("%s was left by a git that was killed: it is removed", lock)
        lock.unlink(missing_ok=True)


def _git_processes(datasets: Path) -> list[int]:
    """Running git processes whose folder is in the repository or may be."""
    import psutil

    found = []
    for process in psutil.process_iter(["name", "status", "cwd"]):
        known = process.info
        if not (known["name"] or "").startswith("git") or known["status"] == psutil.STATUS_ZOMBIE:
            continue
        if not known["cwd"] or Path(known["cwd"]).is_relative_to(datasets):
            found.append(process.pid)
    return found
