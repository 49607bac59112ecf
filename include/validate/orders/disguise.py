"""Spells out what a page writes so that people do not read it but a model does."""

import base64
import binascii
import html
import re
import unicodedata

DISGUISED = (
    r"[\x{200b}-\x{200f}\x{2060}-\x{2064}\x{e0020}-\x{e007e}\x{ff21}-\x{ff5a}]|[a-zA-Z0-9+/]{32}|"
    r"\b\w[ ._*-]\w[ ._*-]\w[ ._*-]\w[ ._*-]\w\b|&#|[a-zA-Z][\x{370}-\x{4ff}]|[\x{370}-\x{4ff}][a-zA-Z]"
)
"""For RE2: texts without a match are what they seem."""
_IS_DISGUISED = re.compile(
    "[\u200b-\u200f\u2060-\u2064\U000e0020-\U000e007e\uff21-\uff5a]|[a-zA-Z0-9+/]{32}|"
    r"\b\w[ ._*-]\w[ ._*-]\w[ ._*-]\w[ ._*-]\w\b|&#|&\w+;|[a-zA-Z][\u0370-\u04ff]|[\u0370-\u04ff][a-zA-Z]"
)
_ZERO_WIDTH = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
_TAGS = re.compile("[\U000e0020-\U000e007e]+")
_SPELT = re.compile(r"\b(?:\w[ ._*-]){4,}\w\b")
_BASE64 = re.compile(r"(?<![\w/+])[A-Za-z0-9+/]{24,}={0,2}(?![\w/+])")
# Letters of other alphabets that look like Latin ones; translated only within words that mix them.
_LOOK_ALIKES = str.maketrans("аеорсухіјѕԁɡӏѵԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧοАВЕКМНОРСТХ", "aeopcyxijsdglvwABEZHIKMNOPTYXoABEKMHOPCTX")
_MIXED = re.compile(r"\b(?=\w*[A-Za-z])(?=\w*[\u0370-\u04ff])\w+\b")


def visible(source: str) -> str:
    """The source as a model reads it: without zero-width characters, entities and look-alikes; what is
    written in Unicode's tag characters, in base64 or letter by letter is spelt out."""
    if not _IS_DISGUISED.search(source):
        return source
    text = _TAGS.sub(lambda run: " " + "".join(chr(ord(tag) - 0xE0000) for tag in run[0]) + " ", html.unescape(source))
    text = unicodedata.normalize("NFKC", _ZERO_WIDTH.sub("", text))
    text = _MIXED.sub(lambda word: word[0].translate(_LOOK_ALIKES), text)
    text = _SPELT.sub(lambda run: re.sub(r"[ ._*-]", "", run[0]), text)
    return _BASE64.sub(_decoded, text)


def _decoded(run: re.Match[str]) -> str:
    try:
        said = base64.b64decode(run[0] + "=" * (-len(run[0]) % 4)).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return run[0]
    return f"{run[0]} {said}" if said.isprintable() else run[0]
