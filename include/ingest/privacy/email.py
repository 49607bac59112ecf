"""E-mail addresses, looked for around each ``@``."""

import re
from collections.abc import Iterator

MAX_LOCAL = 64
"""RFC 5321, 4.5.3.1.1."""
_LOCAL_BACKWARDS = re.compile(rf"[\w.%+-]{{1,{MAX_LOCAL + 1}}}")
_DOMAIN = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}(?:xn--[a-zA-Z0-9-]{2,59}|[^\W\d_]{2,24})(?![\w-])")
_PATH = re.compile(r":[\w~./]")
_IMAGE_SCALE = re.compile(r"\dx\.\w+")


def find(text: str) -> Iterator[tuple[int, int]]:
    at = text.find("@")
    while at >= 0:
        domain = _DOMAIN.match(text, at + 1)
        before = _LOCAL_BACKWARDS.match(text[max(0, at - MAX_LOCAL - 1) : at][::-1]) if domain else None
        if domain and before and before.end() <= MAX_LOCAL:
            local = before[0][::-1].lstrip(".%-")
            if local and not _is_something_else(local, domain):
                yield at - len(local), domain.end()
                at = domain.end() - 1
        at = text.find("@", at + 1)


def _is_something_else(local: str, domain: re.Match[str]) -> bool:
    """``git@host.org`` and ``user@host.org:path`` reach machines, ``logo@2x.png`` is a file."""
    return (
        local == "git"
        or local.endswith(".")
        or _PATH.match(domain.string, domain.end()) is not None
        or _IMAGE_SCALE.fullmatch(domain[0]) is not None
    )
