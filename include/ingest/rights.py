"""What a page's owner allows: robots directives in its ``meta`` tags and in the header ``X-Robots-Tag``."""

import re
from collections.abc import Iterable

_META = re.compile(r"<[mM][eE][tT][aA]\b[^>]{0,2000}>")  # spelt out: ignoring case is five times slower
_NAME = re.compile(r"""\bname\s*=\s*["']?\s*robots\b""", re.IGNORECASE)
_CONTENT = re.compile(r"""\bcontent\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", re.IGNORECASE)
# Directives with a value; any other name before a colon addresses one robot.
_WITH_VALUE = ("max-snippet", "max-image-preview", "max-video-preview", "unavailable_after")


def directives(html: str, headers: Iterable[str]) -> list[str]:
    """All robots directives of a page, lower-case and sorted; those for one robot count as for all."""
    values = list(headers)
    for tag in _META.findall(html):
        if _NAME.search(tag) and (content := _CONTENT.search(tag)):
            values.append(next(filter(None, content.groups()), ""))
    found = set()
    for directive in ",".join(values).lower().split(","):
        name, colon, value = (part.strip() for part in directive.partition(":"))
        found.add(value if colon and name not in _WITH_VALUE else directive.strip())
    return sorted(found - {""})
