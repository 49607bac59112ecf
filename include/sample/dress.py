"""Dresses a text as a web page of a fictitious site: head, navigation, cookie banner, sidebar, footer."""

import html
import re
import textwrap
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from string import Template

import yaml

from include.lake import fingerprint
from include.sample.prose import Text

FOLDER = Path(__file__).parent
SECTIONS = ["Home", "Guides", "Reference", "Stories", "Workshop", "Kitchen", "Garden", "Letters", "Archive", "About us"]
PATHS = {
    "magazine": "/{topic}/{slug}",
    "soup": "/{slug}.html",
    "tables": "/pages/{slug}.htm",
    "blog": "/2025/{month:02}/{slug}/",
    "handbook": "/docs/{topic}/{slug}.html",
    "shop": "/guides?page={slug}",
}
"""Path of a page by the layout of its site (``layouts/<name>.html``)."""
COMMENTS = [
    "Thank you, that was just what I was looking for.",
    "There is a small mistake in the second part, but I like it.",
    "My uncle always said the opposite, and now I can show him this.",
    "Could you write more about the first point?",
    "I had to read it twice, but then it was clear.",
    "Short and good. More of this, please.",
    "Not everybody will agree with the ending.",
    "Sent this to the whole family.",
]


@dataclass(frozen=True)
class Site:
    host: str
    name: str
    tagline: str
    layout: str


@lru_cache(maxsize=1)
def sites() -> list[Site]:
    """All sites; the layouts take turns."""
    entries = yaml.safe_load((FOLDER / "sites.yaml").read_text())
    layouts = sorted(PATHS)
    return [
        Site(host, name, tagline, layouts[place % len(layouts)])
        for place, (host, (name, tagline)) in enumerate(sorted(entries.items()))
    ]


def site_of(topic: str) -> Site:
    """The site that carries a topic: always the same one, so that held-out hosts hold out their topics."""
    return sites()[number(topic) % len(sites())]


def url_of(text: Text, site: Site) -> str:
    """The page's address; equal texts have equal addresses in every dump."""
    key = number(text.topic, text.title, text.blocks)
    path = PATHS[site.layout].format(
        topic=_slug(text.topic.split(".")[0]), slug=f"{_slug(text.title)}-{key % 10**4:04}", month=1 + key % 12
    )
    return f"https://{site.host}{path}"


def dress(text: Text, site: Site, day: date, *, lang: str = "en", charset: str = "utf-8", meta: str = "") -> str:
    """The page's HTML. Its furniture changes with ``day``, its main text does not."""
    layout = Template(_layout(site.layout))
    return layout.substitute(
        lang=lang,
        charset=charset,
        meta=meta or '<meta name="robots" content="index, follow">',
        title=_inline(_plain(text.title)),
        site=html.escape(site.name),
        host=site.host,
        tagline=html.escape(site.tagline),
        topic=html.escape(text.topic),
        stamp=f"{day:%d.%m.%Y}",
        nav=_links(SECTIONS[number(site.host) % 4 :][:6]),
        related=_links([f"{other.name} weekly" for other in sites()[number(text.title) % 30 :][:4]]),
        comments="".join(f'<li class="comment"><p>{comment}</p></li>' for comment in _comments(text)),
        body=body(text),
    )


def body(text: Text) -> str:
    """Headings, paragraphs and lists of a text as HTML, broken into lines as a person would."""
    lines: list[str] = []
    listing = False
    for kind, block in text.blocks:
        if (kind == "li") != listing:
            listing = not listing
            lines.append("<ul>" if listing else "</ul>")
        content = _inline(_plain(block) if kind == "h2" else block)
        lines.append(textwrap.fill(f"<{kind}>{content}</{kind}>", 110, break_long_words=False, break_on_hyphens=False))
    return "\n".join([*lines, "</ul>"] if listing else lines)


def number(*parts: object) -> int:
    """A number that depends on the parts alone; Python's own hash differs between processes."""
    return int(fingerprint(*parts), 16)


def _comments(text: Text) -> list[str]:
    """Two readers' comments that depend on the text, since one sentence on every page would look like a template."""
    first = number("comment", text.title) % len(COMMENTS)
    return [COMMENTS[first], COMMENTS[(first + 1 + number(text.topic, text.title) % 6) % len(COMMENTS)]]


def _plain(title: str) -> str:
    return title.replace("*", "").replace("`", "")


def _inline(text: str) -> str:
    """Escape, and turn ``code`` and *emphasis* of reST into elements."""
    escaped = html.escape(text, quote=False)
    escaped = re.sub(r"``([^`]+)``", r"<code>\1</code>", escaped)
    escaped = re.sub(r"`([^`']+)`", r"<code>\1</code>", escaped)
    return re.sub(r"(?<!\w)\*{1,2}(\w[^*]*?)\*{1,2}(?!\w)", r"<em>\1</em>", escaped)


def _links(names: list[str]) -> str:
    return "".join(f'<li><a href="/{_slug(name)}">{html.escape(name)}</a></li>' for name in names)


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:48].strip("-") or "page"


@lru_cache
def _layout(name: str) -> str:
    return (FOLDER / "layouts" / f"{name}.html").read_text()
