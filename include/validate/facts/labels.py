"""Figures that name something: "code 2", "line 3", "lock 14"."""

import re
from collections.abc import Iterator

_NAMED_LISTED = (
    "code line version page gate platform room level grade class type model route lock exit floor stage phase volume"
)
_NAMED = frozenset(_NAMED_LISTED.split())
# Begins with one digit: only so does Python's re skip quickly to where a figure may start.
_FIGURE = re.compile(r"\d(?<=[a-z]\s\d)\d*(?![\d,.]*\d)")
_LONGEST = 12
_MORE = 20
"""Characters behind a label in which further figures may belong to it: "lines 3 and 5"."""


def turned_labels(text: str, source: str) -> int:
    """How many figures behind such a word are others than behind the same word of the source."""
    said = {(word, text[start:end]) for word, _, start, end in _labels(text)}
    if not said:
        return 0
    given: dict[str, str] = {}
    for word, several, start, end in _labels(source):
        given[word] = f"{given.get(word, '')} {source[start : end + _MORE * several]}"
    return sum(word in given and re.search(rf"(?<!\d){figure}(?!\d)", given[word]) is None for word, figure in said)


def _labels(text: str) -> Iterator[tuple[str, bool, int, int]]:
    """Word, whether it is a plural, start and end of the figure behind it."""
    for match in _FIGURE.finditer(text):
        word = text[max(0, match.start() - _LONGEST) : match.start()].split()[-1]
        if (single := word.removesuffix("s")) in _NAMED or word in _NAMED:
            yield (word if word in _NAMED else single), word not in _NAMED, *match.span()
