"""The dataset repository: versions of corpora, the only part that touches git and DVC.

A version is a commit with ``<CRAWL>.dvc`` (DVC's pointer to the data), ``<CRAWL>.json`` (the figures of the release)
and ``dvc.yaml`` (the artifact's entry), and on it an annotated tag in GTO's form, ``<NAME>@vMAJOR.MINOR.PATCH``. The
data is pushed before the commit and the tag comes last: whoever reads by tag sees whole versions only, whatever is
killed when. Each step asks what is there already, so that the next run finishes what a killed one began.
"""

from include.publish.registry.diff import Difference, diff
from include.publish.registry.gc import Garbage, collect_garbage
from include.publish.registry.publish import publish_release
from include.publish.registry.rollback import rollback
from include.publish.registry.trained import note_training
from include.publish.registry.versions import Release, find_release, releases
from include.publish.registry.withdraw import withdraw

__all__ = [
    "Difference",
    "Garbage",
    "Release",
    "collect_garbage",
    "diff",
    "find_release",
    "note_training",
    "publish_release",
    "releases",
    "rollback",
    "withdraw",
]
