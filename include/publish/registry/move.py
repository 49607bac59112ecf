"""Brings the versions along when the remote moves."""

import logging
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from include.errors import RewrapError
from include.publish.registry import storage
from include.publish.registry.messages import one_message
from include.publish.registry.versions import digest, releases

if TYPE_CHECKING:
    from dvc.repo import Repo

log = logging.getLogger("rewrap.publish")


def move_versions(repo: "Repo", datasets: Path, old: str, new: str) -> None:
    """Copy the data of every version that is not withdrawn from the remote at ``old`` to the one at ``new``.

    ``dvc get`` looks for old tags of a repository on the same machine where its last commit says. Nothing is removed at
    the old place.

    Raises:
        RewrapError: a version's data can be had neither from the cache nor from the old remote, or not be written.
    """
    live = [release for release in releases(datasets) if release.withdrawn is None]
    log.info("the remote moves from %s to %s: %d versions are copied", old, new, len(live))
    for release in live:
        folder = digest(datasets, release.commit, release.crawl)
        with suppress(RewrapError), one_message(datasets, f"find {release.tag}"):
            storage.copy(repo, str(folder), new, new)  # it is there already, or the cache has it
            continue
        try:
            with one_message(datasets, f"copy {release.tag}"):
                storage.copy(repo, str(folder), old, new)
        except RewrapError as error:
            raise RewrapError(
                f"The data of {release.tag} could not be brought from {old} to the new DVC remote {new}. Nothing has "
                "changed. Mend the remotes, set REWRAP_REMOTE back, or withdraw the version if its data is lost.\n"
                f"{error}"
            ) from None
