"""Steps that publishing, going back and withdrawing share, in the order in which they make a version visible."""

import logging
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from include.errors import RewrapError
from include.lake import write_atomically
from include.publish.registry import storage
from include.publish.registry.messages import one_message
from include.publish.registry.prepare import remote_url
from include.publish.registry.repository import commit, git, read, tag
from include.publish.registry.versions import Release, digest, figures, newest, next_version
from include.publish.tags import tag_of

if TYPE_CHECKING:
    from dvc.repo import Repo

log = logging.getLogger("rewrap.publish")

DESCRIPTION = ("README.md", "release.json")
"""Files of a release that hold no rows."""
SETTINGS = ("mix", "schema")
"""Parts of ``release.json`` whose change asks a user to look before using the new version."""


def drafts(datasets: Path) -> Path:
    """Folder in which a release is written before it is the working copy."""
    return datasets / ".dvc" / "tmp" / "rewrap"


def remove_drafts(datasets: Path) -> None:
    shutil.rmtree(drafts(datasets), ignore_errors=True)


def push(repo: "Repo", crawl: str, made: str, remote: str) -> None:
    """Bring a version's data to the remote. Raises RewrapError with what to do."""
    try:
        with one_message(Path(repo.root_dir), "push"):
            here = storage.url_of(repo)
            storage.copy(repo, made, here, here)
    except RewrapError as error:
        raise RewrapError(
            f"The data of {crawl} did not reach the DVC remote {remote}: it cannot be reached or written, or is full. "
            f"No version was made. Mend it or set REWRAP_REMOTE, then publish again.\n{error}"
        ) from None


def what_changed(repo: "Repo", datasets: Path, crawl: str, new: dict[str, Any], made: str) -> str:
    """What sets a folder with the figures ``new`` and the digest ``made`` apart from the dump's newest version.

    ``settings``, ``rows`` or ``rest``; nothing if they are equal. Without an earlier version, everything is new.
    """
    before = newest(datasets, crawl)
    known = digest(datasets, before.commit, crawl) if before else None
    if before is None or known is None:
        return "settings"
    if known == made:
        return ""
    old = figures(datasets, before.commit, crawl)
    if any(old.get(part) != new.get(part) for part in SETTINGS):
        return "settings"
    where = remote_url(datasets, before.commit)
    return "rest" if _rows(repo, known, where) == _rows(repo, made, storage.url_of(repo)) else "rows"


def _rows(repo: "Repo", folder: str, url: str) -> dict[str, str]:
    """File to object of all that holds rows."""
    return {file: oid for file, oid in storage.contents(repo, folder, url).items() if file not in DESCRIPTION}


def commit_version(datasets: Path, crawl: str, message: str) -> None:
    """Commit all that stands for the dump in the working copy."""
    commit(datasets, message, f"{crawl}.dvc", f"{crawl}.json", "dvc.yaml", ".gitignore")


def tag_version(datasets: Path, crawl: str, changed: str, message: str) -> Release:
    """Make the last commit visible as the dump's next version."""
    version = next_version(datasets, crawl, changed)
    name = tag_of(crawl, version)
    tag(datasets, name, message)
    log.info("%s is published", name)
    return Release(crawl, name, version, git(datasets, "rev-parse", "HEAD"), True, datasets / crawl, datasets)


def put_back(repo: "Repo", datasets: Path, release: Release) -> None:
    """Make the working copy of the dump what a version holds; nothing is committed."""
    for file in (f"{release.crawl}.dvc", f"{release.crawl}.json"):
        content = read(datasets, release.commit, file)
        if content is None:
            (datasets / file).unlink(missing_ok=True)
        else:
            write_atomically(datasets / file, f"{content}\n".encode())
    folder = digest(datasets, release.commit, release.crawl)
    storage.restore(repo, release.crawl, str(folder), remote_url(datasets, release.commit))
