"""Bounds of the quality rules: the published ones, each with its source.

The numbers of Gopher are in Rae et al. 2021 (arXiv 2112.11446), A1.1 and table A1; of C4 in Raffel et al. 2020 (JMLR
21/140), 2.2; of FineWeb in Penedo et al. 2024 (arXiv 2406.17557), 3.5 and 3.6. All are the defaults of datatrove 0.10,
with which FineWeb was made and whose verdicts ``bench/quality.py`` compares; where they differ from a paper it is said.
"""

from typing import Annotated, Literal

from pydantic import Field

from include.sections import Count, Natural, Section, Share

Rule = Literal["gopher_quality", "gopher_repetition", "c4", "fineweb"]
Positive = Annotated[float, Field(ge=0)]


class GopherQualityParams(Section):
    """Gopher A1.1. Words are counted as spaCy parts English: ``don't`` is two, punctuation is no word."""

    min_words: Count = 50
    max_words: Count = 100_000
    min_mean_word_length: Positive = 3.0
    max_mean_word_length: Positive = 10.0
    max_symbol_word_ratio: Positive = 0.1
    """Number signs, or ellipses, per word or punctuation mark."""
    min_alphabetic_words: Share = 0.8
    """Share of words and punctuation marks that hold a letter. Gopher means words alone; datatrove, and so FineWeb,
    counts punctuation marks among them, which makes the rule far stricter."""
    max_bullet_lines: Share = 0.9
    max_ellipsis_lines: Share = 0.3
    min_stop_words: Natural = 2
    """Different words of {the, be, to, of, and, that, have, with}; asked of English alone."""


class GopherRepetitionParams(Section):
    """Gopher, table A1: shares of lines and paragraphs in number and characters, and of the characters in n-grams."""

    max_duplicate_lines: Share = 0.3
    max_duplicate_line_characters: Share = 0.2
    max_duplicate_paragraphs: Share = 0.3
    max_duplicate_paragraph_characters: Share = 0.2
    max_top_2_gram: Positive = 0.2
    """Characters of the most frequent n-gram, all its places together."""
    max_top_3_gram: Positive = 0.18
    max_top_4_gram: Positive = 0.16
    max_duplicate_5_gram: Share = 0.15
    """Characters in n-grams that stood in the text before."""
    max_duplicate_6_gram: Share = 0.14
    max_duplicate_7_gram: Share = 0.13
    max_duplicate_8_gram: Share = 0.12
    max_duplicate_9_gram: Share = 0.11
    max_duplicate_10_gram: Share = 0.10


class C4Params(Section):
    """C4 2.2, without its list of bad words. Counted in lines of three words or more (words of at most 1,000
    characters) that speak neither of JavaScript nor of policies and cookies."""

    terminal_punctuation: bool = False
    """Whether only lines that end in ``. ? ! " '`` count, as in C4. FineWeb (3.5) took all of C4's rules but this one,
    which alone removes 30 % of the tokens."""
    min_sentences: Natural = 5
    max_lorem_ipsum_lines: Natural = 0
    max_curly_bracket_lines: Natural = 0


class FineWebParams(Section):
    """FineWeb 3.6."""

    min_line_punct_ratio: Share = 0.12
    """Share of lines that end a sentence."""
    max_short_line_ratio: Share = 0.67
    """Share of lines of at most 30 characters."""
    max_char_duplicates_ratio: Share = 0.01
    """Share of characters in lines that stood there before; datatrove's. The paper names 0.1."""
    max_new_line_ratio: Positive = 0.3
    """Line feeds per word or punctuation mark: above it is a list. datatrove's; not in the paper."""


class QualityParams(Section):
    """Which rules decide, and their bounds; all of them are about stored signals."""

    rules: tuple[Rule, ...] = ("gopher_quality", "gopher_repetition", "c4", "fineweb")
    gopher_quality: GopherQualityParams = GopherQualityParams()
    gopher_repetition: GopherRepetitionParams = GopherRepetitionParams()
    c4: C4Params = C4Params()
    fineweb: FineWebParams = FineWebParams()
