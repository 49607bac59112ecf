"""Words with a capital, and what it says where they stand."""

import re
from functools import lru_cache
from typing import NamedTuple

from include.ingest.ngrams import fold_words

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_SENTENCE_START = re.compile(
    r"(?:(?<!\b[A-Z])(?<!\b[A-Z][a-z])(?<!\bMrs)(?<!\bProf)\.|[!?:;…|\"“”„«»(\[*_>•–—/#-]|[.!?]['’\"”)]+|(?<!\w)['‘’]|"
    r"\b[A-Za-z]\))\s*\Z"
)
# Who speaks in a dialogue, who is written to, who signs.
_LABEL = re.compile(
    r"(?m)^\W*((?:[A-Z][\w'’.]*\s?){1,3})[*_]*:|^\W*(?:Dear|Hi|Hello)\s((?:[A-Z][\w'’.]*\s?){1,3})|"
    r"^(?:Yours|Love|Best|Regards|Sincerely|Cheers)\b[^\n]{0,30}\n+((?:[A-Z][\w'’.]*\s?){1,3})$|"
    r"\b(?:Yours|Love|Regards|Sincerely|Cheers|Best wishes), ((?:[A-Z][\w'’.]*\s?){1,3})\Z"
)
_JOINTS = (" ", "-", ". ", " of ", " & ", " de ", " van ", " von ", " of the ")
_LONG = 4
"""Letters of a word that a title writes with a capital."""


class Capital(NamedTuple):
    """A word with a capital, without its possessive ending."""

    text: str
    start: int
    end: int
    starts_sentence: bool

    @property
    def folded(self) -> tuple[str, ...]:
        return folded(self.text)

    def unknown(self, known: frozenset[str]) -> set[str]:
        """Its parts with a capital that are not known: of "Leeds-based" the first."""
        parts = [" ".join(folded(part)) for part in self.text.split("-") if part[:1].isupper()]
        return {part for part in parts if part and part not in known}


@lru_cache(maxsize=2**16)
def folded(word: str) -> tuple[str, ...]:
    """The word's parts without case, accents and possessive ending."""
    return tuple(fold_words(re.sub(r"['’]s?\Z", "", word)))


def capitals(line: str) -> list[Capital]:
    """The words of a line that begin with a capital and have more than one letter."""
    words = []
    for match in _WORD.finditer(line):
        if match[0][0].isupper() and len(match[0]) > 1 and match[0][1] not in "'’":
            before = line[max(0, match.start() - 8) : match.start()]
            starts = not line[: match.start()].strip() or _SENTENCE_START.search(before) is not None
            words.append(Capital(re.sub(r"['’]s?\Z", "", match[0]), *match.span(), starts))
    return words


def is_title(line: str, words: list[Capital]) -> bool:
    """A heading in capitals or with capitals at most words, or a row of a table: there they tell nothing."""
    longer = [word for word in _WORD.findall(line) if len(word) >= _LONG]
    if "|" in line or (longer and all(word.isupper() for word in longer)):
        return True
    ends = line.rstrip(' *_"”)').endswith((".", "!", "?", ",", ";"))
    return not ends and len([word for word in words if len(word.text) >= _LONG]) > 0.6 * len(longer)


def run_of(words: list[Capital], place: int, line: str) -> list[Capital]:
    """The words with capitals that stand in a row with this one."""
    first = last = place
    while first and not words[first].starts_sentence and _joins(line, words[first - 1], words[first]):
        first -= 1
    while last + 1 < len(words) and not words[last + 1].starts_sentence and _joins(line, words[last], words[last + 1]):
        last += 1
    return words[first : last + 1]


def _joins(line: str, first: Capital, second: Capital) -> bool:
    return line[first.end : second.start] in _JOINTS


def speakers(text: str) -> frozenset[str]:
    """Words of the labels and names by which people of a dialogue or a letter are called."""
    return frozenset(word for labels in _LABEL.findall(text) for word in fold_words(" ".join(labels)))
