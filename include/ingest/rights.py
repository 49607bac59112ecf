"""What a page's owner allows: robots directives, the reservation of text and data mining, and the page's own licence.

Sources: HTTP headers and ``meta`` tags, which count even in a comment or in the body: a mistake may cost a page here,
never a right. Licences are stricter, see :mod:`include.ingest.licences`.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from include.ingest import licences
from include.ingest.licences import Claim
from include.ingest.tags import attributes, name_of

TDM_RESERVATION = "tdm-reservation"
MAX_DIRECTIVES = 64
"""Kept per page; no page needs more."""

# Spelt out: ignoring case is five times slower. A tag ends before the next one begins, so all of them are read once.
_META = re.compile(r"<[mM][eE][tT][aA]\b([^<>]{0,2000})>")
_ROBOT = re.compile(r"[\w-]*bot(?:-[\w-]+)?|google-extended|anthropic-ai|bytespider|slurp")
_DIRECTIVE = re.compile(r"[a-z][a-z0-9_-]{0,39}(?:\s?:.{0,59})?")
# Directives with a value; any other name before a colon addresses one robot.
_WITH_VALUE = ("max-snippet", "max-image-preview", "max-video-preview", "unavailable_after")


@dataclass(frozen=True)
class Rights:
    robots: list[str]
    """Robots directives, lower-case and sorted."""
    tdm_reservation: bool | None
    """Whether rights in text and data mining are reserved (TDMRep, W3C community group report, 10 May 2024); None: the
    page does not say."""
    tdm_policy: str | None
    """URL of the owner's terms for text and data mining."""
    license: str | None
    """SPDX id of a Creative Commons licence (``CC-BY-4.0``); None: none, or it is not clear which or for what."""


def read_rights(html: str, headers: Mapping[str, Sequence[str]], agents: Collection[str] | None = None) -> Rights:
    """What the page and its HTTP headers say.

    Args:
        headers: values by lower-case name; ``x-robots-tag``, ``tdm-reservation``, ``tdm-policy`` and ``link`` matter.
        agents: robots (lower-case) whose directives apply beside those for all; None takes directives for any robot.
    """
    metas = list(_metas(html))
    directives = [part for value in headers.get("x-robots-tag", ()) for part in _directives(value, agents)]
    for meta in metas:
        if meta.name == "robots" or (meta.name in agents if agents is not None else _ROBOT.fullmatch(meta.name)):
            directives += _directives(meta.content, agents)
    claims = [*licences.in_headers(headers.get("link", ())), *(claim for meta in metas for claim in meta.claims)]
    return Rights(
        robots=sorted(set(directives))[:MAX_DIRECTIVES],
        tdm_reservation=_reservation([*headers.get(TDM_RESERVATION, ()), *_contents(metas, TDM_RESERVATION)]),
        tdm_policy=next(
            (url for url in (*_contents(metas, "tdm-policy"), *headers.get("tdm-policy", ())) if url), None
        ),
        license=licences.decide(html, claims),
    )


def opt_outs(rights: Rights, refused: Iterable[str]) -> list[str]:
    """Which of the ``refused`` signals (robots directives, or ``tdm-reservation``) the page gives."""
    given = {*rights.robots, *([TDM_RESERVATION] if rights.tdm_reservation else [])}
    return sorted(given & {signal.lower() for signal in refused})


@dataclass(frozen=True)
class _Meta:
    """A ``meta`` tag that may matter here."""

    name: str
    content: str
    claims: tuple[Claim, ...]


def _metas(html: str) -> Iterator[_Meta]:
    for tag in _META.finditer(html):
        inside = tag[1].lower()
        if "bot" in inside or "tdm-" in inside or "licen" in inside or "rights" in inside or "-ai" in inside:
            found = attributes(tag[1])
            yield _Meta(name_of(found), found.get("content", "").strip(), licences.in_tag(found, tag.start()))


def _contents(metas: list[_Meta], name: str) -> list[str]:
    return [meta.content for meta in metas if meta.name == name]


def _directives(value: str, agents: Collection[str] | None) -> Iterator[str]:
    """An agent's name before a colon holds until the next one: ``otherbot: noai, nofollow``."""
    applies = True
    for part in value.lower().split(","):
        name, colon, rest = (piece.strip() for piece in part.partition(":"))
        if colon and name not in _WITH_VALUE:
            applies, part = agents is None or name in agents, rest
        if applies and (directive := _DIRECTIVE.fullmatch(part.strip())):
            yield directive[0]


def _reservation(values: list[str]) -> bool | None:
    """The protocol lets a page override its header; here a reservation in either place counts."""
    said = {value.strip() for value in values}
    return True if "1" in said else False if "0" in said else None
