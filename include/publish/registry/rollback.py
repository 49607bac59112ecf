"""Goes back to an earlier version of a dump's corpus."""

import logging
from pathlib import Path

from include.publish.registry import storage
from include.publish.registry.prepare import describe, prepare, rolled_back
from include.publish.registry.repository import alone, read
from include.publish.registry.steps import commit_version, push, put_back, tag_version, what_changed
from include.publish.registry.versions import Release, digest, figures, find_release, newest

log = logging.getLogger("rewrap.publish")


def rollback(datasets: Path, remote: str, tag: str) -> Release:
    """Make what ``tag`` holds the newest version of its dump again, in the repository and in the working copy.

    As with ``git revert``, history stays as it is and a new version is added: every reader of the newest version gets
    the old data, whichever way it looks. Publishing the corpus that was left makes no version: it stays rolled back
    until the corpus is another one. Going back to what is the newest version already makes nothing new.

    Raises:
        BadInput: there is no such version, or it was withdrawn.
        RewrapError: git, DVC or the remote refused; the newest version is what it was.
    """
    datasets = datasets.resolve()
    find_release(datasets, tag)
    with alone(datasets):
        prepare(datasets, remote)
        target = find_release(datasets, tag)
        crawl = target.crawl
        before, wanted = newest(datasets, crawl), digest(datasets, target.commit, crawl)
        assert before is not None
        assert wanted is not None
        left = digest(datasets, before.commit, crawl)
        with storage.opened(datasets, f"go back to {tag}") as repo:
            put_back(repo, datasets, target)
            push(repo, crawl, wanted, remote)
            changed = what_changed(repo, datasets, crawl, figures(datasets, target.commit, crawl), wanted)
        if left == wanted:
            log.info("%s holds what %s holds: nothing changes", before.tag, tag)
            return before
        earlier = rolled_back(datasets, before.commit, crawl)
        told = (read(datasets, target.commit, f"{crawl}.json") or "{}") + "\n"
        describe(datasets, crawl, told.encode(), [known for known in (*earlier, str(left)) if known != wanted])
        message = f"{crawl}: back from {before.tag} to {tag}"
        commit_version(datasets, crawl, message)
        return tag_version(datasets, crawl, changed, message)
