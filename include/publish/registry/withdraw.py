"""Withdraws versions: they stay listed, with the reason, and their data goes."""

import json
import logging
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from include.errors import BadInput, RewrapError
from include.lake import write_atomically
from include.publish.registry import storage
from include.publish.registry.gc import needed_objects
from include.publish.registry.messages import one_message
from include.publish.registry.prepare import absolute, describe, forget, remotes_ever, rolled_back
from include.publish.registry.repository import alone, commit, git, read, tag
from include.publish.registry.steps import commit_version, put_back, remove_drafts
from include.publish.registry.versions import WITHDRAWN, digest, newest, releases, withdrawn

if TYPE_CHECKING:
    from dvc.repo import Repo

log = logging.getLogger("rewrap.publish")


def withdraw(datasets: Path, remote: str, tags: Sequence[str], reason: str) -> None:
    """List the versions ``tags`` as withdrawn and remove what only they need from the cache and the remotes.

    The list is ``withdrawn.json`` and, for GTO, a deregistration of each version. Versions with the same data are
    withdrawn with them. The working copy becomes the newest version that is left, or goes. Objects in the cache that
    nothing needs, such as those of a publish that was killed, are removed from both places, too. Killed in between, the
    next call with the same tags finishes.

    Raises:
        BadInput: a tag is no version, or the reason is empty.
        RewrapError: git, DVC or a remote refused: the versions are listed as withdrawn, their data may still be there.
    """
    if not reason.strip():
        raise BadInput("Say why the versions are withdrawn: whoever used them will ask.")
    datasets = datasets.resolve()
    known = {release.tag: release for release in releases(datasets)}
    if unknown := [name for name in tags if name not in known]:
        raise BadInput(f"{datasets} has no version {unknown[0]!r}. 'python -m include.cli releases' lists all.")
    with alone(datasets):
        _list(datasets, tags, " ".join(reason.split()))
        remove_drafts(datasets)
        with storage.opened(datasets, "withdraw " + ", ".join(tags)) as repo:
            for crawl in sorted({known[name].crawl for name in tags}):
                _show_what_is_left(repo, datasets, crawl)
            _remove(repo, datasets, list(dict.fromkeys([*remotes_ever(datasets), absolute(remote)])))


def _list(datasets: Path, tags: Sequence[str], reason: str) -> None:
    """Write the reasons down for the tags and for all versions of the same data, and deregister them for GTO."""
    known = releases(datasets)
    data = {release.tag: (release.crawl, digest(datasets, release.commit, release.crawl)) for release in known}
    gone = {data[name] for name in tags}
    reasons = withdrawn(datasets)
    reasons = {name: reason for name in data if data[name] in gone} | reasons
    write_atomically(datasets / WITHDRAWN, (json.dumps(reasons, indent=1, sort_keys=True) + "\n").encode())
    commit(datasets, f"Withdraw {', '.join(tags)}", WITHDRAWN)
    for name in reasons:
        if "@" in name:
            tag(datasets, f"{name}!", reasons[name], name)


def _show_what_is_left(repo: "Repo", datasets: Path, crawl: str) -> None:
    """Make the last commit and the working copy those of the newest version that is left; remove them if none is."""
    left = newest(datasets, crawl)
    if left is None:
        forget(datasets, crawl)
        shutil.rmtree(datasets / crawl, ignore_errors=True)
        commit_version(datasets, crawl, f"{crawl}: no version is left")
        return
    pointer, wanted = datasets / f"{crawl}.dvc", read(datasets, left.commit, f"{crawl}.dvc")
    shown = pointer.exists() and pointer.read_text().strip() == wanted and (datasets / crawl).exists()
    if shown and digest(datasets, "HEAD", crawl) == digest(datasets, left.commit, crawl):
        return
    put_back(repo, datasets, left)
    told = (read(datasets, left.commit, f"{crawl}.json") or "{}") + "\n"
    describe(datasets, crawl, told.encode(), rolled_back(datasets, left.commit, crawl))
    commit_version(datasets, crawl, f"{crawl}: {left.tag} is left")


def _remove(repo: "Repo", datasets: Path, urls: list[str]) -> None:
    """Remove all that withdrawn versions held, and unneeded objects of the cache, from the cache and all remotes.

    A remote that cannot be reached does not save the data in the others.
    """
    needed = needed_objects(repo, datasets)
    folders = _withdrawn_folders(datasets) - needed
    spare = folders | storage.everything(repo.cache.local).keys() - needed
    failed: list[RewrapError] = []
    for url in urls:  # all lists are read before one is removed
        with _later(failed), one_message(datasets, f"read what was withdrawn from {url}"):
            for folder in folders:
                with suppress(FileNotFoundError):  # an earlier call has removed it here
                    spare |= set(storage.contents(repo, folder, url).values()) - needed
    for place in (*urls, None):
        with _later(failed), one_message(datasets, f"remove data from {place or 'the cache'}"):
            odb = storage.remote_at(repo, place) if place else repo.cache.local
            if odb.fs.protocol == "local" and not Path(odb.path).is_dir():  # a disk that is not mounted looks empty
                raise RewrapError(f"There is no folder {odb.path}. If it is gone for good, make an empty one there.")
            there = storage.sizes(odb, spare)
            storage.remove(odb, there)
            log.info("%d objects (%d bytes) removed from %s", len(there), sum(there.values()), odb.path)
    if failed:
        raise RewrapError(
            "The versions are listed as withdrawn, but their data is not gone from everywhere. Mend the cause and "
            f"withdraw them again.\n{failed[0]}"
        )


@contextmanager
def _later(failed: list[RewrapError]) -> Iterator[None]:
    """Note the error and go on."""
    try:
        yield
    except RewrapError as error:
        failed.append(error)


def _withdrawn_folders(datasets: Path) -> set[str]:
    """Digests of all that a dump with a withdrawn version has had in any commit, also in one that was never tagged."""
    crawls = {release.crawl for release in releases(datasets) if release.withdrawn is not None}
    return {
        folder
        for crawl in crawls
        for commit_id in git(datasets, "rev-list", "--all", "--", f"{crawl}.dvc").splitlines()
        if (folder := digest(datasets, commit_id, crawl))
    }
