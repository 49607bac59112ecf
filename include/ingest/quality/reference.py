"""The signals of one text in plain Python: what runs without a C compiler, and what defines ``native/quality.c``."""

import re
from collections.abc import Iterable, Sequence

from include.ingest.quality.characters import LETTER, PUNCTUATION, SYMBOL, TERMINAL, classes_of
from include.ingest.quality.words import split_word

STOP_WORDS = frozenset({"the", "be", "to", "of", "and", "that", "have", "with"})
"""Gopher's (arXiv 2112.11446, A1.1); counted as they are written, as datatrove does."""
ELLIPSES = ("...", "…")
SHORT_LINE = 30
"""Characters; FineWeb (arXiv 2406.17557, 3.6)."""
TOP_NGRAMS, DUPLICATE_NGRAMS = (2, 3, 4), (5, 6, 7, 8, 9, 10)

MIN_LINE_WORDS, MAX_WORD_LENGTH = 3, 1_000
"""Of a line that C4 keeps."""
LINE_ENDS = (".", "?", "!", '"', "'")
POLICIES = ("terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies")
_CITATION = re.compile(r"\[[0-9]*\]|\[edit\]|\[citation needed\]")
_ASCII_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


def measure(text: str) -> list[float]:
    """One number per field of ``SIGNALS``, in its order."""
    pieces = split_text(text)
    return [len(text), *_gopher(text, pieces), *_repetition(text, pieces), *_fineweb(text, len(pieces)), *_c4(text)]


def split_text(text: str) -> list[str]:
    """All words and punctuation marks."""
    return [piece for word in text.split() for piece in split_word(word)]


def _share(part: float, whole: int) -> float:
    return part / whole if whole else 0.0


def _gopher(text: str, pieces: list[str]) -> list[float]:
    words = [piece for piece in pieces if not _all(piece, SYMBOL)]
    lines = text.splitlines()
    symbols = max(text.count("#"), sum(map(text.count, ELLIPSES)))
    alphabetic = sum(any(classes_of(character) & LETTER for character in piece) for piece in pieces)
    return [
        len(words),
        len(pieces),
        len(lines),
        _share(sum(map(len, words)), len(words)),
        _share(symbols, len(pieces)),
        _share(alphabetic, len(pieces)),
        _share(sum(line.lstrip().startswith(("•", "-")) for line in lines), len(lines)),
        _share(sum(line.rstrip().endswith(ELLIPSES) for line in lines), len(lines)),
        len(STOP_WORDS.intersection(pieces)),
    ]


def _all(piece: str, kind: int) -> bool:
    return all(classes_of(character) & kind for character in piece)


def _repetition(text: str, pieces: list[str]) -> list[float]:
    shares: list[float] = []
    for parts in (re.split("\n+", text), re.split("\n{2,}", text.strip())):
        again = list(_repeated(parts))
        shares += [_share(len(again), len(parts)), _share(sum(map(len, again)), len(text))]
    shares += [_share(_top_ngram(pieces, size), len(text)) for size in TOP_NGRAMS]
    return shares + [_share(_duplicate_ngrams(pieces, size), len(text)) for size in DUPLICATE_NGRAMS]


def _repeated(parts: Iterable[str]) -> Iterable[str]:
    """Those that stood there before."""
    seen: set[str] = set()
    for part in parts:
        if part in seen:
            yield part
        seen.add(part)


def _ngrams(pieces: Sequence[str], size: int) -> list[tuple[str, ...]]:
    return [tuple(pieces[start : start + size]) for start in range(len(pieces) - size + 1)]


def _top_ngram(pieces: list[str], size: int) -> int:
    """Characters of the most frequent n-gram (the first of them), spaces included, times its number."""
    counts: dict[tuple[str, ...], int] = {}
    for ngram in _ngrams(pieces, size):
        counts[ngram] = counts.get(ngram, 0) + 1
    if not counts:
        return 0
    top = max(counts, key=lambda ngram: counts[ngram])
    return counts[top] * (sum(map(len, top)) + size - 1)


def _duplicate_ngrams(pieces: list[str], size: int) -> int:
    """Characters in n-grams that stood there before, each counted once, from left to right."""
    seen: set[tuple[str, ...]] = set()
    characters, start = 0, 0
    while start <= len(pieces) - size:
        ngram = tuple(pieces[start : start + size])
        if ngram in seen:
            characters += sum(map(len, ngram))
            start += size
        else:
            seen.add(ngram)
            start += 1
    return characters


def _fineweb(text: str, pieces: int) -> list[float]:
    lines = [line for line in text.split("\n") if line.strip()]
    line_feeds = text.count("\n")
    return [
        _share(sum(bool(classes_of(line[-1]) & TERMINAL) for line in lines), len(lines)),
        _share(sum(len(line) <= SHORT_LINE for line in lines), len(lines)),
        _share(sum(map(len, _repeated(lines))), len(text) - line_feeds),
        _share(line_feeds, pieces),
    ]


def _c4(text: str) -> list[float]:
    """What C4 counts, in all lines and then in those with an end of a sentence alone."""
    counts = {key: [0, 0] for key in ("sentences", "lorem", "curly", "javascript", "policy")}
    unended = 0
    for line in text.splitlines():
        kept = clean_line(line)
        if kept is None:
            continue
        ended = has_line_end(kept)
        unended += not ended
        key = judge_line(kept)
        for column in (0, 1) if ended else (0,):
            counts[key or "sentences"][column] += 1 if key else _sentences(kept)
    return [
        *(counts[key][0] for key in ("sentences", "lorem", "curly", "javascript", "policy")),
        unended,
        *(counts[key][1] for key in ("sentences", "lorem", "curly")),
    ]


def clean_line(line: str) -> str | None:
    """The line without space around it and marks of citations; None if it has too few words or an endless one."""
    words = line.split()
    if len(words) < MIN_LINE_WORDS or any(len(word) > MAX_WORD_LENGTH for word in words):
        return None
    return _CITATION.sub("", line.strip())


def has_line_end(line: str) -> bool:
    return line.endswith(LINE_ENDS) and not line.endswith("...")


def judge_line(line: str) -> str | None:
    """The first of C4's cues in a cleaned line."""
    lower = line.translate(_ASCII_LOWER)
    if "lorem ipsum" in lower:
        return "lorem"
    if "javascript" in lower:
        return "javascript"
    if "{" in line:
        return "curly"
    return "policy" if any(policy in lower for policy in POLICIES) else None


def _sentences(line: str) -> int:
    """Sentences as spaCy's sentencizer parts them: a new one begins with the first word after an end of one."""
    count, ended = 1, False
    for piece in split_text(line):
        if len(piece) == 1 and classes_of(piece) & TERMINAL:
            ended = True
        elif ended and not _all(piece, PUNCTUATION):
            count, ended = count + 1, False
    return count
