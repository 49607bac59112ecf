"""Texts in twos, each behind its label ("Question: ... Answer: ..."), however a teacher decorates them."""

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from include.recipes.contracts.markup import has_word, without_emphasis

_DECORATION = frozenset('*_#>"')
_LOST_MARK = re.compile(r"[ \t]*[-*+•#>_]*(?:\d{1,3}[.)])?[*_ \t]*")


@dataclass(frozen=True)
class Two:
    """A first text with the second that follows it at once; both hold words."""

    first: str
    second: str


def in_twos(output: str, first: tuple[str, ...], second: tuple[str, ...]) -> list[Two]:
    """All twos of ``output`` in order, each first text once: a teacher in a loop asks the same again.

    Labels are words ("Question") or letters ("Q"). A word counts wherever white space is before it; a letter only at
    the start of a line, and only where no word is used ("Plan A:" opens no answer).
    """
    words, letters = _patterns(first, second)
    pieces = _split_at_words(words, output)
    if len(pieces) == 1 and letters:
        pieces = letters.split(output)
    names = {name.lower() for name in first}
    said = [(label.lower() in names, _value(text)) for label, text in zip(pieces[1::2], pieces[2::2], strict=True)]
    twos: dict[str, Two] = {}
    for (is_first, text), (follows_first, answer) in pairwise(said):
        if is_first and not follows_first and has_word(text) and has_word(answer):
            twos.setdefault(text.casefold(), Two(text, answer))
    return list(twos.values())


def _split_at_words(labels: re.Pattern[str], output: str) -> list[str]:
    """What ``labels.split`` gives, of labels with white space or nothing but decoration and white space before them.

    The pattern begins with the word, where Python's ``re`` skips quickly to; what is before is looked at afterwards.
    """
    pieces, done = [], 0
    for match in labels.finditer(output):
        start = match.start()
        while start > done and output[start - 1] in _DECORATION:
            start -= 1
        if start == 0 or output[start - 1].isspace():
            pieces += [output[done:start], match[1]]
            done = match.end()
    return [*pieces, output[done:]]


@lru_cache
def _patterns(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[re.Pattern[str], re.Pattern[str] | None]:
    end = r"(?:[ ]?#?\d{1,3})?[*_]*[ ]?:[*_]*"
    words = "|".join(f"{name}|{name.upper()}" for name in first + second if len(name) > 1)
    letters = "|".join(name for name in first + second if len(name) == 1)
    line = rf"^[ \t]*(?:[-+•>#*]+[ \t]+)?(?:\d{{1,3}}[.)][ \t]*)?[*_\"]*({letters}){end}"
    return re.compile(rf"({words}){end}"), re.compile(line, re.MULTILINE) if letters else None


def _value(text: str) -> str:
    """Without emphasis, and without the mark of a list that belongs to the label behind it."""
    lines = without_emphasis(text).strip().split("\n")
    while len(lines) > 1 and _LOST_MARK.fullmatch(lines[-1]):
        lines.pop()
    return "\n".join(line.rstrip() for line in lines).strip("*_ \t\r\n")
