"""Publishes the corpus of a dump as its next version."""

import json
import logging
from pathlib import Path

from include.lake import Lake
from include.ledger import StageReport
from include.publish.export import finished_corpus, write_release_folder
from include.publish.registry import storage
from include.publish.registry.prepare import describe, prepare, rolled_back
from include.publish.registry.repository import alone
from include.publish.registry.steps import (
    commit_version,
    drafts,
    push,
    put_back,
    remove_drafts,
    tag_version,
    what_changed,
)
from include.publish.registry.versions import Release, newest
from include.publish.tags import artifact_name

log = logging.getLogger("rewrap.publish")


def publish_release(lake: Lake, crawl: str, datasets: Path, remote: str) -> Release:
    """Version the corpus of ``crawl`` in the repository ``datasets``; its data goes to the DVC remote ``remote``.

    The number's major part grows when the mix's settings or the schema changed, its minor part when rows changed, its
    patch part when only the card or the figures did. Data that equals the newest version's, or a version's from which
    somebody rolled back to that one, makes neither a commit nor a tag. A second publisher waits for the first.

    Raises:
        GateFailed, BadInput: there is nothing that may be published.
        RewrapError: git, DVC, the disk or the remote refused; no tag was made, and running again continues.
    """
    artifact_name(crawl)
    report = finished_corpus(lake, crawl)
    datasets = datasets.resolve()
    with alone(datasets):
        prepare(datasets, remote)
        _replace_folder(lake, crawl, report, datasets)
        with storage.opened(datasets, f"add {crawl}") as repo:
            made = storage.add(repo, crawl)
            before = newest(datasets, crawl)
            if before and made in rolled_back(datasets, before.commit, crawl):
                log.info("%s was rolled back to what is now %s: it stays so", crawl, before.tag)
                put_back(repo, datasets, before)
                return before
            push(repo, crawl, made, remote)
            new = (datasets / crawl / "release.json").read_bytes()
            changed = what_changed(repo, datasets, crawl, json.loads(new), made)
        rows, words = report.detail["rows"]["mix"], report.detail["words"]["mix"]
        message = f"{crawl}: {rows} rows, {words} words"
        describe(datasets, crawl, new, [])
        commit_version(datasets, crawl, message)
        if before and not changed:
            log.info("%s is unchanged: it stays %s", crawl, before.tag)
            return before
        return tag_version(datasets, crawl, changed, message)


def _replace_folder(lake: Lake, crawl: str, report: StageReport, datasets: Path) -> None:
    """Put the release's folder into the working copy: complete under another name, then renamed."""
    remove_drafts(datasets)
    fresh, old = drafts(datasets) / "fresh", drafts(datasets) / "old"
    fresh.mkdir(parents=True)
    write_release_folder(lake, crawl, report, fresh)
    if (datasets / crawl).exists():
        (datasets / crawl).rename(old)
    fresh.rename(datasets / crawl)
    remove_drafts(datasets)
