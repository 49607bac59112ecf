"""A list of opt-outs: one rule per line, ``#`` begins a comment.

Lists come from strangers: a file that is no list is refused as a whole, with the numbers of its bad lines. A list of
which half was understood would let pages through that were meant to stay out.
"""

import re
import uuid
from dataclasses import dataclass
from typing import Literal, get_args
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.compute as pc

from include.errors import BadInput

Kind = Literal["host", "url", "pattern", "regex", "record"]
MAX_LINE = 4096
"""Characters. Browsers and servers end URLs well before that."""
MAX_PATTERNS = 10_000
"""Of both kinds; each costs time on each URL, hosts and URLs do not."""
NAMED = 8
_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?|[0-9a-f:]+")
_UUID = re.compile(r"<?(?:urn:uuid:)?([0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})>?", re.IGNORECASE)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)


@dataclass(frozen=True)
class Rule:
    kind: Kind
    value: str
    """host: lower case, punycode; url: see :func:`url_key`; pattern and regex: an RE2 expression; record: 32 hex
    digits."""
    text: str
    """As it stands in the list."""


def parse(content: bytes, name: str) -> list[Rule]:
    """The rules of a list, in its order, each once.

    Args:
        name: of the list, for messages.

    Raises:
        BadInput: it is not UTF-8 text, or lines of it are no rules; says which.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{name} is not a list of opt-outs: byte {error.start} is not UTF-8 text.") from None
    rules: dict[tuple[Kind, str], Rule] = {}
    wrong: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        try:
            rule = parse_line(line)
        except ValueError as error:
            wrong.append(f"  line {number}: {error}")
            continue
        if rule:
            rules.setdefault((rule.kind, rule.value), rule)
    if wrong:
        more = f"\n  and {len(wrong) - NAMED} more lines" if len(wrong) > NAMED else ""
        raise BadInput(f"{name} is not a usable list of opt-outs:\n" + "\n".join(wrong[:NAMED]) + more)
    if (patterns := sum(kind in ("pattern", "regex") for kind, _ in rules)) > MAX_PATTERNS:
        raise BadInput(
            f"{name} has {patterns} patterns; at most {MAX_PATTERNS} may be. Give hosts and URLs, which cost nothing."
        )
    return list(rules.values())


def parse_line(line: str) -> Rule | None:
    """A line's rule; None if it is empty or a comment. Raises ValueError with what is wrong."""
    if len(line) > MAX_LINE:
        raise ValueError(f"it has {len(line)} characters; at most {MAX_LINE} may be")
    text = re.sub(r"(?:^|\s)#.*$", "", line).strip()
    if not text:
        return None
    if not text.isprintable():
        raise ValueError("it holds control characters")
    prefix, colon, value = text.partition(":")
    kind = next((kind for kind in get_args(Kind) if colon and kind == prefix.lower()), None)
    if kind is None:
        kind, value = _guess(text), text
    return Rule(kind, _READ[kind](value.strip()), text)


def url_key(host: str, rest: str) -> str:
    """What two addresses of a page have in common: host, path and query; not the scheme, the port or the fragment."""
    rest = rest.partition("#")[0]
    return f"{host}{rest if rest.startswith('/') else '/' + rest}"


def normal_host(host: str) -> str:
    """Lower case, punycode, without a last dot; as it is where that cannot be."""
    host = host.lower().rstrip(".")
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return host


def _guess(text: str) -> Kind:
    if _UUID.fullmatch(text):
        return "record"
    if _SCHEME.match(text):
        if "*" in text:
            return "pattern"
        parts = urlsplit(text)
        # The address of a site's front page stands for the site: a mistake may cost pages, never a right.
        return "url" if parts.path not in ("", "/") or parts.query else "host"
    bare = text.removeprefix("*").removeprefix(".")
    if "/" not in bare and "*" not in bare and ("." in bare or bare.count(":") > 1):
        return "host"
    if "/" in text and "." in text.partition("/")[0]:
        return "pattern" if "*" in text else "url"
    raise ValueError(f"{_shown(text)} is neither a host, a URL nor a WARC-Record-ID. Write host:, url:, pattern: ...")


def _read_host(value: str) -> str:
    host = urlsplit(value).hostname or "" if _SCHEME.match(value) else value.removeprefix("*").removeprefix(".")
    host = normal_host(host.strip("[]"))
    if not host or len(host) > 253 or not _HOST.fullmatch(host):
        raise ValueError(f"{_shown(value)} is no host, such as example.org")
    return host


def _read_url(value: str) -> str:
    address = value if _SCHEME.match(value) else f"//{value}"
    parts = urlsplit(address)
    if not parts.hostname:
        raise ValueError(f"{_shown(value)} is no URL, such as https://example.org/page")
    return url_key(normal_host(parts.hostname), parts.path + (f"?{parts.query}" if parts.query else ""))


def _read_pattern(value: str) -> str:
    """``*`` stands for any characters, ``?`` for itself: URLs hold it. A pattern covers the whole URL."""
    if not value.strip("*"):
        raise ValueError("a pattern of stars alone names every page; write regex:. if that is meant")
    scheme = "" if _SCHEME.match(value) else "(?:[a-zA-Z][a-zA-Z0-9+.-]*://)?"
    fixed = (re.escape(part) for part in re.split(r"\*+", value))
    return f"^{scheme}{'.*'.join(fixed)}$"


def _read_regex(value: str) -> str:
    if not value:
        raise ValueError("there is no expression after regex:")
    try:
        pc.match_substring_regex(pa.array([""]), value)
    except pa.ArrowInvalid as error:
        raise ValueError(f"{_shown(value)} is no RE2 expression ({error})") from None
    return value


def _read_record(value: str) -> str:
    found = _UUID.fullmatch(value)
    if not found:
        raise ValueError(
            f"{_shown(value)} is no WARC-Record-ID, such as <urn:uuid:01234567-89ab-cdef-0123-456789abcdef>"
        )
    return uuid.UUID(found[1]).hex


_READ = {
    "host": _read_host, "url": _read_url, "pattern": _read_pattern, "regex": _read_regex, "record": _read_record,
}  # fmt: skip


def _shown(text: str) -> str:
    return repr(text if len(text) <= 80 else text[:80] + "...")
