"""Filters as settings over stored signals: the first rule that a text breaks, for a whole column at once."""

from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from include.ingest.quality.params import QualityParams

ENGLISH = "en"
UNSPACED = ("zh", "ja", "th", "lo", "km", "my", "bo", "yue", "wuu")
"""Written without spaces between words: what counts words or their lengths says nothing about them."""


@dataclass(frozen=True)
class Bound:
    """One rule: a signal and what it may be. ``words``: it counts words; ``english``: it looks for English ones."""

    reason: str
    signal: str
    low: float | None = None
    high: float | None = None
    words: bool = False
    english: bool = False


def bounds(params: QualityParams) -> list[Bound]:
    """The rules that are on, in the order in which they decide."""
    of = {
        "gopher_quality": _gopher_quality,
        "gopher_repetition": _gopher_repetition,
        "c4": _c4,
        "fineweb": _fineweb,
    }
    return [bound for name, make in of.items() if name in params.rules for bound in make(params)]


def _gopher_quality(params: QualityParams) -> list[Bound]:
    p = params.gopher_quality
    return [
        Bound("too_few_words", "words", low=p.min_words, words=True),
        Bound("too_many_words", "words", high=p.max_words, words=True),
        Bound("word_length", "mean_word_length", p.min_mean_word_length, p.max_mean_word_length, words=True),
        Bound("symbol_ratio", "symbol_word_ratio", high=p.max_symbol_word_ratio, words=True),
        Bound("bullet_lines", "bullet_lines", high=p.max_bullet_lines),
        Bound("ellipsis_lines", "ellipsis_lines", high=p.max_ellipsis_lines),
        Bound("alphabetic_words", "alphabetic_words", low=p.min_alphabetic_words, words=True),
        Bound("stop_words", "stop_words", low=p.min_stop_words, words=True, english=True),
    ]


def _gopher_repetition(params: QualityParams) -> list[Bound]:
    p = params.gopher_repetition.model_dump()
    # Every field is named max_<signal>, and the signal's name is the reason.
    signals = [field.removeprefix("max_") for field in p]
    return [Bound(signal, signal, high=p[f"max_{signal}"], words="gram" in signal) for signal in signals]


def _c4(params: QualityParams) -> list[Bound]:
    p = params.c4
    prefix = "ended_" if p.terminal_punctuation else ""
    return [
        Bound("lorem_ipsum", f"{prefix}lorem_ipsum_lines", high=p.max_lorem_ipsum_lines),
        Bound("curly_bracket", f"{prefix}curly_bracket_lines", high=p.max_curly_bracket_lines),
        Bound("too_few_sentences", f"{prefix}sentences", low=p.min_sentences, words=True),
    ]


def _fineweb(params: QualityParams) -> list[Bound]:
    p = params.fineweb
    return [
        Bound("line_punctuation", "line_punct_ratio", low=p.min_line_punct_ratio),
        Bound("short_lines", "short_line_ratio", high=p.max_short_line_ratio),
        Bound("duplicate_characters", "char_duplicates_ratio", high=p.max_char_duplicates_ratio),
        Bound("list", "new_line_ratio", high=p.max_new_line_ratio, words=True),
    ]


def decide(
    signals: pa.Table | pa.RecordBatch, languages: pa.Array | pa.ChunkedArray, params: QualityParams
) -> tuple[pa.Array, pa.Array]:
    """(reason, detail) of the first rule that each row breaks, both null where there is none.

    ``signals`` has at least the columns that the rules ask for; ``languages`` are ISO 639-1 codes, null for unknown. A
    row of nulls breaks nothing.
    """
    rows = signals.num_rows
    reason, detail = pa.nulls(rows, pa.string()), pa.nulls(rows, pa.string())
    languages = _whole(languages)
    english, spaced = pc.equal(languages, ENGLISH), pc.invert(pc.is_in(languages, pa.array(UNSPACED)))
    for bound in bounds(params):
        value = _whole(signals[bound.signal])
        asked = english if bound.english else spaced if bound.words else None
        for limit, compare, side in ((bound.low, pc.less, "below"), (bound.high, pc.greater, "above")):
            if limit is None:
                continue
            # In the column's own type: a share of exactly 0.3 must not exceed a bound of 0.3 by its rounding.
            broken = compare(value, pa.scalar(limit).cast(value.type))
            if asked is not None:
                broken = pc.and_(broken, asked)
            new = pc.and_(pc.fill_null(broken, False), pc.is_null(reason))
            reason = pc.if_else(new, bound.reason, reason)
            detail = pc.if_else(new, _explain(value, f" is {side} {limit:g}"), detail)
    return reason, detail


def _whole(column: Any) -> Any:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _explain(value: Any, text: str) -> Any:
    """Such as ``0.3125 is above 0.3``."""
    digits = value if pa.types.is_integer(value.type) else pc.round(value.cast(pa.float64()), 5)
    return pc.binary_join_element_wise(digits.cast(pa.string()), text, "")
