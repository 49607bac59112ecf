"""The licence that a page states for itself, if it is a Creative Commons one and there is no doubt about it.

A ``rel=license`` anchor may belong to a picture or a reader's comment, so headers, ``meta``, ``link`` and JSON-LD go
first, and of anchors only those count that stand outside figures and before the comments. Different claims cancel each
other.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from include.ingest.tags import attributes, name_of

HOST = "creativecommons.org"
MAX_CLAIMS = 10
"""A page that states more licences lists other people's works."""
OTHER = "other"
"""A licence that is stated but none of Creative Commons."""

_URL = re.compile(
    r"\s*(?:https?:)?//(?:www\.)?creativecommons\.org/"
    r"(?:licenses/(?P<code>[a-z-]{2,20})/(?P<version>[1-4]\.[05])(?:/(?P<place>[a-z]{2,7}))?"
    r"|publicdomain/(?P<public>zero|mark)/1\.0)(?![\w.])",
    re.IGNORECASE,
)
_WORDS = re.compile(r"\bCC[ -](BY(?:-NC)?(?:-SA|-ND)?)[ -]([1-4]\.[05])\b|\b(CC0)\b", re.IGNORECASE)
_PUBLIC = {"zero": "CC0-1.0", "mark": "CC-PDM-1.0"}
_CODES = {
    **{code: code.upper() for code in ("by", "by-sa", "by-nd", "by-nc", "by-nc-sa", "by-nc-nd")},
    "by-nd-nc": "BY-NC-ND",  # as version 1.0 wrote it
}
_NAMES = {"license", "dcterms.license", "dc.license", "cc:license", "og:license"}
_RIGHTS_NAMES = {"dc.rights", "dcterms.rights", "dc.rights.license", "dcterms.rights.license", "rights", "copyright"}

_LINK = re.compile(r"<([^<>]{1,2000})>([^,<]{0,500})")
_LICENSE_RELATION = re.compile(r"""\brel\s?=\s?["']?[^"';]{0,100}?\blicense\b""", re.IGNORECASE)
_TAG = re.compile(r"<([aA]|[lL][iI][nN][kK])\s([^<>]{0,2000})>")
_COMMENTS = re.compile(
    r"""\b(?:id|class)\s?=\s?["'][^"'<>]{0,200}\bcomments?(?![\w-]*(?:link|count|off))""", re.IGNORECASE
)
_HIDING = (("<!--", "-->"), ("<script", "</script"), ("<figure", "</figure"), ("<template", "</template"))
_JSON_LD = re.compile(r"<script\b[^<>]{0,500}application/ld\+json[^<>]{0,500}>", re.IGNORECASE)
_MAX_JSON = 500_000
# Parts of a page or things it is about: their licence is not the page's.
_OTHER_THINGS = re.compile(
    r"\w*Object|Photograph|Dataset|DataDownload|Software\w*|Person|Organization|Product", re.ASCII
)


class Claim(NamedTuple):
    license: str
    """SPDX id, or ``OTHER``."""
    at: int
    """Character of the page; -1 for HTTP headers."""


def normalise(statement: str) -> str | None:
    """SPDX id (with the country of a ported licence: ``CC-BY-3.0-DE``) of a URL or a name like "CC BY-SA 4.0"."""
    url = _URL.match(statement)
    if not url:
        words = _WORDS.search(statement[:500])
        return words and ("CC0-1.0" if words[3] else f"CC-{words[1]}-{words[2]}".upper())
    if url["public"]:
        return _PUBLIC[url["public"].lower()]
    code, place = _CODES.get(url["code"].lower()), url["place"]
    ported = f"-{place.upper()}" if place and len(place) == 2 else ""
    return code and f"CC-{code}-{url['version']}{ported}"


