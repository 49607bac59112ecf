"""Texts in twos, each behind its label ("Question: ... Answer: ..."), however a teacher decorates them."""

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from include.recipes.contracts.markup import has_word, without_emphasis

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
    pieces: list[str] = [output]
    for pattern in _patterns(first, second):
        pieces = pattern.split(output)
        if len(pieces) > 1:
            break
    names = {name.lower() for name in first}
    said = [(label.lower() in names, _value(text)) for label, text in zip(pieces[1::2], pieces[2::2], strict=True)]
    twos: dict[str, Two] = {}
    for (is_first, text), (follows_first, answer) in pairwise(said):
        if is_first and not follows_first and has_word(text) and has_word(answer):
            twos.setdefault(text.casefold(), Two(text, answer))
    return list(twos.values())


@lru_cache
def _patterns(first: tuple[str, ...], second: tuple[str, ...]) -> list[re.Pattern[str]]:
    end = r"(?:[ ]?#?\d{1,3})?[*_]*[ ]?:[*_]*"
    words = "|".join(f"{name}|{name.upper()}" for name in first + second if len(name) > 1)
    letters = "|".join(name for name in first + second if len(name) == 1)
    patterns = [rf"(?:^|(?<=\s))[*_#>\"]*({words}){end}"]
    if letters:
        patterns.append(rf"^[ \t]*(?:[-+•>#*]+[ \t]+)?(?:\d{{1,3}}[.)][ \t]*)?[*_\"]*({letters}){end}")
    return [re.compile(pattern, re.MULTILINE) for pattern in patterns]


def _value(text: str) -> str:
    """Without emphasis, and without the mark of a list that belongs to the label behind it."""
    lines = without_emphasis(text).strip().split("\n")
    while len(lines) > 1 and _LOST_MARK.fullmatch(lines[-1]):
        lines.pop()
    return "\n".join(line.rstrip() for line in lines).strip("*_ \t\r\n")
