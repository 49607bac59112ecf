"""Markdown as dataset cards need it."""


def table(head: list[str], lines: list[list[str]]) -> str:
    """A table; a cell's own bars become slashes."""
    rows = [head, ["---"] * len(head), *lines]
    return "".join(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |\n" for row in rows)
