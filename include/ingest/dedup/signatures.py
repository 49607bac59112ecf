"""MinHash band hashes of texts: documents that share one are candidates for near-duplicates (Broder 1997; LSH banding).

The words of a text (:mod:`.folding`; each run of digits is one ``0``) give shingles of ``ngram_words`` words, hashed
to 32 bits; a shorter text is one shingle. Each of ``bands * band_rows`` hash functions
``(a * x + b mod 2**64) >> 32`` keeps its minimum: multiply-shift, which is pairwise independent for 32-bit keys
(Dietzfelbinger 1996; Thorup, arXiv 1504.06804, 3.3). ``band_rows`` minima hash to one number per band.
"""

import ctypes
import re
from functools import cache, lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from include import native
from include.ingest.dedup.folding import fold_table, words
from include.ingest.dedup.settings import DedupParams

VERSION = 1
"""Part of every fingerprint. A change of the hashes needs a new number, and all dumps signed again."""
U64 = NDArray[np.uint64]
MASK = 2**64 - 1
OFFSET, PRIME = 0xCBF29CE484222325, 0x100000001B3  # FNV-1a
_STEP = 0x9E3779B97F4A7C15
_NUMBER = re.compile("[0-9]+")


def band_names(params: DedupParams) -> list[str]:
    return [f"band_{band:02d}" for band in range(params.bands)]


def signatures(texts: pa.Array | pa.ChunkedArray, params: DedupParams) -> pa.Table:
    """One column of band hashes (uint64) per band, one row per text; null where a text is null or has no word."""
    data = as_bytes(texts)
    library = native.load("minhash")
    hashes, found = _in_python(data, params) if library is None else _in_c(library, data, params)
    columns = [pa.array(band, mask=~found) for band in hashes]
    return pa.table(columns, schema=pa.schema([(name, pa.uint64()) for name in band_names(params)]))


def as_bytes(texts: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Texts as one large_binary array without nulls: what the C part reads."""
    data = pc.fill_null(texts.cast(pa.large_binary()), b"")
    if isinstance(data, pa.ChunkedArray):
        data = data.combine_chunks()
    data.validate(full=True)  # offsets that point outside would be read by C
    return data


def addresses(data: pa.Array) -> tuple[ctypes.c_void_p, ctypes.c_void_p]:
    """Of the bytes and of the first offset of a large_binary array."""
    _, offsets, content = data.buffers()
    start = offsets.address + 8 * data.offset if offsets else 0
    return ctypes.c_void_p(content.address if content else 0), ctypes.c_void_p(start)


def pointer(array: NDArray[np.generic]) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)


@cache
def multipliers(hashes: int) -> tuple[U64, U64]:
    """``a`` (odd) and ``b`` of each hash function, from SplitMix64 started at 1."""
    count = np.arange(1, 2 * hashes + 1, dtype=np.uint64)
    z = count * np.uint64(_STEP) + np.uint64(1)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return z[:hashes] | np.uint64(1), z[hashes:]


def _in_c(library: ctypes.CDLL, data: pa.Array, params: DedupParams) -> tuple[U64, NDArray[np.bool_]]:
    hashes = np.empty((params.bands, len(data)), dtype=np.uint64)
    found = np.zeros(len(data), dtype=np.bool_)
    a, b = multipliers(params.bands * params.band_rows)
    if len(data):
        refused = library.band_hashes(
            *addresses(data), ctypes.c_int64(len(data)), pointer(fold_table()), ctypes.c_int(params.ngram_words),
            pointer(a), pointer(b), ctypes.c_int(params.bands), ctypes.c_int(params.band_rows),
            pointer(hashes), pointer(found),
        )  # fmt: skip
        assert not refused, "DedupParams allows sizes that minhash.c does not"
    return hashes, found


def _in_python(data: pa.Array, params: DedupParams) -> tuple[U64, NDArray[np.bool_]]:
    minima = np.full((len(data), params.bands * params.band_rows), MASK, dtype=np.uint64)
    found = np.zeros(len(data), dtype=np.bool_)
    a, b = multipliers(minima.shape[1])
    for row, text in enumerate(data):
        shingles = _shingles(text.as_py().decode("utf-8", "replace"), params.ngram_words)
        found[row] = len(shingles) > 0
        for start in range(0, len(shingles), 4096):
            lowest = (shingles[start : start + 4096, None] * a + b).min(axis=0)
            minima[row] = np.minimum(minima[row], lowest)
    return _bands(minima >> np.uint64(32), params), found


def _shingles(text: str, length: int) -> U64:
    """The 32-bit hashes of a text's shingles."""
    tokens = np.array([_word_hash(word) for word in words(text)], dtype=np.uint64)
    length = min(length, len(tokens))
    if not length:
        return tokens
    h = np.zeros(len(tokens) - length + 1, dtype=np.uint64)
    for place in range(length):
        h = h * np.uint64(_STEP) + tokens[place : place + len(h)]
    return mixed(h) >> np.uint64(32)


@lru_cache(maxsize=100_000)
def _word_hash(word: str) -> int:
    return fnv(_NUMBER.sub("0", word), OFFSET)


def fnv(text: str, seed: int) -> int:
    """FNV-1a over code points."""
    for char in text:
        seed = ((seed ^ ord(char)) * PRIME) & MASK
    return seed


def mixed(x: U64) -> U64:
    """MurmurHash3's finaliser."""
    x = (x ^ (x >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    x = (x ^ (x >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    return x ^ (x >> np.uint64(33))


def _bands(minima: U64, params: DedupParams) -> U64:
    """(texts, bands * rows) minima to (bands, texts) hashes."""
    grouped = minima.reshape(len(minima), params.bands, params.band_rows)
    h = np.full(grouped.shape[:2], OFFSET, dtype=np.uint64)
    for row in range(params.band_rows):
        h = (h ^ grouped[:, :, row]) * np.uint64(PRIME)
    return np.ascontiguousarray(mixed(h).T)
