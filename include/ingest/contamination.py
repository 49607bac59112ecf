"""Finds benchmark items in documents by shared word n-grams, and cuts them out.

An item counts as found in a document by either of two published rules:

- 13 words in a row are shared (GPT-3, arXiv 2005.14165, appendix C);
- more than half of the item is shared, counting stretches of at least 10 words. Phi-1 (arXiv 2306.11644) and Cosmopedia
  take candidates with a common 10-gram; Cosmopedia discards a document if over 0.5 of the item's characters match. Here
  the share is of words, and only of those in such stretches, so that common short phrases add nothing.

Words are compared as :mod:`include.ingest.ngrams` folds them: without case, accents and punctuation.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from include.errors import BadInput
from include.ingest.benchmarks import Item, read_items
from include.ingest.ngrams import MAX_WORDS, NgramSet, Word, build_set, hash_ngrams, words_of

MAX_PLACES = 10
"""Places in the benchmarks that are kept per n-gram: what thousands of items share (a passage with its questions, a
prompt) is still found, by the first of them, without thousands of lines in the list."""
MARGIN = 200
"""Characters that go with a cut on either side, and the least that a remaining piece must have; GPT-3, appendix C."""
MAX_CUTS = 10
"""A document with more is given up as a whole; GPT-3, appendix C."""

FOUND = pa.schema(
    [
        ("row", pa.int64()),
        ("benchmark", pa.string()),
        ("item", pa.int64()),
        ("start_char", pa.int64()),
        ("end_char", pa.int64()),
        ("ngram", pa.string()),
        ("item_share", pa.float64()),
    ]
)
"""One shared stretch: row of the texts, file name and number in it (from 1), characters of the text (the last one not
included), the stretch's folded words, and the share of the item's words that the whole document has."""


@dataclass(frozen=True)
class Rules:
    """When an item counts as found."""

    words: int = 13
    """Shared words in a row that suffice."""
    overlap_words: int = 10
    """Shared words in a row that count towards the share."""
    overlap: float = 0.5
    """Above this share of the item's words it is found; 1 switches the rule off."""

    @property
    def shortest(self) -> int:
        return min(self.words, self.overlap_words)


@dataclass(frozen=True)
class Benchmarks:
    """The items of all files and where each n-gram stands in them; see :func:`load_benchmarks`."""

    rules: Rules
    items: list[Item]
    digest: str
    """Hash of the files' bytes: part of what decides a stage's result."""
    too_short: int
    """Items with fewer words than the shorter n-gram: nothing can match them."""
    ngrams: NgramSet = field(repr=False)
    places: NDArray[np.int32] = field(repr=False)
    """(item, its first word) of each n-gram, grouped by n-gram."""
    bounds: NDArray[np.int64] = field(repr=False)
    """Where each key of ``ngrams`` has its group in ``places``; one more at the end."""

    def find(self, text: str) -> str | None:
        """The first shared n-gram of a contaminated text, else None."""
        found = find(pa.array([text], pa.large_string()), self)
        return " ".join(found["ngram"][0].as_py().split()[: self.rules.words]) if len(found) else None


def load_benchmarks(files: list[Path], words: int = 13, overlap_words: int = 10, overlap: float = 0.5) -> Benchmarks:
    """Read and index benchmark files; relative paths start at the project's folder.

    Raises:
        BadInput: a file is missing, is not of its kind, or has no item of as many words as the shorter n-gram; or that
            n-gram is too long.
    """
    rules = Rules(words, overlap_words, overlap)
    if not 1 <= rules.shortest <= MAX_WORDS:
        raise BadInput(
            f"N-grams of {rules.shortest} words cannot be searched for; from 1 to {MAX_WORDS} they can. "
            "Set ingest.contamination_words or ingest.contamination_overlap_words to such a number."
        )
    items, digest = read_items(files, rules.shortest)
    hashes = [hash_ngrams(item.words, rules.shortest) for item in items]
    counts = [len(part) for part in hashes]
    flat = np.concatenate([np.empty(0, np.uint64), *hashes])
    first_words = np.concatenate([np.empty(0, np.int32), *(np.arange(count, dtype=np.int32) for count in counts)])
    places = np.column_stack((np.repeat(np.arange(len(items), dtype=np.int32), counts), first_words))
    order = np.argsort(flat, kind="stable")
    flat, places = flat[order], places[order]
    kept = np.arange(len(flat)) - np.searchsorted(flat, flat) < MAX_PLACES
    ngrams = build_set(flat, rules.shortest)
    bounds = np.append(np.searchsorted(flat[kept], ngrams.keys), kept.sum())
    return Benchmarks(rules, items, digest, counts.count(0), ngrams, places[kept], bounds)


