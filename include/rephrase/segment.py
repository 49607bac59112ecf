"""Cuts a document into segments of whole sentences, each short enough for a teacher."""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

CountTokens = Callable[[list[str]], list[int]]
"""Teacher tokens of each text."""


@dataclass(frozen=True)
class Segment:
    """``text == document[start:end]``; the segments of a document, put together, are the document."""

    start: int
    end: int
    text: str
    tokens: int


def segment(document: str, language: str, max_tokens: int, count_tokens: CountTokens) -> list[Segment]:
    """Cut ``document`` at sentence ends into the fewest segments of at most ``max_tokens`` teacher tokens.

    The segments of one document are balanced, so that none is a stump with too little to rephrase. A sentence that is
    too long by itself (a table, a list without stops) is cut between words. WRAP 3.1 sets 300 tokens.
    """
    import sentencex

    sentences = [
        piece
        for sentence, tokens in _counted(list(sentencex.segment(language, document)), count_tokens)
        for piece in ([(sentence, tokens)] if tokens <= max_tokens else _cut(sentence, max_tokens, count_tokens))
    ]
    target = _balanced(sum(tokens for _, tokens in sentences), max_tokens)
    segments: list[Segment] = []
    start, text, size = 0, "", 0
    for sentence, tokens in sentences:
        # Tokens of joined sentences may be one more or less than their sum; the bound is kept on the sum.
        if text and (size + tokens > max_tokens or size + tokens / 2 > target):
            segments.append(Segment(start, start + len(text), text, size))
            start, text, size = start + len(text), "", 0
        text, size = text + sentence, size + tokens
    if text.strip():
        segments.append(Segment(start, start + len(text), text, size))
    return segments


def _balanced(total: int, max_tokens: int) -> float:
    return total / max(1, ceil(total / max_tokens))


def _counted(texts: list[str], count_tokens: CountTokens) -> list[tuple[str, int]]:
    return list(zip(texts, count_tokens(texts), strict=True))


def _cut(sentence: str, max_tokens: int, count_tokens: CountTokens) -> list[tuple[str, int]]:
    """Halve between words (within one, if it is a single word) until every piece is short enough."""
    middle = len(sentence) // 2
    cut = sentence.rfind(" ", 1, middle) + 1 or sentence.find(" ", middle, len(sentence) - 1) + 1 or middle
    pieces: list[tuple[str, int]] = []
    for text, tokens in _counted([sentence[:cut], sentence[cut:]], count_tokens):
        pieces += [(text, tokens)] if tokens <= max_tokens or len(text) < 2 else _cut(text, max_tokens, count_tokens)
    return pieces
