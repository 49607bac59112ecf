"""The output holds an item of a benchmark word by word: a teacher may know by heart what its source does not say.

The rules are those of ingest (:mod:`include.ingest.contamination`: GPT-3's 13 words in a row, Cosmopedia's share), over
the files of ``gate.contamination``. Items in other words are ``benchmark_similarity``'s.
"""

from functools import lru_cache
from pathlib import Path

import numpy as np

from include import settings
from include.ingest.contamination import Benchmarks, find, load_benchmarks
from include.ingest.contamination_params import ContaminationParams
from include.validate.checks.check import NONE_AT_ALL, Check
from include.validate.rows import Rows, Values


def benchmarks(params: ContaminationParams) -> Benchmarks:
    """The items of the files, read again when a file has changed.

    Raises:
        BadInput: see :func:`include.ingest.contamination.load_benchmarks`.
    """
    stamps = tuple(_stamp(settings.PROJECT / file) for file in params.files)
    return _load(tuple(params.files), stamps, params.words, params.overlap_words, params.overlap)


def _stamp(file: Path) -> int:
    return file.stat().st_mtime_ns if file.exists() else 0


@lru_cache(maxsize=2)
def _load(files: tuple[Path, ...], _: tuple[int, ...], words: int, overlap_words: int, overlap: float) -> Benchmarks:
    return load_benchmarks(list(files), words, overlap_words, overlap)


def measure(rows: Rows) -> Values:
    """How many benchmark items are found in the output; 0 without files."""
    counts = np.zeros(len(rows))
    if rows.params.contamination.files:
        found = find(rows.text, benchmarks(rows.params.contamination)).select(["row", "benchmark", "item"])
        for row in found.group_by(["row", "benchmark", "item"]).aggregate([])["row"].to_pylist():
            counts[row] += 1
    return counts


CHECK = Check("benchmark_overlap", measure, NONE_AT_ALL)
