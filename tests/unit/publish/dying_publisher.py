"""Run in a process of its own: publishers that are killed at many moments, each followed by one that is not.

``dying_publisher.py HOME ACTION POINTS`` prints as JSON, per moment: what the publisher was about to do, the versions
that could be used after its death and whether they were whole, and the same after the next publisher. The action is
``publish`` (a second version) or ``withdraw`` (the first of two).

Each publisher is a fork of this process, which has DVC loaded and no threads.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dvc.repo
import dvc_data.hashfile.db  # noqa: F401  (what is loaded here, forks need not load)
import dvc_data.hashfile.transfer  # noqa: F401
from registry_home import CRAWL, V1, V2, corpus, files_of, git, is_whole, keep, objects_in, renew

from include.lake import Lake
from include.publish.registry import publish_release, releases, withdraw

assert dvc.repo
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
CHANGES = {
    "os.rename",
    "os.remove",
    "os.mkdir",
    "os.chmod",
    "os.link",
    "os.rmdir",
    "subprocess.Popen",
    "shutil.copyfile",
}


def fork(work: Callable[[], None]) -> int:
    """Run it in a fork; returns the exit status as of ``os.wait``."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    work()
    os._exit(0)


def publish(home: Path) -> None:
    publish_release(Lake(home / "lake"), CRAWL, home / "datasets", str(home / "remote"))


def withdraw_first(home: Path) -> None:
    withdraw(home / "datasets", str(home / "remote"), [V1], "A host opted out.")


ACTIONS = {"publish": publish, "withdraw": withdraw_first}


def watched(work: Callable[[], None], die_at: int, told: Path) -> Callable[[], None]:
    """Work that counts what it changes on disk or starts, and is killed just before the given number of that."""

    def counted() -> None:
        count = 0

        def hook(event: str, arguments: tuple[Any, ...]) -> None:
            nonlocal count
            if event in CHANGES or (event == "open" and isinstance(arguments[2], int) and arguments[2] & WRITES):
                count += 1
                if count == die_at:
                    descriptor = os.open(str(told), os.O_WRONLY)
                    os.write(descriptor, f"{event} {arguments[0]}".encode())
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hook)
        work()
        told.write_text(str(count))

    return counted


def usable(home: Path) -> dict[str, bool]:
    """Versions that are not withdrawn, and whether they are whole."""
    known = releases(home / "datasets")
    return {r.tag: is_whole(home, r.tag) for r in known if r.withdrawn is None}


def main(home: Path, action: str, points: int) -> None:
    told = home.parent / "told"
    corpus(home, 1)
    assert fork(lambda: publish(home)) == 0
    corpus(home, 2)
    old = set(files_of(home, V1).values())
    if action == "withdraw":
        assert fork(lambda: publish(home)) == 0
        old -= set(files_of(home, V2).values())
    keep(home)

    def act() -> None:
        ACTIONS[action](home)

    told.touch()
    assert fork(watched(act, 0, told)) == 0
    events = int(told.read_text())
    found = []
    for point in range(points):
        renew(home)
        told.write_text("")
        status = fork(watched(act, 1 + events * point // points, told))
        died = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        after_death = usable(home)
        next_well = fork(act) == 0
        clean = git(home / "datasets", "status", "--porcelain") == ""
        stored = objects_in(home / "remote") | objects_in(home / "datasets/.dvc/cache")
        found.append(
            {
                "before": told.read_text(),
                "died": died,
                "usable": after_death,
                "next": next_well and clean,
                "finally": usable(home),
                "objects_of_first": len(old & stored),
            }
        )
    print(json.dumps({"events": events, "found": found}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
