"""A home with a lake, a dataset repository and a remote, for tests of versions."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml
from small_dumps import Dump, fill, let_pass

from include.lake import Lake
from include.publish.mix import build_corpus
from include.publish.mix_params import MixParams
from include.publish.registry import Release, publish_release

HERE = Path(__file__).parent
SCRIPTS = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (HERE.parents[2], HERE.parents[1], HERE)))}
"""Environment of scripts beside this file."""
CRAWL, OTHER = "SAMPLE-2026-01", "SAMPLE-2026-02"
V1, V2 = f"{CRAWL}@v1.0.0", f"{CRAWL}@v1.1.0"


def run(*command: object, cwd: Path | None = None) -> str:
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


def git(datasets: Path, *arguments: object) -> str:
    return run("git", "-C", datasets, *arguments)


def dvc(*arguments: object, cwd: Path | None = None) -> str:
    return run(sys.executable, "-m", "dvc", *arguments, cwd=cwd)


def corpus(home: Path, edition: int, crawl: str = CRAWL, **mix: Any) -> Lake:
    """A lake whose corpus is ready to be published."""
    lake = Lake(home / "lake")
    fill(lake, Dump(crawl=crawl, edition=edition))
    build_corpus(lake, crawl, MixParams(**mix))
    let_pass(lake, crawl)
    return lake


def publish(home: Path, edition: int, crawl: str = CRAWL, **mix: Any) -> Release:
    return publish_release(corpus(home, edition, crawl, **mix), crawl, home / "datasets", str(home / "remote"))


def md5(file: Path) -> str:
    return hashlib.md5(file.read_bytes()).hexdigest()


def files_of(home: Path, tag: str, crawl: str = CRAWL) -> dict[str, str]:
    """File to MD5 of a version, as its list in the remote says."""
    objects = home / "remote" / "files" / "md5"
    folder = yaml.safe_load(git(home / "datasets", "show", f"{tag}:{crawl}.dvc"))["outs"][0]["md5"]
    listed = json.loads((objects / folder[:2] / folder[2:]).read_text())
    return {entry["relpath"]: entry["md5"] for entry in listed}


def is_whole(home: Path, tag: str, crawl: str = CRAWL) -> bool:
    """Whether the remote holds every byte of the version, and the version is the one whose figures git holds."""
    objects = home / "remote" / "files" / "md5"
    files = files_of(home, tag, crawl)
    if not all(md5(objects / digest[:2] / digest[2:]) == digest for digest in files.values()):
        return False
    told = (git(home / "datasets", "show", f"{tag}:{crawl}.json") + "\n").encode()
    return hashlib.md5(told).hexdigest() == files["release.json"]


def rows_of(home: Path, tag: str) -> int:
    """Rows of a version's mix, as git knows."""
    told = json.loads(git(home / "datasets", "show", f"{tag}:{CRAWL}.json"))
    return int(told["rows"]["mix"])


def objects_in(folder: Path) -> set[str]:
    """Objects of a cache or of a remote that is a folder."""
    return {"".join(file.relative_to(folder).parts[-2:]) for file in folder.glob("files/md5/*/*")}


def keep(home: Path) -> None:
    """Keep a home as it is now, for :func:`renew`."""
    shutil.copytree(home, home.with_name("kept"))


def renew(home: Path) -> Path:
    """The home as it was kept, in the same place, which its commits name. DVC must not remember what came between."""
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(home.with_name("kept"), home)
    (home / "datasets/.dvc/tmp/btime").unlink(missing_ok=True)
    return home
