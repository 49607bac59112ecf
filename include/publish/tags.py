"""Names of versions: git tags in GTO's form, which ``gto`` and ``dvc artifacts get`` read."""

import re

from include.errors import BadInput

Version = tuple[int, int, int]
"""Major: the mix's settings or the schema changed; minor: rows did; patch: only the card or the figures did."""
TAG = re.compile(r"(?P<name>[^@#]+)@v(?P<version>\d+\.\d+\.\d+)|crawl/(?P<crawl>[^/]+)/v(?P<number>\d+)")
"""``<name>@vMAJOR.MINOR.PATCH`` (https://doc.dvc.org/gto), and what Rewrap wrote before, ``crawl/<id>/v<N>``."""


def artifact_name(crawl: str) -> str:
    """The dump's name in GTO, where '.' may not stand but '/' may. Raises BadInput if it cannot be written there."""
    if not re.fullmatch(r"[A-Za-z0-9].*[A-Za-z0-9]", crawl):
        raise BadInput(f"{crawl!r} cannot be published: an id must begin and end with a letter or a digit. Rename it.")
    return crawl.replace(".", "/")


def tag_of(crawl: str, version: Version) -> str:
    return f"{artifact_name(crawl)}@v{'.'.join(map(str, version))}"


def parse_tag(tag: str) -> tuple[str, Version] | None:
    """The dump's id and the version; the older form's number is the major part. None if the tag is no version's."""
    match = TAG.fullmatch(tag)
    if match is None:
        return None
    crawl = match["crawl"] or match["name"].replace("/", ".")
    major, minor, patch = (match["version"] or f"{match['number']}.0.0").split(".")
    return crawl, (int(major), int(minor), int(patch))
