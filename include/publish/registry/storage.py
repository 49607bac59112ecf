"""DVC in the dataset repository: the cache beside it, the remote, and what a version consists of.

DVC runs inside this process, so that it ends when the publisher is killed: a DVC that outlived it would write beside
the next one. It also saves the start of an interpreter per step.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from include.errors import RewrapError
from include.publish.registry.messages import one_message

if TYPE_CHECKING:
    from dvc.repo import Repo

REMOTE = "storage"


@contextmanager
def opened(datasets: Path, doing: str) -> Iterator["Repo"]:
    """DVC's view of the repository; it waits for other DVC commands. Whatever DVC raises becomes a RewrapError."""
    from dvc.repo import Repo

    what_to_do = "Mend the cause and run the command again: it continues where this run stopped."
    with one_message(datasets, doing, what_to_do), Repo(str(datasets), _wait_for_lock=True) as repo:
        yield repo


def initialise(datasets: Path) -> None:
    """Make DVC's folder in a git repository; what a killed one began is overwritten."""
    from dvc.repo import Repo

    with one_message(datasets, "start a repository"):
        Repo.init(str(datasets), force=True).close()


def add(repo: "Repo", crawl: str) -> str:
    """Copy the dump's folder into the cache and write ``<CRAWL>.dvc``; returns the folder's digest."""
    [stage] = repo.add([str(Path(repo.root_dir) / crawl)])
    return str(stage.outs[0].hash_info.value)


def restore(repo: "Repo", crawl: str, digest: str, url: str) -> None:
    """Make the working copy what ``<CRAWL>.dvc`` says; what the cache lacks comes from the remote at ``url``."""
    fill_cache(repo, digest, url)
    repo.checkout([_pointer(repo, crawl)], force=True)


def copy(repo: "Repo", digest: str, source: str, target: str) -> None:
    """Bring what the remote at ``target`` lacks of a folder there; what the cache lacks comes from ``source``.

    Each object's size is looked at, before and after. ``dvc push`` believes its notes instead: once a folder has been
    pushed, it asks for its files no more, and it takes for whole what a killed push left half (an empty file, where it
    tried to clone one).
    """
    cache, remote = repo.cache.local, remote_at(repo, target)
    expected = sizes(cache, fill_cache(repo, digest, source))
    if lacking := _lacking(remote, expected):
        _transfer(cache, remote, lacking)
        if lacking := _lacking(remote, expected):
            raise RewrapError(f"{len(lacking)} of {len(expected)} objects do not arrive, such as {lacking[0]}.")


def fill_cache(repo: "Repo", digest: str, url: str) -> set[str]:
    """Bring what the cache lacks of a folder from the remote at ``url``; returns all of the folder's objects."""
    cache = repo.cache.local
    objects = {digest, *contents(repo, digest, url).values()}
    if absent := objects - set(cache.oids_exist(list(objects))):
        _transfer(remote_at(repo, url), cache, absent)
    return objects


def url_of(repo: "Repo") -> str:
    """Where the repository keeps its data now."""
    return str(repo.config["remote"][REMOTE]["url"])


def remote_at(repo: "Repo", url: str) -> Any:
    """The objects of the remote at ``url``: that of today, or where versions lie that were made before it moved."""
    configured: dict[str, dict[str, Any]] = repo.config["remote"]
    if url_of(repo) == url:
        return repo.cloud.get_remote_odb(REMOTE)
    configured[url] = configured[REMOTE] | {"url": url}
    return repo.cloud.get_remote_odb(url)


def contents(repo: "Repo", digest: str, url: str) -> dict[str, str]:
    """File to object of the folder of this digest, from the cache or the remote at ``url``.

    Raises:
        FileNotFoundError: neither has the folder's list.
    """
    for odb in (repo.cache.local, remote_at(repo, url)):
        try:
            with odb.fs.open(odb.oid_to_path(digest), "rb") as file:
                return {entry["relpath"]: entry["md5"] for entry in json.load(file)}
        except (FileNotFoundError, ValueError):  # a killed transfer can leave an empty one
            continue
    raise FileNotFoundError(f"the list of files {digest} is neither in the cache nor in the remote")


def sizes(odb: Any, objects: Iterable[str]) -> dict[str, int]:
    """Bytes of those of the objects that the cache or remote has."""
    oids = sorted(objects)
    paths = [odb.oid_to_path(oid) for oid in oids]
    if odb.fs.protocol == "local":
        return {oid: Path(path).stat().st_size for oid, path in zip(oids, paths, strict=True) if Path(path).exists()}
    odb.fs.fs.invalidate_cache()  # it would answer from what this process has seen
    found = {}
    for oid, info in zip(oids, odb.fs.info(paths, return_exceptions=True), strict=True):
        if isinstance(info, FileNotFoundError):
            continue
        if isinstance(info, BaseException):
            raise info
        found[oid] = int(info["size"])
    return found


def everything(odb: Any) -> dict[str, int]:
    """All objects of a cache or remote with their bytes, by listing it: a request per thousand of them."""
    if odb.fs.protocol == "local":
        return {f"{file.parent.name}{file.name}": file.stat().st_size for file in Path(odb.path).glob("??/*")}
    odb.fs.fs.invalidate_cache()
    return {odb.path_to_oid(path): int(info["size"]) for path, info in odb.fs.fs.find(odb.path, detail=True).items()}


def remove(odb: Any, objects: Iterable[str]) -> None:
    """Delete objects from a cache or remote. The lists of folders go last: a killed removal must find them again."""
    from dvc_data.hashfile.db import get_index

    for oids in _lists_last(objects):
        odb.fs.remove([odb.oid_to_path(oid) for oid in oids])
    get_index(odb).clear()


def _transfer(source: Any, target: Any, objects: Iterable[str]) -> None:
    """Copy objects, the lists of folders last: for DVC, who has the list has the files."""
    from dvc.fs.callbacks import TqdmCallback

    for oids in _lists_last(objects):
        paths = [source.oid_to_path(oid) for oid in oids]
        with TqdmCallback(desc=f"To {target.path}", unit="file", disable=None) as progress:
            target.add(paths, source.fs, oids, check_exists=False, callback=progress)


def _lists_last(objects: Iterable[str]) -> list[list[str]]:
    oids = sorted(objects)
    parts = [[oid for oid in oids if oid.endswith(".dir") == lists] for lists in (False, True)]
    return [part for part in parts if part]


def _lacking(odb: Any, expected: dict[str, int]) -> list[str]:
    there = sizes(odb, expected)
    return [oid for oid, size in expected.items() if there.get(oid) != size]


def _pointer(repo: "Repo", crawl: str) -> str:
    return str(Path(repo.root_dir) / f"{crawl}.dvc")
