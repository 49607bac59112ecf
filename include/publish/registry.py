"""The dataset repository: the only module that touches git and DVC.

A version of a dump's corpus is an annotated tag ``crawl/<CRAWL>/v<N>`` on a commit that holds ``<CRAWL>.dvc``. The data
is pushed before the commit, the tag comes last: whoever reads by tag sees whole versions only, whatever is killed when.
Each step asks what is there already, so that the next run finishes what a killed one began.
"""

import logging
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from include.crawls import validate_id
from include.errors import RewrapError
from include.lake import Lake, write_atomically
from include.ledger import StageReport
from include.publish.export import finished_corpus, write_release_folder

log = logging.getLogger("rewrap.publish")

REMOTE = "storage"
CORE = "[core]\n    analytics = false\n    check_update = false\n    autostage = true\n"
LAST_LINES = 8


@dataclass(frozen=True)
class Release:
    """One published version of a dump's corpus."""

    crawl: str
    tag: str
    commit: str
    new: bool
    """Whether this call made it."""
    path: Path
    """The working copy of the newest version; older ones come by ``dvc get REPOSITORY CRAWL --rev TAG``."""
    repository: Path


def publish_release(lake: Lake, crawl: str, datasets: Path, remote: str) -> Release:
    """Version the corpus of ``crawl`` in the repository ``datasets``; its data goes to the DVC remote ``remote``.

    Data that equals the newest version's makes neither a commit nor a tag. A second publisher waits for the first.

    Raises:
        GateFailed, BadInput: there is nothing that may be published.
        RewrapError: git, DVC or the remote refused; no tag was made, and running again continues.
    """
    validate_id(crawl)
    report = finished_corpus(lake, crawl)
    datasets = datasets.resolve()
    with _alone(datasets):
        _prepare(datasets, remote)
        _replace_folder(lake, crawl, report, datasets)
        _dvc(datasets, "add", crawl)
        _push(datasets, crawl, remote)
        rows, words = report.detail["rows"]["mix"], report.detail["words"]["mix"]
        _commit(datasets, f"{crawl}: {rows} rows, {words} words", f"{crawl}.dvc", ".gitignore")

        versions = [release for release in releases(datasets) if release.crawl == crawl]
        if versions and _md5(datasets, versions[-1].tag, crawl) == _md5(datasets, "HEAD", crawl):
            log.info("%s is unchanged: it stays %s", crawl, versions[-1].tag)
            return versions[-1]
        newest = int(versions[-1].tag.rsplit("/v", 1)[1]) if versions else 0
        tag = f"crawl/{crawl}/v{newest + 1}"
        _git(datasets, "tag", "--annotate", "--message", f"{crawl}: {rows} rows, {words} words", tag, "HEAD")
        log.info("%s is published", tag)
        return Release(crawl, tag, _git(datasets, "rev-parse", "HEAD"), True, datasets / crawl, datasets)


def releases(datasets: Path) -> list[Release]:
    """All versions in the repository, by dump and age; none if there is no repository yet."""
    if not (datasets / ".git").exists():
        return []
    datasets = datasets.resolve()
    form = "--format=%(refname:short) %(*objectname)"
    lines = _git(datasets, "for-each-ref", "--sort=version:refname", form, "refs/tags/crawl").splitlines()
    found: list[Release] = []
    for tag, commit in (line.split() for line in lines):
        if match := re.fullmatch(r"crawl/([^/]+)/v\d+", tag):
            found.append(Release(match[1], tag, commit, False, datasets / match[1], datasets))
    return found


@contextmanager
def _alone(datasets: Path) -> Iterator[None]:
    """Hold the repository's lock. The system frees it when the process ends in whatever way."""
    from filelock import FileLock, Timeout

    datasets.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(datasets.with_name(f".{datasets.name}.lock"))
    try:
        lock.acquire(blocking=False)
    except Timeout:
        log.info("another publisher works on %s: waiting for it", datasets)
        lock.acquire()
    try:
        stale = datasets / ".git" / "index.lock"
        if stale.exists():
            raise RewrapError(
                f"{stale} is there: git was killed in this repository, or somebody works in it now. If no git process "
                "runs there, delete that file and publish again."
            )
        yield
    finally:
        lock.release()


