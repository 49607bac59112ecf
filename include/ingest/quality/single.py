"""The rules one text at a time with the bounds of ``IngestParams``: what ``ingest/page.py`` uses until it decides in
batches over the stored signals; goes with those bounds."""

import re
from dataclasses import dataclass

from include.params import IngestParams

STOP_WORDS = frozenset({"the", "be", "to", "of", "and", "that", "have", "with"})
_BULLETS = ("•", "‣", "◦", "*", "-", "–")
_ELLIPSIS = ("...", "…")
# Words without any letter; nearly every word fails at its first character, which makes this fast.
_LETTERLESS = re.compile(r"(?<!\S)(?:[^\w\s]|[\d_])+(?!\S)")


@dataclass(frozen=True)
class Signals:
    """What was measured in one text."""

    words: int
    mean_word_length: float
    symbol_word_ratio: float
    alphabetic_words: float
    bullet_lines: float
    ellipsis_lines: float
    stop_words: int
    duplicate_line_share: float


def measure(text: str) -> Signals:
    """Signals of a text with at least one word; words are what white space parts."""
    words = text.split()
    lines = [line for line in map(str.strip, text.split("\n")) if line]
    symbols = text.count("#") + sum(map(text.count, _ELLIPSIS))
    return Signals(
        words=len(words),
        mean_word_length=sum(map(len, words)) / len(words),
        symbol_word_ratio=symbols / len(words),
        alphabetic_words=1 - len(_LETTERLESS.findall(text)) / len(words),
        bullet_lines=sum(line.startswith(_BULLETS) for line in lines) / len(lines),
        ellipsis_lines=sum(line.endswith(_ELLIPSIS) for line in lines) / len(lines),
        stop_words=len(STOP_WORDS.intersection(text.lower().split())),
        duplicate_line_share=1 - len(set(lines)) / len(lines),
    )


def judge(signals: Signals, params: IngestParams, language: str) -> tuple[str, str] | None:
    """The first rule that a text breaks, as (reason, what was measured), or None."""
    # The list of stop words is English: it says nothing about other languages.
    min_stop_words = params.min_stop_words if language == "en" else 0
    p, no_bound = params, float("inf")
    rules: tuple[tuple[str, float, float, float], ...] = (
        ("too_few_words", signals.words, p.min_words, no_bound),
        ("too_many_words", signals.words, 0, p.max_words),
        ("word_length", signals.mean_word_length, p.min_mean_word_length, p.max_mean_word_length),
        ("symbol_ratio", signals.symbol_word_ratio, 0, p.max_symbol_word_ratio),
        ("alphabetic_words", signals.alphabetic_words, p.min_alphabetic_words, no_bound),
        ("bullet_lines", signals.bullet_lines, 0, p.max_bullet_lines),
        ("ellipsis_lines", signals.ellipsis_lines, 0, p.max_ellipsis_lines),
        ("stop_words", signals.stop_words, min_stop_words, no_bound),
        ("duplicate_lines", signals.duplicate_line_share, 0, p.max_duplicate_line_share),
    )
    for reason, value, low, high in rules:
        if not low <= value <= high:
            return reason, f"{value:.4g} is {'below' if value < low else 'above'} {low if value < low else high:g}"
    return None
