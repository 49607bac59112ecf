"""git in the dataset repository: one writer at a time, the bot's identity, commits of named files alone."""

import logging
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from include.errors import RewrapError
from include.publish.registry.orphans import remove_orphans

log = logging.getLogger("rewrap.publish")

LAST_LINES = 8


@contextmanager
def alone(datasets: Path) -> Iterator[None]:
    """Hold the repository's lock. The system frees it when the process ends in whatever way.

    What killed processes left there is removed. Raises RewrapError if a git may still be at work there, or if the disk
    is full.
    """
    from filelock import FileLock, Timeout

    datasets.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(datasets.with_name(f".{datasets.name}.lock"))
    try:
        lock.acquire(blocking=False)
    except Timeout:
        log.info("another publisher works on %s: waiting for it", datasets)
        lock.acquire()
    try:
        remove_orphans(datasets)
        yield
    except OSError as error:
        raise RewrapError(
            f"{datasets} could not be written: {error}. The versions there are whole, as they were. Free some space or "
            "mend the disk, then run the command again: it continues where this run stopped."
        ) from error
    finally:
        lock.release()


def exists(datasets: Path) -> bool:
    """Whether a version may be there."""
    return (datasets / ".git").exists() and bool(git(datasets, "rev-list", "--all", "--max-count=1"))


def git(datasets: Path, *arguments: str) -> str:
    """What git prints, without the last newline. Raises RewrapError with the last lines of what it complained about."""
    try:
        done = subprocess.run(
            ["git", *arguments],
            cwd=datasets,
            env=_environment(datasets),
            capture_output=True,
            text=True,
            errors="replace",
        )
    except FileNotFoundError:
        raise RewrapError("'git' is not installed. Install git and run the command again.") from None
    if done.returncode:
        last = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()][-LAST_LINES:]
        told = "\n".join(f"  {line}" for line in last) or "  (it said nothing)"
        raise RewrapError(
            f"'git {' '.join(arguments)}' failed in {datasets} (exit {done.returncode}):\n{told}\n"
            "Mend the cause and run the command again: it continues where this run stopped."
        )
    return done.stdout.rstrip("\n")


def read(datasets: Path, revision: str, file: str) -> str | None:
    """The text of a file at a revision; None if the revision has no such file."""
    if not git(datasets, "ls-tree", "--name-only", revision, "--", file):
        return None
    return git(datasets, "show", f"{revision}:{file}")


def commit(datasets: Path, message: str, *paths: str) -> None:
    """Commit ``paths`` alone, if they differ from the last commit; what else lies in the repository is left alone.

    A path that is gone is committed as deleted.
    """
    known = set(git(datasets, "ls-files", "--", *paths).splitlines())
    named = [path for path in paths if path in known or (datasets / path).exists()]
    if not named:
        return
    git(datasets, "add", "--all", "--", *named)
    if git(datasets, "status", "--porcelain", "--", *named):
        git(datasets, "commit", "--quiet", "--only", "--message", message, "--", *named)


def tag(datasets: Path, name: str, message: str, revision: str = "HEAD") -> None:
    """Make an annotated tag, unless it is there."""
    if not git(datasets, "tag", "--list", re.sub(r"([*?\[\\])", r"\\\1", name)):
        git(datasets, "tag", "--annotate", "--message", message, name, f"{revision}^{{commit}}")


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
    }
