"""Chosen blocks of a page as plain Markdown: headings, lists, tables, code, quotes and paragraphs."""

import re
from itertools import groupby

from include.ingest.blocks import CELL, ITEM, LEVEL, LISTS, NUMBER, PRE, QUOTES

_SPACE = re.compile(r"\s+")
_MARKS = re.compile(r"^(?:```+|\|(?: --- \|)+|[ >]*#{1,6} |(?:> )+)|(?:^|(?<!\\)) ?\|(?: |$)", re.MULTILINE)


_FIRST = "`|># "


def render(layout: list[list[int]], texts: list[str]) -> str:
    """Blocks in the page's order, with their layout (columns as in :mod:`include.ingest.blocks`).

    Emphasis, links and images leave only their text; nothing is escaped but the bars within tables.
    """
    parts: list[str] = []
    in_list = item = 0
    for table, blocks in groupby(zip(layout, texts, strict=True), key=lambda block: block[0][CELL] >> 40):
        if table:
            parts.append("\n\n" + _table(list(blocks)))
            in_list = item = 0
            continue
        for place, text in blocks:
            listed = 0 if place[LEVEL] or place[PRE] else place[ITEM]
            parts.append("\n" if listed and in_list else "\n\n")
            parts.append(_quoted(_block(place, text, opens_item=0 < listed != item), place[QUOTES]))
            in_list, item = listed, place[ITEM]
    return "".join(parts).strip("\n")


def plain(text: str) -> str:
    """Rendered text without its marks, for rules about words: bars, hashes and fences are none. Lines stay lines, and
    bullets stay bullets: Gopher has a rule about them."""
    # Most lines have no mark, and to see that takes a look at their first character.
    lines = text.split("\n")
    return "\n".join([_MARKS.sub(" ", line) if line[:1] in _FIRST or "|" in line else line for line in lines])


def _block(place: list[int], text: str, opens_item: bool) -> str:
    if place[PRE]:
        fence = "```"
        while fence in text:
            fence += "`"
        return f"{fence}\n{text}\n{fence}"
    if place[LEVEL]:
        return "#" * place[LEVEL] + " " + _SPACE.sub(" ", text)
    if not place[ITEM]:
        return text
    indent = "  " * max(place[LISTS] - 1, 0)
    marker = f"{place[NUMBER]}. " if place[NUMBER] else "- "
    return indent + (marker if opens_item else "  ") + text.replace("\n", "\n" + indent + "  ")


def _quoted(text: str, quotes: int) -> str:
    return "\n".join("> " * quotes + line for line in text.split("\n")) if quotes else text


def _table(blocks: list[tuple[list[int], str]]) -> str:
    """Rows of cells; the first row is the head, as Markdown knows no table without one."""
    rows = []
    for _, row in groupby(blocks, key=lambda block: block[0][CELL] >> 20):
        cells = [
            " ".join(_SPACE.sub(" ", text).replace("|", "\\|") for _, text in cell)
            for _, cell in groupby(row, key=lambda block: block[0][CELL])
        ]
        rows.append(cells)
    width = max(map(len, rows))
    lines = ["| " + " | ".join(cells + [""] * (width - len(cells))) + " |" for cells in rows]
    return "\n".join([lines[0], "|" + " --- |" * width, *lines[1:]])
