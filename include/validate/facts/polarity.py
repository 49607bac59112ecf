"""Words of a text that contradict its source: the opposite of what stands there, or a "not" too many or too few."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

from include.ingest.ngrams import fold_words
from include.validate.facts.lexicon import FOLDER

_NEGATED = re.compile(
    r"\b(?:not|no|never|nor|neither|none|nobody|nothing|without|hardly|scarcely|barely|seldom|rarely|cannot|unable|"
    r"instead|rather|less|fail\w*|refus\w+|stop\w*|lack\w*|prevent\w*|avoid\w*|except|forbid\w*|forbad\w*|from(?:\sbeing)?(?=\s*\Z)|un\w{4,}|"
    r"(?:is|does|do|did|ca|wo|was|are|were|has|have|should|would|could)nt)\b|\w+n['’]t\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^.!?;\n|]+(?:[.](?=\d|\w)[^.!?;\n|]*)*")
_CLAUSE = re.compile(r"[,:()]|\b(?:but|and)\b")
_COMPARED = re.compile(r"\bthan\b")
_CONTENT = re.compile(r"[^\W\d_]{4,}|\d+")
_STOP_LISTED = (
    "about above after again also because been before being below between both could does during each from "
    "have having here into just more most much must only other over same should some such than that their them "
    "then there these they this those through under until upon very were what when where which while will with "
    "would your"
)
_STOP = frozenset(_STOP_LISTED.split())
REACH = 30
"""Characters before a word in which a negation turns it."""
SHARED = 2
"""Words that two sentences must have in common to speak of the same."""
STEM = 5


class Side(NamedTuple):
    words: frozenset[str]
    """Signs of a contradiction where the other side's stand in the source."""
    also: frozenset[str]
    """What a rewriting may say the same by."""


@cache
def pairs() -> tuple[tuple[Side, Side], ...]:
    """The groups of ``opposites.txt`` with all forms of their words."""
    found = []
    for line in (FOLDER / "opposites.txt").read_text(encoding="ascii").splitlines():
        if line and not line.startswith("#"):
            kind, _, groups = line.partition(":")
            one, other = (_side(group.split(), kind) for group in groups.split("|"))
            found.append((one, other))
    return tuple(found)


def _side(group: list[str], kind: str) -> Side:
    words = frozenset(form for word in group if word[0] != "~" for form in _forms(word, kind))
    return Side(words, words | frozenset(fold_words(word)[0] for word in group if word[0] == "~"))


def _forms(word: str, kind: str) -> list[str]:
    """A word with its endings; a few that do not exist do no harm."""
    if word.startswith("=") or kind == "w":
        return fold_words(word)[:1]
    stem = word.removesuffix("e")
    if re.search(r"[^aeiou]y\Z", word):
        stem = f"{word[:-1]}i"
    stems = {stem, stem + stem[-1]} if re.search(r"[^aeiou][aeiou][bdgklmnprt]\Z", word) else {stem}
    if kind == "a":
        return [word, *(f"{base}{ending}" for base in stems for ending in ("er", "est"))]
    third = f"{word}es" if re.search(r"(?:s|x|z|ch|sh)\Z", word) else f"{stem}es" if stem.endswith("i") else f"{word}s"
    continuous = {word} if word.endswith("y") else stems
    return [word, third, *(f"{base}ed" for base in stems), *(f"{base}ing" for base in continuous)]


def contradictions(text: str, source: str, candidates: Iterable[tuple[int, int]]) -> int:
    """In how many pairs the text says the opposite of the source.

    Args:
        candidates: number of a pair and the side of it whose words are new in the text.
    """
    return sum(_contradicts(text, source, number, side) for number, side in candidates)


def _contradicts(text: str, source: str, number: int, side: int) -> bool:
    here, there = pairs()[number][side], pairs()[number][1 - side]
    said = list(_plain(text, here.words, compared=False))
    given = list(_plain(source, there.words, compared=True)) if said else []
    return any(len(one & other) >= SHARED for one in said for other in given)


def _plain(text: str, words: frozenset[str], compared: bool) -> Iterator[frozenset[str]]:
    """What the sentences are about in which one of the words stands without a negation before it.

    Args:
        compared: whether a word with "than" behind it counts, too; in a text it may have turned round with its sides.
    """
    lowered = text.lower()
    there = [word for word in words if word in lowered]
    for sentence in _SENTENCE.findall(text) if there else ():
        lower = sentence.lower()
        # A pattern of all words takes many times as long.
        if not any(word in lower for word in there):
            continue
        for word in _pattern(words).finditer(lower):
            before = _CLAUSE.split(sentence[max(0, word.start() - REACH) : word.start()])[-1]
            if not _NEGATED.search(before) and (compared or not _COMPARED.search(sentence, word.end())):
                yield content(sentence) - {word[0][:STEM]}


def content(sentence: str) -> frozenset[str]:
    return frozenset(word[:STEM] for word in _CONTENT.findall(sentence.lower()) if word not in _STOP)


@cache
def _pattern(words: frozenset[str]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(sorted(words))})\b")
