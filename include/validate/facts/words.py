"""Where a text has words of a list: a look-up in the set of its words and a search for those that are there, ten times
as fast as a pattern of all of them."""

import re
from collections.abc import Iterable, Iterator

_OPTIONS = re.compile(
    r"\bA[).]\s.{1,200}?\bB[).]\s.{1,200}?\bC[).]\s[^\n]{1,200}(?:\n\s*[D-F][).]\s[^\n]{1,200})*", re.DOTALL
)
_PARTING = bytes(point if chr(point).isalpha() and point < 128 else ord(" ") for point in range(256))


SOURCES_KEPT = 64
"""Sources whose reading is remembered: a segment comes again under each recipe, most often in the next rows."""


def without_options(text: str) -> str:
    """The text without the options of a multiple choice, most of which are wrong on purpose."""
    return _OPTIONS.sub(" ", text) if "B)" in text or "B." in text else text


def words_of(text: str) -> set[bytes]:
    """The words of a text, parted at everything that is no letter of ASCII."""
    return set(text.encode("ascii", "replace").translate(_PARTING).split())


def places_of(text: str, words: frozenset[bytes] | Iterable[str]) -> list[tuple[int, str]]:
    """Start and word, in the order of the text, wherever one of the words (of ASCII letters) stands by itself.

    Args:
        words: what to look for; as strings, those that are known to be there.
    """
    there = [word.decode() for word in words_of(text) & words] if isinstance(words, frozenset) else words
    return sorted((start, word) for word in there for start in _find(text, word))


def _find(text: str, word: str) -> Iterator[int]:
    start = text.find(word)
    while start >= 0:
        end = start + len(word)
        if not text[start - 1 : start].isalnum() and not text[end : end + 1].isalnum():
            yield start
        start = text.find(word, end)