def in_tag(found: dict[str, str], at: int) -> tuple[Claim, ...]:
    """The claim of a ``link``, ``a`` or ``meta`` tag with these attributes."""
    if "license" in found.get("rel", "").lower().split() and found.get("href"):
        return (Claim(normalise(found["href"]) or OTHER, at),)
    name, statement = name_of(found), found.get("content") or found.get("href") or ""
    license = normalise(statement) if name in _NAMES | _RIGHTS_NAMES else None
    if license or (name in _NAMES and statement):
        return (Claim(license or OTHER, at),)
    return ()  # "Copyright 2020" does not speak against a licence


def in_headers(links: Iterable[str]) -> Iterator[Claim]:
    """Claims of HTTP's ``Link`` header (RFC 8288)."""
    for value in links:
        for url, parameters in _LINK.findall(value):
            if _LICENSE_RELATION.search(parameters):
                yield Claim(normalise(url) or OTHER, -1)


def decide(html: str, claims: list[Claim]) -> str | None:
    """The one licence that the page claims for itself; ``claims`` are those of HTTP headers and ``meta`` tags."""
    mentioned = HOST in html
    if not claims and not mentioned:
        return None
    links, anchors = _in_tags(html) if mentioned else ([], [])
    if max(len(claims), len(links), len(anchors)) > MAX_CLAIMS:
        return None
    claimed = _live(html, [*claims, *links]) | (set(_in_json_ld(html)) if mentioned else set())
    if not claimed and anchors:
        comments = _COMMENTS.search(html)
        before = comments.start() if comments else len(html)
        claimed = _live(html, [claim for claim in anchors if claim.at < before])
    return next(iter(claimed)) if len(claimed) == 1 and OTHER not in claimed else None


def _live(html: str, claims: list[Claim]) -> set[str]:
    """Licences of the claims that stand outside comments, scripts, templates and figures."""
    return {
        claim.license
        for claim in claims
        if claim.at < 0 or all(html.rfind(begin, 0, claim.at) <= html.rfind(end, 0, claim.at) for begin, end in _HIDING)
    }


def _in_tags(html: str) -> tuple[list[Claim], list[Claim]]:
    """Claims of ``link`` tags and of anchors, up to one more than may be."""
    links: list[Claim] = []
    anchors: list[Claim] = []
    for tag in _TAG.finditer(html):
        if "license" in tag[2].lower():
            found = attributes(tag[2])
            if "rel" in found or "property" in found or "itemprop" in found:
                (anchors if tag[1] in "aA" else links).extend(in_tag(found, tag.start()))
        if max(len(links), len(anchors)) > MAX_CLAIMS:
            break
    return links, anchors


def _in_json_ld(html: str) -> Iterator[str]:
    script = _JSON_LD.search(html)
    while script:
        end = html.find("</script", script.end())
        if end < 0:
            return
        block = html[script.end() : end]
        if len(block) <= _MAX_JSON and "license" in block:
            yield from _in_block(block)
        script = _JSON_LD.search(html, end)


def _in_block(block: str) -> Iterator[str]:
    try:
        content = json.loads(block)
    except (ValueError, RecursionError):
        return
    for thing in _things(content):
        yield from (normalise(statement) or OTHER for statement in _statements(thing.get("license")))


def _things(content: Any) -> Iterator[dict[str, Any]]:
    """The things that a block of JSON-LD is about at its top, or in its ``@graph``, if they can be the page itself."""
    top = content if isinstance(content, list) else [content]
    graphs = [thing.get("@graph") for thing in top if isinstance(thing, dict)]
    for thing in [*top, *(thing for graph in graphs if isinstance(graph, list) for thing in graph)]:
        if isinstance(thing, dict):
            types = thing.get("@type")
            names = [str(name) for name in (types if isinstance(types, list) else [types])]
            if not any(_OTHER_THINGS.fullmatch(name) for name in names):
                yield thing


def _statements(value: Any) -> list[str]:
    """The URLs or names in the value of ``license``."""
    values = value if isinstance(value, list) else [value]
    flat = [item.get("@id") or item.get("url") if isinstance(item, dict) else item for item in values]
    return [item for item in flat if isinstance(item, str) and item.strip()]
