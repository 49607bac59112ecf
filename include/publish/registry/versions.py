"""Versions by their tags, newest last, and how the next one is numbered."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from include.errors import BadInput
from include.publish.registry import repository
from include.publish.registry.repository import git
from include.publish.tags import Version, parse_tag

WITHDRAWN = "withdrawn.json"
"""Committed in the repository: tag to the reason for which it was withdrawn."""


@dataclass(frozen=True)
class Release:
    """One published version of a dump's corpus."""

    crawl: str
    tag: str
    version: Version
    commit: str
    new: bool
    """Whether this call made it."""
    path: Path
    """The working copy of the newest version; older ones come by ``dvc get REPOSITORY CRAWL --rev TAG``."""
    repository: Path
    withdrawn: str | None = None
    """Why this version may no longer be used and cannot be fetched."""


def releases(datasets: Path) -> list[Release]:
    """All versions in the repository, by dump and number, withdrawn ones too; none if there is no repository yet."""
    datasets = datasets.resolve()
    if not repository.exists(datasets):
        return []
    reasons = withdrawn(datasets)
    lines = git(datasets, "for-each-ref", "--format=%(refname:strip=2) %(*objectname)", "refs/tags").splitlines()
    found: list[Release] = []
    for tag, _, commit in (line.partition(" ") for line in lines):
        if (parsed := parse_tag(tag)) and commit:
            crawl, version = parsed
            found.append(Release(crawl, tag, version, commit, False, datasets / crawl, datasets, reasons.get(tag)))
    return sorted(found, key=lambda release: (release.crawl, release.version))


def find_release(datasets: Path, tag: str) -> Release:
    """The version of this tag, if it may be used. Raises BadInput if there is none or it was withdrawn."""
    known = releases(datasets)
    for release in known:
        if release.tag == tag:
            if release.withdrawn is not None:
                raise BadInput(f"{tag} was withdrawn ({release.withdrawn}). Take another version: {_some(known)}.")
            return release
    raise BadInput(f"There is no version {tag!r} in {datasets}. There are: {_some(known) or 'none at all'}.")


def newest(datasets: Path, crawl: str) -> Release | None:
    """The dump's newest version that was not withdrawn."""
    usable = [release for release in releases(datasets) if release.crawl == crawl and release.withdrawn is None]
    return usable[-1] if usable else None


def withdrawn(datasets: Path) -> dict[str, str]:
    """Tags of withdrawn versions and why they were."""
    content = repository.read(datasets, "HEAD", WITHDRAWN)
    reasons: dict[str, str] = json.loads(content) if content else {}
    return reasons


def digest(datasets: Path, revision: str, crawl: str) -> str | None:
    """DVC's digest of the dump's folder at a revision; None if the revision does not have it."""
    content = repository.read(datasets, revision, f"{crawl}.dvc")
    return str(yaml.safe_load(content)["outs"][0]["md5"]) if content else None


def figures(datasets: Path, revision: str, crawl: str) -> dict[str, Any]:
    """What ``release.json`` says of a version; empty if the version is older than that file's place in git."""
    content = repository.read(datasets, revision, f"{crawl}.json")
    known: dict[str, Any] = json.loads(content) if content else {}
    return known


def next_version(datasets: Path, crawl: str, changed: str) -> Version:
    """The number after the dump's highest one: ``changed`` is ``settings``, ``rows`` or ``rest``. The first is 1.0.0.

    Numbers of withdrawn versions are not given again.
    """
    known = [release.version for release in releases(datasets) if release.crawl == crawl]
    if not known:
        return 1, 0, 0
    major, minor, patch = known[-1]
    return {"settings": (major + 1, 0, 0), "rows": (major, minor + 1, 0), "rest": (major, minor, patch + 1)}[changed]


def _some(known: list[Release]) -> str:
    return ", ".join([release.tag for release in known if release.withdrawn is None][-6:])
