"""Addresses of the web, of mailboxes, of accounts and of files in a text that its source does not have."""

import re

_URL = re.compile(r"(?:https?|ftp)://[^\s<>\"'`|)\]}]+|\bwww\.[^\s<>\"'`|)\]}]+", re.IGNORECASE)
_DOMAIN = re.compile(
    r"(?<![\w@./-])(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+"
    r"(?:com|org|net|edu|gov|mil|int|info|io|ai|app|dev|co|tv|me|example|test|eu|uk|us|ca|au|nz|de|fr|it|es|nl|ch|at|se|no|"
    r"dk|fi|pl|ie|in|jp|cn|br|ru|za|biz|shop|blog|online|site|club)(?![\w-])(?:/[^\s<>\"'`|)\]}]*)?",
)
_MAIL = re.compile(r"[\w.+-]+@((?:[\w-]+\.)+[a-z]{2,})", re.IGNORECASE)
_HANDLE = re.compile(r"(?<![\w.@/])@(\w{2,30})\b(?!\.\w)")
_PATH = re.compile(r"(?<![\w:/.<])(?:~|\.{1,2})?(?:/[\w.@+-]+){2,}/?|\b[A-Z]:\\[\w.\\-]+")
_FILE = re.compile(
    r"(?<![\w./@-])[\w-]+\.(?:py|js|ts|json|ya?ml|toml|ini|cfg|conf|txt|md|csv|tsv|xml|html?|css|php|sh|bat|exe|zip|gz|tar|pdf|"
    r"docx?|xlsx?|pptx?|png|jpe?g|gif|svg|mp[34]|sql|log|java|cpp|rs|go|rb)\b",
)
_SIGN = re.compile(r"[.@/\\]\w")
_TAIL = ".,;:!?…*_~’'\"“”"


def new_urls(text: str, source: str) -> int:
    """How many different addresses the text has that the source has not.

    Scheme, ``www.``, case of the host and a last slash do not matter; the host alone may stand for what is under it.
    """
    known = addresses(source)
    hosts = {address.split("/")[0] for address in known} | {mail.lower() for mail in _MAIL.findall(source)}
    return sum(
        address not in known and address not in hosts and not _is_inside(address, source) for address in addresses(text)
    )


def addresses(text: str) -> set[str]:
    """All addresses in one form each."""
    text = "\n".join(signed_words(text))
    found = {_plain(match[0]) for pattern in (_URL, _DOMAIN) for match in pattern.finditer(text)}
    found |= {match[0].lower().rstrip(_TAIL) for match in _MAIL.finditer(text)}
    found |= {f"@{handle.lower()}" for handle in _HANDLE.findall(text)}
    without = _URL.sub(" ", text)
    return found | {match[0].rstrip(_TAIL) for pattern in (_PATH, _FILE) for match in pattern.finditer(without)}


def signed_words(text: str) -> list[str]:
    """Words that may hold an address: it has no white space in it, and most words have none of these signs inside."""
    return [word for word in text.split() if _SIGN.search(word)]


def _plain(url: str) -> str:
    rest = re.sub(r"^[a-z]+://", "", url.rstrip(_TAIL), flags=re.IGNORECASE)
    host, slash, path = re.sub(r"^www\.", "", rest, flags=re.IGNORECASE).partition("/")
    return f"{host.lower()}{slash}{path}".rstrip("/")


def _is_inside(address: str, source: str) -> bool:
    """Whether the source has these characters as they are, and nothing joined to them: an address that no pattern here
    takes for one there."""
    return re.search(rf"(?<![\w./@-]){re.escape(address)}(?![\w/-]|\.\w)", source, re.IGNORECASE) is not None
