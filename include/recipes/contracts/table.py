"""A table with a question about it (FinePhrase, arXiv 2604.13977)."""

import re
from typing import Literal

from include.recipes.contracts.contract import ContractBase, Parsed
from include.recipes.contracts.labelled import in_twos
from include.recipes.contracts.markup import has_word, without_emphasis
from include.recipes.contracts.pairs import ANSWER, QUESTION

_BETWEEN_CELLS = re.compile(r"(?<!\\)\|")
_DASHES = re.compile(r":?-+:?")


class TableContract(ContractBase):
    """A Markdown table of at least two columns, then a question with its answer; a part is a row that has as many cells
    as the header has. Without the question there is no part. Other rows, and rows that repeat, are dropped."""

    kind: Literal["table"]

    def parse(self, output: str) -> Parsed:
        lines = output.splitlines()
        rows: list[list[str]] = []
        behind = 0
        for number, line in enumerate(lines):
            cells = _cells(line)
            if len(cells) > 1:
                rows.append(cells)
            elif rows and line.strip() and not line.lstrip().startswith("|"):
                behind = number
                break
        header, body = _header_and_body(rows)
        pairs = in_twos("\n".join(lines[behind:]), QUESTION, ANSWER) if behind else []
        text = "\n".join(_row(cells) for cells in [header, ["---"] * len(header), *body]) if body else ""
        asked = f"Question: {pairs[0].first}\nAnswer: {pairs[0].second}" if pairs else ""
        return Parsed(text="\n\n".join(filter(None, (text, asked))), parts=len(body) if pairs else 0)


def _cells(line: str) -> list[str]:
    line = line.strip()
    if "|" not in line:
        return []
    cells = [without_emphasis(cell).strip() for cell in _BETWEEN_CELLS.split(line)]
    # A bar at an end of the line is no border between cells.
    first = 0 if cells[0] else 1
    last = len(cells) if cells[-1] else len(cells) - 1
    return cells[first:last]


def _header_and_body(rows: list[list[str]]) -> tuple[list[str], list[list[str]]]:
    written = [cells for cells in rows if not all(_DASHES.fullmatch(cell) for cell in cells)]
    # The column of names often has no name itself.
    if not written or not all(map(has_word, written[0][1:])):
        return [], []
    header = written[0]
    body = {
        tuple(cells): cells
        for cells in written[1:]
        if len(cells) == len(header) and cells != header and any(map(has_word, cells))
    }
    return header, list(body.values())


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
