"""Publishes what is left of a dump as a new version, and withdraws the versions that held the pages."""

import logging
import shutil
from collections.abc import Callable
from pathlib import Path

from include.errors import BadInput, GateFailed
from include.lake import Lake
from include.ledger import recall
from include.publish.registry import Release, publish_release, releases, withdraw
from include.publish.registry.versions import digest, figures

log = logging.getLogger("rewrap.take_down")


def rebuild_release(
    lake: Lake, crawl: str, remake: Callable[[], object], datasets: Path, remote: str, reason: str
) -> tuple[str | None, str, list[str]]:
    """Mix and publish a dump again, if it has a release; no engine is needed.

    Args:
        remake: mixes the dump's corpus again and judges it.

    Returns:
        The tag of the new version, or None and why there is none; and the tags that are withdrawn.

    Raises:
        RewrapError: git, DVC or the remote refused; running again goes on.
    """
    before = [release for release in releases(datasets) if release.crawl == crawl]
    if not before:
        return None, "it has no release", []
    made: Release | None = None
    why = ""
    try:
        remake()
        made = publish_release(lake, crawl, datasets, remote)
        if figures(datasets, made.commit, crawl).get("fingerprint") != _corpus(lake, crawl):
            # Somebody went back from a version that equals this one to one that holds the pages: it stays published.
            withdraw(datasets, remote, [made.tag], reason)
            made = publish_release(lake, crawl, datasets, remote)
    except (BadInput, GateFailed) as error:
        why = str(error)
        log.warning("%s gets no new version: %s", crawl, why)
    kept = digest(datasets, made.commit, crawl) if made else None
    held = [one.tag for one in before if kept is None or digest(datasets, one.commit, crawl) != kept]
    if held:
        withdraw(datasets, remote, held, reason)
    if made is None:
        shutil.rmtree(datasets / crawl, ignore_errors=True)
    return (made.tag if made else None), why, held


def _corpus(lake: Lake, crawl: str) -> str | None:
    report = recall(lake, crawl, "corpus")
    return None if report is None else str(report.detail["fingerprint"])
