"""Main text by resiliparse: what takes the place of :mod:`include.ingest.blocks` where there is no C compiler.

The texts differ from those of the C part (F1 0.916 against 0.95 on news articles, 0.78 against 0.86 on mixed kinds of
pages) and are plain, without Markdown: rows say which extractor made them.
"""

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
    """The main content as plain text, one line per block of the page. Raises what the parser raises."""
    from resiliparse.extract.html2text import extract_plain_text

    # Without comments, word F1 against hand-made gold rises from 0.915 to 0.930 (news), 0.765 to 0.768 (all kinds).
    text: str = extract_plain_text(html, main_content=True, alt_texts=False, comments=False, preserve_formatting=True)
    return text


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
