"""Run in a namespace of its own: publishers on a disk that has less and more room, until one of them succeeds.

``full_disk_publisher.py FOLDER`` mounts a small file system (in memory) there; prints what happened as JSON.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from registry_home import CRAWL, corpus, is_whole, publish

from include.errors import RewrapError
from include.lake import Lake
from include.publish.registry import publish_release, releases

STEP = 16 * 1024
PAGE = 4096


def main(folder: Path) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "none", str(folder)], check=True)
    home = folder / "home"
    publish(home, 1)
    corpus(home, 2)
    filler, failures = folder / "filler", []
    room, done = 0, False
    while not done:
        free = os.statvfs(folder).f_bavail * PAGE
        filler.write_bytes(bytes(max(0, free - room)))
        try:
            publish_release(Lake(home / "lake"), CRAWL, home / "datasets", str(home / "remote"))
            done = True
        except RewrapError as error:
            failures.append({"room": room, "error": str(error), "visible": visible(home)})
        filler.unlink(missing_ok=True)
        room += STEP
    print(json.dumps({"failures": failures, "finally": visible(home)}))


def visible(home: Path) -> dict[str, bool]:
    return {r.tag: is_whole(home, r.tag) for r in releases(home / "datasets")}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