@dataclass
class _Run:
    """Words that a text and an item share in a row."""

    item: int
    start: int
    """First word in the text; ``offset`` more than in the item."""
    offset: int
    length: int


def find(texts: pa.Array | pa.ChunkedArray, benchmarks: Benchmarks) -> pa.Table:
    """Everything that texts (strings) share with the items found in them, as a table of schema ``FOUND``.

    Ordered by row, then by place. Exact: hashes only say where to look, the words decide.
    """
    if isinstance(texts, pa.ChunkedArray):
        texts = texts.cast(pa.large_string()).combine_chunks()
    hits = benchmarks.ngrams.find(texts)
    rows = []
    for row in np.unique(hits[:, 0]):
        first, last = np.searchsorted(hits[:, 0], [row, row + 1])
        words = words_of(texts[int(row)].as_py())
        runs = _runs(words, hits[first:last, 1:].tolist(), benchmarks)
        rows += [{"row": int(row), **found} for found in _judge(runs, words, benchmarks)]
    return pa.Table.from_pylist(rows, FOUND)


def _runs(words: list[Word], hits: list[list[int]], benchmarks: Benchmarks) -> list[_Run]:
    """Join n-grams that follow each other in both the text and an item."""
    length = benchmarks.rules.shortest
    texts = [word.text for word in words]
    items: dict[int, list[str]] = {}
    open_runs: dict[tuple[int, int], _Run] = {}
    runs = []
    for start, key in hits:
        for item, first in benchmarks.places[benchmarks.bounds[key] : benchmarks.bounds[key + 1]].tolist():
            item_words = items.get(item) or items.setdefault(item, benchmarks.items[item].words.split(" "))
            if texts[start : start + length] != item_words[first : first + length]:
                continue
            run = open_runs.get((item, start - first))
            if run and run.start + run.length == start + length - 1:
                run.length += 1
            else:
                run = _Run(item, start, start - first, length)
                open_runs[item, start - first] = run
                runs.append(run)
    return runs


def _judge(runs: list[_Run], words: list[Word], benchmarks: Benchmarks) -> Iterable[dict[str, object]]:
    by_item: dict[int, list[_Run]] = {}
    for run in runs:
        by_item.setdefault(run.item, []).append(run)
    shares = {}
    for item, found in by_item.items():
        share = _share(found, benchmarks.items[item].count, benchmarks.rules.overlap_words)
        if share > benchmarks.rules.overlap or any(run.length >= benchmarks.rules.words for run in found):
            shares[item] = share
    for run in runs:
        if run.item in shares:
            shared = words[run.start : run.start + run.length]
            yield {
                "benchmark": benchmarks.items[run.item].benchmark,
                "item": benchmarks.items[run.item].number,
                "start_char": shared[0].start,
                "end_char": shared[-1].end,
                "ngram": " ".join(word.text for word in shared),
                "item_share": shares[run.item],
            }


def _share(runs: list[_Run], count: int, least: int) -> float:
    """Share of an item's ``count`` words that stand in runs of at least ``least`` words."""
    spans = [(run.start - run.offset, run.length) for run in runs if run.length >= least]
    covered = end = 0
    for start, length in sorted(spans):
        covered += max(0, start + length - max(start, end))
        end = max(end, start + length)
    return covered / count


_SENTENCE_END = re.compile(r"\n|[.!?…]['\"”’)]?\s|[。！？]")


def cut(text: str, spans: Iterable[tuple[int, int]]) -> str | None:
    """The text without the spans (characters, as :func:`find` gives them) and what stands close to them.

    ``MARGIN`` characters go on either side, then up to as many more until a sentence ends, because an answer often
    follows its question. None if more than ``MAX_CUTS`` cuts are needed or nothing of ``MARGIN`` characters is left.
    """
    cuts: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        start, end = _widen(text, start, end)
        if cuts and start <= cuts[-1][1]:
            start, end = cuts[-1][0], max(end, cuts.pop()[1])
        cuts.append((start, end))
    if len(cuts) > MAX_CUTS:
        return None
    starts, ends = [0, *(end for _, end in cuts)], [*(start for start, _ in cuts), len(text)]
    pieces = [text[start:end].strip() for start, end in zip(starts, ends, strict=True)]
    return "\n".join(piece for piece in pieces if len(piece) >= MARGIN) or None


def _widen(text: str, start: int, end: int) -> tuple[int, int]:
    last = max(0, start - MARGIN)
    first = max(0, last - MARGIN)
    boundaries = [first + match.end() for match in _SENTENCE_END.finditer(text[first:last])]
    begin = boundaries[-1] if boundaries else first
    after = _SENTENCE_END.search(text, end + MARGIN, end + 2 * MARGIN)
    return begin, after.end() if after else min(len(text), end + 2 * MARGIN)
