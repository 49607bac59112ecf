"""A page's characters from its bytes, and whether bytes look like a page at all."""

import codecs
import re

_META_CHARSET = re.compile(rb"""<meta\b[^>]{0,400}?charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,40})""", re.IGNORECASE)
_HTML_START = re.compile(
    rb"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.S
)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def looks_like_html(body: bytes) -> bool:
    """Whether a body without a declared MIME type begins like an HTML page."""
    return _HTML_START.match(body[:4096].removeprefix(codecs.BOM_UTF8)) is not None


def decode(body: bytes, charset: str) -> str:
    """The page's characters: strict UTF-8, else the declared label (header before meta), else what cchardet detects.

    Bytes that fit no charset become U+FFFD; nothing is raised.
    """
    for bom, encoding in _BOMS:
        if body.startswith(bom):
            return body[len(bom) :].decode(encoding, errors="replace")
    # ISO-2022-JP passes for UTF-8; its escapes tell it apart.
    text = _decode_strictly(body, "utf-8") if b"\x1b" not in body else None
    if text is not None:
        return text
    meta = _META_CHARSET.search(body[:4096])
    for label in (charset, meta[1].decode() if meta else ""):
        text = _decode_strictly(body, label)
        if text is not None:
            return text
    import cchardet

    detected = cchardet.detect(body[: 256 << 10])["encoding"]
    return body.decode(_codec(detected or "") or "utf-8", errors="replace")


def _decode_strictly(body: bytes, label: str) -> str | None:
    codec = _codec(label)
    if codec is None:
        return None
    try:
        return body.decode(codec)
    except UnicodeDecodeError:
        return None


def _codec(label: str) -> str | None:
    """Python's codec for a label of the web (which calls Windows-1252 'latin1'), or None."""
    from resiliparse.parse.encoding import map_encoding_to_html5

    name = map_encoding_to_html5(label, fallback_utf8=False) if label else None
    try:
        return codecs.lookup(name).name if name else None
    except LookupError:
        return None