def _prepare(datasets: Path, remote: str) -> None:
    """Make the repository, and see to it that the remote stands in a commit before any tag is made.

    A tag made before its remote was committed could never be fetched by ``--rev``.
    """
    datasets.mkdir(parents=True, exist_ok=True)
    config = datasets / ".dvc" / "config"
    _git(datasets, "init", "--quiet", "--initial-branch", "main")
    if not config.exists() or "[core]" not in config.read_text():
        _dvc(datasets, "init", "--force")
        write_atomically(config, CORE.encode())
    url = remote if "://" in remote else str(Path(remote).resolve())
    if not re.search(rf"^\s*url = {re.escape(url)}$", config.read_text(), re.MULTILINE):
        _dvc(datasets, "remote", "add", "--default", "--force", REMOTE, url)
    _commit(datasets, "Name the place of the data", ".dvc/config", ".dvc/.gitignore", ".dvcignore")


def _replace_folder(lake: Lake, crawl: str, report: StageReport, datasets: Path) -> None:
    """Put the release's folder into the working copy: complete under another name, then renamed."""
    fresh, old = (datasets / ".dvc" / "tmp" / "rewrap" / name for name in ("fresh", "old"))
    for leftover in (fresh, old):
        shutil.rmtree(leftover, ignore_errors=True)
    fresh.mkdir(parents=True)
    write_release_folder(lake, crawl, report, fresh)
    if (datasets / crawl).exists():
        (datasets / crawl).rename(old)
    fresh.rename(datasets / crawl)
    shutil.rmtree(old, ignore_errors=True)


def _push(datasets: Path, crawl: str, remote: str) -> None:
    try:
        _dvc(datasets, "push", "--remote", REMOTE, f"{crawl}.dvc")
    except RewrapError as error:
        raise RewrapError(
            f"The data of {crawl} did not reach the DVC remote {remote}: it cannot be reached or written, or is full. "
            f"No version was made. Mend it or set REWRAP_REMOTE, then publish again.\n{error}"
        ) from None


def _commit(datasets: Path, message: str, *paths: str) -> None:
    """Commit ``paths`` alone, if they differ from the last commit; what else lies in the repository is left alone."""
    _git(datasets, "add", "--", *paths)
    if _git(datasets, "status", "--porcelain", "--", *paths):
        _git(datasets, "commit", "--quiet", "--only", "--message", message, "--", *paths)


def _md5(datasets: Path, revision: str, crawl: str) -> str:
    """DVC's digest of the dump's folder at a revision."""
    content = yaml.safe_load(_git(datasets, "show", f"{revision}:{crawl}.dvc"))
    return str(content["outs"][0]["md5"])


def _dvc(datasets: Path, *arguments: str) -> str:
    return _run(datasets, [sys.executable, "-m", "dvc", "--wait-for-lock", *arguments])


def _git(datasets: Path, *arguments: str) -> str:
    return _run(datasets, ["git", *arguments])


def _run(datasets: Path, command: list[str]) -> str:
    """Run a command in the repository; returns what it printed. Raises RewrapError with its last lines."""
    try:
        done = subprocess.run(
            command, cwd=datasets, env=_environment(datasets), capture_output=True, text=True, errors="replace"
        )
    except FileNotFoundError:
        raise RewrapError(f"{command[0]!r} is not installed. Install git and publish again.") from None
    if done.returncode:
        last = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()][-LAST_LINES:]
        told = "\n".join(f"  {line}" for line in last) or "  (it said nothing)"
        name = " ".join(["dvc", *command[3:]] if command[0] == sys.executable else command)
        raise RewrapError(
            f"'{name}' failed in {datasets} (exit {done.returncode}):\n{told}\n"
            "No version was made. Mend the cause and publish again: it continues where this run stopped."
        )
    return done.stdout.strip()


def _environment(datasets: Path) -> dict[str, str]:
    """This process's environment with the bot's identity and without the user's git set-up (hooks, signing)."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    identity = {"NAME": "Rewrap", "EMAIL": "rewrap@localhost"}
    return inherited | {
        **{f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in identity.items()},
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        # The repository may lie inside a checkout of this project: git must never take that one for it.
        "GIT_CEILING_DIRECTORIES": str(datasets.parent),
        "DVC_NO_ANALYTICS": "1",
    }
