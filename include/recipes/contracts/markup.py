"""Takes Markdown's decoration off what a teacher wrote. Every pattern is linear in the length of the text."""

import re

_BLOCK_MARK = re.compile(r"[ \t]*(?:>[ \t]*)*(?:#{1,6}(?=[ \t*_]))?[ \t]*")
# Only marks that belong together on one line: a lone asterisk may be a multiplication.
_EMPHASIS = (
    re.compile(r"\*\*(?=\S)([^*\n]+)(?<=\S)\*\*"),
    re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+)(?<=\S)\*(?![\w*])"),
    re.compile(r"(?<!\w)__?(?=[^\s_])([^_\n]+)(?<=\S)__?(?!\w)"),
)
_RULE = re.compile(r"[ \t]*(?:[-*_][ \t]*){3,}")
_BULLET = re.compile(r"(?:[-+•–▪‣◦]|\*(?!\*)|\d{1,3}[.)])[ \t]+")
_IN_A_WORD = re.compile(r"[^\W_]")


def has_word(text: str) -> bool:
    """Whether there is anything to read."""
    return _IN_A_WORD.search(text) is not None


def one_line(text: str) -> str:
    """With single spaces for all white space."""
    return " ".join(text.split())


def without_emphasis(text: str) -> str:
    """Without bold and italic marks."""
    if "*" not in text and "_" not in text:
        return text
    for marks in _EMPHASIS:
        text = marks.sub(r"\1", text)
    return text


def bare(line: str) -> str:
    """A line without marks of headings, quotations and emphasis; the mark of a list stays."""
    mark = _BLOCK_MARK.match(line)
    return without_emphasis(line[mark.end() if mark else 0 :]).strip()


def is_rule(line: str) -> bool:
    """Whether the line is a horizontal rule."""
    return _RULE.fullmatch(line) is not None


def bullet(line: str) -> str | None:
    """What stands behind the mark of a list, or None where there is no mark. ``line`` is :func:`bare`."""
    mark = _BULLET.match(line)
    return line[mark.end() :] if mark else None


def plain(text: str) -> str:
    """``text`` as plain text: no headings, rules, emphasis, quotations or marks of lists."""
    lines = []
    for raw in text.splitlines():
        line = "" if is_rule(raw) else bare(raw)
        inner = bullet(line)
        lines.append(line if inner is None else inner)
    return "\n".join(lines).strip()
