"""Cuts texts into the units whose meaning is compared: sentences, and what cannot be understood in pieces.

A row of a table says nothing without its header, so it becomes "header: cell; header: cell". Labels and marks go, and
stumps of few words join their neighbour.
"""

import re
from collections.abc import Iterable, Iterator

from include.recipes.contracts.markup import bare, bullet, has_word, is_rule

MIN_WORDS = 5
"""Fewer say too little to be understood alone: "It is sweet.", "Henri Maret.", a heading."""

_BLOCKS = re.compile(r"\n[ \t]*\n")
_LABEL = re.compile(r"\A(?:Question|Answer|Problem|Solution)[ ]?:[ ]*")
_DASHES = re.compile(r"[|\s:-]+")
_BETWEEN_CELLS = re.compile(r"(?<!\\)\|")
_ENDS = (".", "!", "?", ":", ";", "…", ".”", '."', ".)")
_WRAPPED = 50
"""Characters. A line that is as long and ends in no stop goes on in the next one."""


def split_units(text: str, language: str) -> list[str]:
    """The units of a text in order; none where it has no word. ``language`` (ISO 639-1) says where sentences end."""
    blocks = (_join(_units(block.splitlines(), language)) for block in _BLOCKS.split(text))
    return _join(unit for block in blocks for unit in block)


def _units(lines: list[str], language: str) -> Iterator[str]:
    header: list[str] | None = None
    paragraph = ""
    for line in lines:
        plain = bare(line)
        said = bullet(plain)
        is_row = plain.startswith("|")
        if is_row or is_rule(line) or not _goes_on(paragraph, line, said):
            yield from _sentences(paragraph, language)
            paragraph = ""
        if not is_row:
            header = None
            paragraph = f"{paragraph} {_LABEL.sub('', plain if said is None else said)}".strip()
        elif not _DASHES.fullmatch(plain):
            cells = [cell.strip() for cell in _BETWEEN_CELLS.split(plain.strip("|"))]
            if header is None:
                header = cells
            else:
                yield _row(header, cells)
    yield from _sentences(paragraph, language)


def _goes_on(paragraph: str, line: str, said: str | None) -> bool:
    """Whether a line is the rest of the one before, which was wrapped."""
    if said is not None or line.lstrip().startswith("#") or _LABEL.match(bare(line)):
        return False
    return not paragraph.endswith(_ENDS) and (len(paragraph) >= _WRAPPED or line.lstrip()[:1].islower())


def _row(header: list[str], cells: list[str]) -> str:
    if len(header) != len(cells):
        return " ".join(cells)
    return "; ".join(f"{name}: {cell}" if name else cell for name, cell in zip(header, cells, strict=True) if cell)


def _sentences(paragraph: str, language: str) -> Iterator[str]:
    if has_word(paragraph):
        import sentencex

        yield from (sentence.strip() for sentence in sentencex.segment(language, paragraph))


def _join(units: Iterable[str]) -> list[str]:
    """Units of at least MIN_WORDS words: a shorter one goes with the next, the last one with the one before."""
    joined: list[str] = []
    stump = ""
    for unit in units:
        stump = f"{stump} {unit}".strip()
        if len(stump.split()) >= MIN_WORDS:
            joined.append(stump)
            stump = ""
    if stump and joined:
        joined[-1] += f" {stump}"
    return joined or [stump] * bool(stump)
