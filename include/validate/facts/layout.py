"""Numbers that belong to the layout of a text."""

import re

from include.validate.facts.numerals import Number

# Numbering that a list, a question or a speaker carries is layout, not a statement.
_MARK_BEFORE = re.compile(r"[ \t]*[*_#>(-]*[ \t]*(?:\d+\.)*")
_MARK_BEHIND = re.compile(r"(?:\.\d{1,2})*[.):][*_]*(?:\s|\Z)")
_LABEL = re.compile(
    r"\b(?:(?-i:[QA])|question|answer|step|part|section|chapter|item|point|tip|problem|figure|table|example)[ #]?\Z",
    re.IGNORECASE,
)
_LABEL_BEHIND = re.compile(r"[*_]*[:.)](?:\s|\Z)")


def is_numbering(number: Number, text: str) -> bool:
    """Whether a number of the text is the mark of a list or belongs to a label ("Question 2:")."""
    before = text[text.rfind("\n", 0, number.start) + 1 : number.start]
    behind = text[number.end : number.end + 8]
    if _MARK_BEFORE.fullmatch(before) and _MARK_BEHIND.match(behind):
        return max(number.values) < 1000
    if behind.startswith(")") and number.end - number.start == 1:  # (1) or 1)
        return before.endswith(("(", " "))
    return _LABEL.search(before[-10:]) is not None and _LABEL_BEHIND.match(behind) is not None


def ranks(text: str) -> set[int]:
    """Where columns of a table count its rows."""
    found, place, above = set(), 0, dict[int, set[int]]()
    for line in text.split("\n") if "|" in text else ():
        cells = line.split("|") if line.lstrip().startswith("|") else []
        start = place
        for column, cell in enumerate(cells):
            if cell.strip().isdecimal() and len(cell.strip()) <= 2 and int(cell) - 1 in above.setdefault(column, {0}):
                above[column].add(int(cell))
                found.add(start + len(cell) - len(cell.lstrip()))
            start += len(cell) + 1
        place += len(line) + 1
    return found
