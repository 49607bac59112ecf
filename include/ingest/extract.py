"""A page's main text: bytes to characters to paragraphs."""

import codecs
import re

MAX_DEPTH = 5_000
MAX_ATTRIBUTES = 5_000
"""Both cost the HTML parser time in the square of their number, in native code that no signal can stop: 20,000 nested
``div`` took 10 s here, 5,000 took one. Of 500 real pages none came near either bound."""

# A '>' inside a quoted value does not end a tag. Every pattern is possessive and takes what follows if its end is
# missing, so that no page can make it go back.
_IN_TAG = r"""[^>=]*+(?:=\s*+(?:"[^"]*+"|'[^']*+'|)[^>=]*+)*+"""
_OPEN_TAG = re.compile(f"<[a-zA-Z]{_IN_TAG}")
_TOKEN = re.compile(
    rf"<!--.*?(?:-->|\Z)|<(script|style)\b{_IN_TAG}.*?(?:</\1|\Z)|<(?P<close>/?)(?P<name>[a-zA-Z][a-zA-Z0-9]*+){_IN_TAG}",
    re.DOTALL | re.IGNORECASE,
)
_ATTRIBUTE = re.compile(r"""[^\s"'/=]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s"']*+))?+""")
# They close themselves or each other, so that their number is not depth.
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"}
_SELF_CLOSING = {"p", "li", "dt", "dd", "td", "th", "tr", "tbody", "thead", "tfoot", "option", "optgroup", "rp", "rt"}
_FLAT = _VOID | _SELF_CLOSING
# Tags that end an <svg>, inside which (and nowhere else) "<x/>" closes itself.
_ENDS_SVG = {"div", "span", "table", "ul", "ol", "dl", "b", "i", "u", "em", "strong", "code", "pre", "blockquote"}

_META_CHARSET = re.compile(rb"""<meta\b[^>]{0,400}?charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,40})""", re.IGNORECASE)
_HTML_START = re.compile(
    rb"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.S
)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))

MAX_LEFTOVER = 300
"""Longer lines are prose, whatever words stand in them."""
_LEFTOVER_CUES = (
    *("cookie", "skip", "top", "rights reserved", "©", "(c)", "javascript", "share", "tweet", "pin"),
    *("min read", "log in"),
)
"""Each match of the pattern below holds one of them; looking for them first is ten times faster."""
_LEFTOVER = re.compile(
    r"""
    (?:we|this\s(?:web)?site|our\s(?:web)?site)\s(?:also\s)?uses?\scookies | accept\s(?:all\s)?(?:the\s)?cookies
    | by\s(?:continuing|using)\b.{0,60}\byou\s(?:agree|consent|accept)\b.{0,60}\bcookies
    | cookie\s(?:settings|preferences)$
    | ^skip\sto\s(?:main\s|the\s)?(?:content|navigation) | ^(?:jump|back)\sto\s(?:the\s)?top
    | \ball\srights\sreserved\b | ^(?:copyright\s)?(?:©|\(c\))\s*(?:copyright\s)?\d{4}
    | (?:enable|turn\son)\sjavascript | javascript\s(?:is|must\sbe)\s(?:disabled|enabled|required)
    | ^(?:share|tweet|pin)\s(?:this|on|it)\b.{0,12}$
    | \b\d{1,3}\smin\sread$ | ^log\sin\sto\s(?:reply|comment|post)\b.{0,20}$
    """,
    re.IGNORECASE | re.VERBOSE,
)


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


def refuse_reason(html: str) -> str | None:
    """Why a page must not reach the HTML parser, or None. Takes about a millisecond for a page of 170 kB."""
    # Cheap bounds from above first. An attribute takes at least two characters; a level begins with an opening tag.
    long_tags = [tag for tag in _OPEN_TAG.findall(html) if len(tag) > 2 * MAX_ATTRIBUTES]
    crowded = any(len(_ATTRIBUTE.findall(tag)) > MAX_ATTRIBUTES for tag in long_tags)
    if not crowded and html.count("<") - html.count("</") <= MAX_DEPTH:
        return None
    attributes, depth = _measure_markup(html)
    if attributes > MAX_ATTRIBUTES:
        return f"a tag with {attributes} attributes (at most {MAX_ATTRIBUTES})"
    if depth > MAX_DEPTH:
        return f"elements nested {depth} deep (at most {MAX_DEPTH})"
    return None


def main_text(html: str) -> str:
    """The main content as plain text: paragraphs parted by empty lines, without menus, footers and banners.

    Raises what the parser raises.
    """
    from resiliparse.extract.html2text import extract_plain_text

    # Without comments, word F1 against hand-made gold rises from 0.915 to 0.930 (news), 0.765 to 0.768 (all kinds).
    text: str = extract_plain_text(html, main_content=True, alt_texts=False, comments=False, preserve_formatting=True)
    lines = [line.rstrip() for line in text.split("\n")]
    lowered = text.lower()
    cues = [cue for cue in _LEFTOVER_CUES if cue in lowered]
    kept = "\n".join(line for line in lines if not _is_leftover(line, cues))
    return re.sub(r"\n{3,}", "\n\n", kept).strip()


def _is_leftover(line: str, cues: list[str]) -> bool:
    if not cues or not 0 < len(line) <= MAX_LEFTOVER:
        return False
    lowered = line.lower()
    return any(cue in lowered for cue in cues) and _LEFTOVER.search(line) is not None


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


def _measure_markup(html: str) -> tuple[int, int]:
    """Most attributes of a tag, and an upper bound of the tree's depth: open tags minus closed ones, at its highest."""
    attributes = depth = deepest = 0
    in_svg = False
    for tag in _TOKEN.finditer(html):
        if tag["name"] is None:  # a comment or a script
            continue
        if tag.end() - tag.start() > 2 * MAX_ATTRIBUTES:
            attributes = max(attributes, len(_ATTRIBUTE.findall(html, tag.end("name"), tag.end())))
        name = tag["name"].lower()
        in_svg = not tag["close"] if name == "svg" else in_svg and name not in _ENDS_SVG
        if name in _FLAT or (in_svg and html[tag.end() - 1] == "/"):
            continue
        depth = max(depth - 1, 0) if tag["close"] else depth + 1
        deepest = max(deepest, depth)
    return attributes, deepest
