"""How close texts come in meaning to any item of a benchmark, however it was reworded.

Shared n-grams miss items that were paraphrased (arXiv 2311.04850, which searches by embeddings first, too).
"""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from include.ingest.benchmarks import Item, read_items
from include.lake import Lake
from include.validate.semantics.encoder import Encoder, Integers, Meanings

if TYPE_CHECKING:
    import torch

log = logging.getLogger("rewrap.semantics")

MIN_WORDS = 5
"""Shorter items resemble too much."""
WINDOW = 4
"""Units in a row, at most, that are compared as one with an item: it may be a sentence or a short story."""
_LAYER = "benchmark_vectors"
_TOGETHER = 1024
"""Items that are encoded at once, or compared with all windows of a batch of texts."""


@dataclass(frozen=True)
class Benchmarks:
    items: list[Item]
    vectors: "torch.Tensor"
    """(items, 384), each of length 1."""

    def closest(self, meanings: Meanings, texts: list[Integers]) -> list[tuple[float, str | None]]:
        """Of each text (units of ``meanings``) the highest cosine with an item, 0 if there is none, and which it is."""
        import torch

        windows = [_windows(meanings, units) for units in texts]
        if not self.items or not windows:
            return [(0.0, None)] * len(texts)
        flat = torch.cat(windows)
        best = torch.full((len(flat),), -1.0, device=flat.device)
        item_of = torch.zeros(len(flat), dtype=torch.int64, device=flat.device)
        for start in range(0, len(self.items), _TOGETHER):
            found = (flat @ self.vectors[start : start + _TOGETHER].T).max(dim=1)
            item_of = torch.where(found.values > best, found.indices + start, item_of)
            best = torch.maximum(best, found.values)
        sizes = [len(own) for own in windows]
        split = zip(best.cpu().split(sizes), item_of.cpu().split(sizes), strict=True)
        return [self._highest(values, items) for values, items in split]

    def _highest(self, values: "torch.Tensor", items: "torch.Tensor") -> tuple[float, str | None]:
        if not len(values):
            return 0.0, None
        place = int(values.argmax())
        item = self.items[int(items[place])]
        return max(0.0, float(values[place])), f"{item.benchmark} {item.number}"


def read_long_items(files: list[Path]) -> tuple[list[Item], str]:
    """The items of at least MIN_WORDS words, and a hash of the files' bytes. Raises BadInput as :func:`read_items`."""
    items, digest = read_items(files, MIN_WORDS)
    return [item for item in items if item.count >= MIN_WORDS], digest


def load_benchmarks(lake: Lake, files: list[Path], encoder: Encoder) -> Benchmarks:
    """Read and encode benchmark files; what was encoded once is kept in the lake.

    Raises:
        BadInput: a file is missing, is not of its kind, or has no item of MIN_WORDS words.
    """
    import torch

    items, digest = read_long_items(files)
    if not items:
        return Benchmarks([], torch.empty(0))
    if not lake.is_current(digest, _LAYER, digest):
        log.info("encoding %d benchmark items, once", len(items))
        pieces = (items[start : start + _TOGETHER] for start in range(0, len(items), _TOGETHER))
        totals = torch.cat([encoder.encode([item.words for item in piece]).totals for piece in pieces])
        vectors = torch.nn.functional.normalize(totals).cpu().numpy()
        column = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), vectors.shape[1])
        lake.write(pa.table({"vector": column}), layer=_LAYER, crawl=digest, fingerprint=digest)
    kept = lake.read(_LAYER, digest)["vector"].combine_chunks()
    vectors = np.array(kept.flatten()).reshape(len(kept), -1)
    return Benchmarks(items, torch.from_numpy(vectors).to(encoder.device))


def _windows(meanings: Meanings, units: Integers) -> "torch.Tensor":
    """The embeddings of all runs of 1 to WINDOW units."""
    import torch

    sums = meanings.totals[torch.from_numpy(units).to(meanings.totals.device)].cumsum(dim=0)
    sums = torch.cat([torch.zeros_like(sums[:1]), sums]) if len(units) else sums
    runs = [sums[size:] - sums[:-size] for size in range(1, min(WINDOW, len(units)) + 1)]
    return torch.nn.functional.normalize(torch.cat(runs)) if runs else sums
