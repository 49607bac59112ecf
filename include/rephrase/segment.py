"""Cuts documents into segments of whole sentences, each short enough for a teacher; nothing is lost between them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import ceil

CountTokens = Callable[[list[str]], list[int]]
"""Teacher tokens of each text."""


@dataclass(frozen=True)
class Sentence:
    """A sentence with the white space behind it, or a part of one that was too long."""

    text: str
    tokens: int
    begins: bool = True
    """False for a part of a sentence that began earlier."""


@dataclass(frozen=True)
class Segment:
    """``text == whole[start:end]``; the segments of a whole, put together, are the whole."""

    start: int
    end: int
    text: str
    tokens: int
    """The sum over its parts: of the joined text there may be some more or fewer."""
    parts: tuple[Sentence, ...]

    @property
    def sentences(self) -> int:
        """How many begin in it."""
        return sum(part.begins for part in self.parts)


def split_sentences(texts: list[tuple[str, str]], count_tokens: CountTokens) -> list[list[Sentence]]:
    """The sentences of each (text, language); of a text that is nothing but white space there are none.

    Tokens are counted for all texts together, which is several times faster than one by one.
    """
    found = [list(_sentences(text, language)) for text, language in texts]
    tokens = iter(_count([sentence for sentences in found for sentence in sentences], count_tokens))
    return [[Sentence(sentence, next(tokens)) for sentence in sentences] for sentences in found]


def pack(sentences: Iterable[Sentence], max_tokens: int, count_tokens: CountTokens) -> list[Segment]:
    """Join sentences to segments of at most ``max_tokens`` teacher tokens.

    The segments are balanced, so that none is a stump with too little to rephrase. A sentence that is too long by
    itself (a table, a list without stops, a script without spaces) is cut. WRAP 3.1 sets 300 tokens.
    """
    parts = [
        part
        for sentence in sentences
        for part in ([sentence] if sentence.tokens <= max_tokens else _cut(sentence, max_tokens, count_tokens))
    ]
    left = sum(part.tokens for part in parts)
    target = _balanced(left, max_tokens)
    segments: list[Segment] = []
    start, gathered, size = 0, list[Sentence](), 0
    for part in parts:
        if gathered and part.tokens and (size + part.tokens > max_tokens or size + part.tokens / 2 > target):
            segments.append(_segment(start, gathered, size))
            start, left = segments[-1].end, left - size
            target = _balanced(left, max_tokens)
            gathered, size = [], 0
        gathered.append(part)
        size += part.tokens
    return [*segments, _segment(start, gathered, size)] if gathered else []


def _count(texts: list[str], count_tokens: CountTokens) -> list[int]:
    """Tokens of texts that others follow: two line feeds at an end are one token, before a letter mostly two, and a
    space belongs to the word behind it. So texts that end with white space are counted with a letter behind them. Mere
    white space counts nothing: at the ends of a segment it is no part of the prompt."""
    before_letter = [text[-1:].isspace() for text in texts]
    probed = [f"{text}A" if probe else text for text, probe in zip(texts, before_letter, strict=True)]
    counts = zip(texts, count_tokens(probed), before_letter, strict=True)
    return [tokens - probe if text.strip() else 0 for text, tokens, probe in counts]


def _segment(start: int, parts: list[Sentence], tokens: int) -> Segment:
    text = "".join(part.text for part in parts)
    return Segment(start, start + len(text), text, tokens, tuple(parts))


def _balanced(total: int, max_tokens: int) -> float:
    return total / max(1, ceil(total / max_tokens))


def _sentences(text: str, language: str) -> Iterator[str]:
    import sentencex

    gathered = ""
    for sentence in sentencex.segment(language, text):
        begins = sentence.lstrip()
        gathered += sentence[: len(sentence) - len(begins)]
        if begins and gathered.strip():
            yield gathered
            gathered = ""
        gathered += begins
    if gathered.strip():
        yield gathered


def _cut(sentence: Sentence, max_tokens: int, count_tokens: CountTokens) -> list[Sentence]:
    """Halve between lines or words (within one, if it is a single word) until every part is short enough."""
    cut = _middle(sentence.text)
    parts: list[Sentence] = []
    for text, begins in ((sentence.text[:cut], sentence.begins), (sentence.text[cut:], False)):
        # Far from short enough, a guess saves counting a giant at every halving.
        tokens = sentence.tokens * len(text) // len(sentence.text)
        if tokens <= 2 * max_tokens:
            (tokens,) = _count([text], count_tokens)
        part = Sentence(text, tokens, begins)
        parts += [part] if tokens <= max_tokens or len(text) < 2 else _cut(part, max_tokens, count_tokens)
    return parts


def _middle(text: str) -> int:
    """Where to halve: behind the last line feed, else space, in the second quarter of it; else behind the first in the
    third; else in the middle. So no part is longer than three quarters, and few cuts suffice."""
    quarter, middle = len(text) // 4, len(text) // 2
    for separator in "\n ":
        if place := text.rfind(separator, quarter, middle) + 1 or text.find(separator, middle, 3 * quarter) + 1:
            return place
    return middle
