"""What decides which documents count as duplicates."""

from typing import Annotated

from pydantic import Field, model_validator

from include.sections import Count, Section, Share

MAX_HASHES = 1024
"""Hashes per document that the C part has room for."""


class DedupParams(Section):
    """Near-duplicates within a dump and against earlier ones; lines that a host repeats."""

    ngram_words: Annotated[int, Field(ge=1, le=32)] = 5
    """Words per shingle; FineWeb (arXiv 2406.17557, 3.5)."""
    bands: Annotated[int, Field(ge=1, le=100)] = 14
    band_rows: Annotated[int, Field(ge=1, le=64)] = 8
    """14 bands of 8 find a pair of Jaccard similarity s with probability ``1 - (1 - s**8)**14``: 56 % at 0.7, 77 % at
    0.75, 92 % at 0.8, 99 % at 0.85; FineWeb, as above."""
    drop_seen_before: bool = False
    """Also drop documents that resemble one of an earlier dump; otherwise they are only marked. FineWeb (as above)
    trained better models on dumps that were deduplicated each by itself; and a page that returns unchanged costs no
    generation, as the store has its rephrases already."""
    line_min_documents: Annotated[int, Field(ge=2)] | None = 10
    """A line goes from all documents of a host if at least this many have it, and at least the share below of the
    host's documents in the dump; None keeps every line."""
    line_min_share: Share = 0.3
    """Navigation, cookie and newsletter notices stand on most pages of a host; a quotation, a table's head or a heading
    that some pages share must stay. No published figure is known for this rule: the two bounds are cautious."""
    line_min_chars: Count = 15
    line_max_chars: Count = 2_000
    """Length of such a line in folded characters. Short headings ("Summary") are structure; a longer one than this is
    no line but an article."""

    @model_validator(mode="after")
    def _fits(self) -> "DedupParams":
        if self.bands * self.band_rows > MAX_HASHES:
            raise ValueError(f"bands x band_rows is {self.bands * self.band_rows}; at most {MAX_HASHES} hashes fit")
        if self.line_min_chars > self.line_max_chars:
            raise ValueError("line_min_chars is above line_max_chars, so no line could match")
        return self
