"""Attributes of HTML tags, without a parser: for the few tags of a page that say what one may do with it."""

import re
from html import unescape

_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]{1,100})\s{0,9}=\s{0,9}(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+))""")


def attributes(inside: str) -> dict[str, str]:
    """Attributes, by lower-case name, of what stands inside a tag; the first of a name counts, as in browsers."""
    found: dict[str, str] = {}
    for name, *values in _ATTRIBUTE.findall(inside):
        found.setdefault(name.lower(), unescape(next(filter(None, values), "")))
    return found


def name_of(found: dict[str, str]) -> str:
    """What a ``meta`` tag with these attributes is about, lower-case."""
    return (found.get("name") or found.get("property") or found.get("itemprop") or "").strip().lower()
