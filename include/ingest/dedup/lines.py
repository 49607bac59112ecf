"""Hashes of a text's lines, equal only for equal hosts and equal folded lines; and lines taken out of texts."""

import ctypes

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from include import native
from include.ingest.dedup.folding import fold_table, words
from include.ingest.dedup.settings import DedupParams
from include.ingest.dedup.signatures import MASK, OFFSET, U64, addresses, as_bytes, fnv, mixed, pointer


def line_hashes(texts: pa.ChunkedArray, hosts: pa.ChunkedArray, params: DedupParams) -> tuple[U64, NDArray[np.int64]]:
    """The hash of every line (what ``\\n`` parts) of every text, one after the other, and the lines of each text.

    0 stands for a line whose folded length is not within the bounds of ``params``. Digits count, unlike in shingles:
    "Population: 34,221" is not the line of another place.
    """
    data = as_bytes(texts)
    counts = pc.add(pc.count_substring(data, pattern=b"\n"), 1).to_numpy(zero_copy_only=False).astype(np.int64)
    seeds = _seeds(hosts)
    library = native.load("minhash")
    if library is None:
        return _in_python(data, seeds, params), counts
    hashes = np.zeros(counts.sum(), dtype=np.uint64)
    library.line_hashes(
        *addresses(data), ctypes.c_int64(len(data)), pointer(fold_table()), pointer(seeds),
        ctypes.c_int64(params.line_min_chars), ctypes.c_int64(params.line_max_chars), pointer(hashes),
    )  # fmt: skip
    return hashes, counts


def as_lists(hashes: U64, counts: NDArray[np.int64]) -> pa.Array:
    """The hashes that are not 0, as one list per text."""
    ends = np.concatenate([[0], np.cumsum(counts)])
    filled = np.concatenate([[0], np.cumsum(hashes != 0)])
    return pa.ListArray.from_arrays(pa.array(filled[ends], pa.int32()), pa.array(hashes[hashes != 0], pa.uint64()))


def strip_lines(
    texts: pa.ChunkedArray, hosts: pa.ChunkedArray, repeated: U64, params: DedupParams
) -> tuple[list[str], list[int]]:
    """The texts without the lines whose hash is in ``repeated`` (sorted), and how many lines each of them lost."""
    hashes, counts = line_hashes(texts, hosts, params)
    gone = contains(repeated, hashes)
    stripped, lost, start = [], [], 0
    for text, count in zip(texts.to_pylist(), counts.tolist(), strict=True):
        mine = gone[start : start + count]
        lines = [line for line, out in zip(text.split("\n"), mine, strict=True) if not out]
        stripped.append(_without_gaps(lines))
        lost.append(int(mine.sum()))
        start += count
    return stripped, lost


def contains(ordered: U64, values: U64) -> NDArray[np.bool_]:
    """Which values are in an ascending array."""
    if not len(ordered):
        return np.zeros(len(values), dtype=np.bool_)
    place = np.minimum(np.searchsorted(ordered, values), len(ordered) - 1)
    found: NDArray[np.bool_] = ordered[place] == values
    return found


def _without_gaps(lines: list[str]) -> str:
    """One empty line at most where lines went, none at the ends."""
    kept = [line for index, line in enumerate(lines) if line.strip() or (index and lines[index - 1].strip())]
    return "\n".join(kept).strip("\n")


def _seeds(hosts: pa.ChunkedArray) -> U64:
    whole = hosts.combine_chunks() if isinstance(hosts, pa.ChunkedArray) else hosts
    coded = pc.fill_null(whole, "").dictionary_encode()
    each = np.array([fnv(host, OFFSET) for host in coded.dictionary.to_pylist()], dtype=np.uint64)
    # Mixed, or host "a.co" with a line "m..." would be host "a.com".
    return mixed(each)[coded.indices.to_numpy(zero_copy_only=False)] if len(coded) else each


def _in_python(data: pa.Array, seeds: U64, params: DedupParams) -> U64:
    hashes: list[int] = []
    for text, seed in zip(data, seeds.tolist(), strict=True):
        for line in text.as_py().decode("utf-8", "replace").split("\n"):
            folded = " ".join(words(line))
            fits = params.line_min_chars <= len(folded) <= params.line_max_chars
            hashes.append(max(1, int(mixed(np.array([fnv(folded, seed)], dtype=np.uint64))[0])) & MASK if fits else 0)
    return np.array(hashes, dtype=np.uint64)
