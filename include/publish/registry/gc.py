"""Removes data that no version needs, from the cache beside the repository and from the remote."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from include.errors import BadInput
from include.publish.registry import repository, storage
from include.publish.registry.prepare import remote_url
from include.publish.registry.repository import alone, git, read
from include.publish.registry.steps import remove_drafts
from include.publish.registry.versions import Release, digest, releases
from include.publish.tags import parse_tag

if TYPE_CHECKING:
    from dvc.repo import Repo


@dataclass(frozen=True)
class Garbage:
    """What is no longer needed, or no longer there: objects (files and lists of files) and their bytes."""

    cache_objects: int
    cache_bytes: int
    remote_objects: int
    remote_bytes: int


def collect_garbage(datasets: Path, dry: bool) -> Garbage:
    """Remove what neither a version, nor another tag or branch, nor the working copy needs; ``dry`` only counts it.

    Withdrawn versions need nothing. A publish that was killed finds again what it had committed or written down; one
    that runs is waited for. The remote must belong to this repository alone: what others keep there would go, too.

    Raises:
        BadInput: there is no repository.
        RewrapError: the files of a version cannot be told, so that nothing is removed; or the remote refused.
    """
    datasets = datasets.resolve()
    if not repository.exists(datasets):
        raise BadInput(f"There is no dataset repository in {datasets} yet, so there is nothing to remove.")
    with alone(datasets):
        if not dry:
            remove_drafts(datasets)
        with storage.opened(datasets, "collect garbage") as repo:
            needed = needed_objects(repo, datasets)
            counts: list[int] = []
            for odb in (repo.cache.local, storage.remote_at(repo, storage.url_of(repo))):
                spare = {oid: size for oid, size in storage.everything(odb).items() if oid not in needed}
                if not dry:
                    storage.remove(odb, spare)
                counts += [len(spare), sum(spare.values())]
    return Garbage(*counts)


def needed_objects(repo: "Repo", datasets: Path) -> set[str]:
    """Objects of all that is not withdrawn: versions, other tags, branches, and the working copy.

    A commit holds the pointers of all dumps, but a version needs its own dump's data alone: else the tag of one dump
    would keep what was withdrawn from another.
    """
    known = releases(datasets)
    live = [release for release in known if release.withdrawn is None]
    folders = {found: remote_url(datasets, release.commit) for release in live if (found := _digest(datasets, release))}
    gone = {found for release in known if release.withdrawn is not None and (found := _digest(datasets, release))}
    needed = {hash_info.value for hashes in repo.used_objs().values() for hash_info in hashes}
    for pointer in _other_pointers(datasets):
        if pointer.endswith(".dir"):
            folders.setdefault(pointer, remote_url(datasets, "HEAD"))
        needed.add(pointer)
    for folder, url in folders.items():
        if folder not in gone:
            needed |= {folder, *storage.contents(repo, folder, url).values()}
    return needed - gone


def _digest(datasets: Path, release: Release) -> str | None:
    return digest(datasets, release.commit, release.crawl)


def _other_pointers(datasets: Path) -> set[str]:
    """Digests in the pointers of branches and of tags that are no version of a dump."""
    refs = git(datasets, "for-each-ref", "--format=%(refname)", "refs/heads", "refs/tags").splitlines()
    found: set[str] = set()
    for ref in refs:
        name = ref.removeprefix("refs/tags/")
        if parse_tag(name.removesuffix("!")):
            continue
        for file in git(datasets, "ls-tree", "-r", "--name-only", ref).splitlines():
            if file.endswith(".dvc"):
                pointer: dict[str, Any] = yaml.safe_load(read(datasets, ref, file) or "") or {}
                found |= {out["md5"] for out in pointer.get("outs", []) if out.get("md5")}
    return found
