"""The way to ``native/quality.c``: tables in, Arrow's buffers in, one row of numbers per text out."""

import ctypes
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from include.errors import BadInput
from include.ingest.quality.characters import table
from include.ingest.quality.lexicon import LONGEST_SPECIAL, UNITS, specials
from include.native import load

MAX_TEXT = 1 << 27
"""Bytes of one text; many times what a record may hold."""
_MAX_PIECES = 3
_POINTER = ctypes.c_void_p


class _Lexicon(ctypes.Structure):
    _fields_ = (
        *((name, _POINTER) for name in ("points", "starts", "pieces", "slots")),
        *((name, ctypes.c_uint32) for name in ("n", "mask", "longest")),
    )


class _Tables(ctypes.Structure):
    _fields_ = (("classes", _POINTER), ("specials", _Lexicon), ("units", _Lexicon))


def measure_all(texts: pa.Array, columns: int) -> npt.NDArray[np.float64] | None:
    """Numbers of shape (texts, columns), zeros for a null; None where the C part cannot be used.

    Raises:
        BadInput: a text is longer than :data:`MAX_TEXT`.
        MemoryError: there is no memory for the longest text.
    """
    found = _library()
    if found is None:
        return None
    library, tables, _ = found
    data, offsets = buffers(texts)
    out = np.zeros((len(texts), columns), np.float64)
    code = library.quality_signals(
        data.ctypes.data, data.size, offsets.ctypes.data, len(texts), ctypes.byref(tables), out.ctypes.data
    )
    if code == -1:
        raise MemoryError("no memory for the quality signals of the longest text")
    if code:
        raise BadInput(f"A text is longer than {MAX_TEXT} bytes. Lower 'max_record_bytes' in the params.")
    return out


def buffers(texts: pa.Array) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """The bytes of a (large) string array without a copy, and where each text begins in them, with the end."""
    width = np.int64 if pa.types.is_large_string(texts.type) else np.int32
    _, offsets, data = texts.buffers()
    if not len(texts) or offsets is None:
        return np.zeros(0, np.uint8), np.zeros(1, np.int64)
    starts = np.frombuffer(offsets, width)[texts.offset : texts.offset + len(texts) + 1].astype(np.int64)
    return np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8), starts


@cache
def _library() -> tuple[ctypes.CDLL, _Tables, list[Any]] | None:
    """The library, its tables, and the arrays that these point into."""
    library = load("quality")
    if library is None:
        return None
    library.quality_signals.restype = ctypes.c_int32
    library.quality_signals.argtypes = (_POINTER, ctypes.c_uint64, _POINTER, ctypes.c_int64, _POINTER, _POINTER)
    library.quality_index.restype = None
    special, kept = _lexicon(library, list(specials().values()), LONGEST_SPECIAL)
    unit, kept_too = _lexicon(library, [(unit,) for unit in sorted(UNITS)], max(map(len, UNITS)))
    return library, _Tables(table().ctypes.data, special, unit), [*kept, *kept_too]


def _lexicon(library: ctypes.CDLL, words: list[tuple[str, ...]], longest: int) -> tuple[_Lexicon, list[Any]]:
    points = np.array([ord(character) for word in words for character in "".join(word)], np.uint32)
    starts = np.cumsum([0, *(len("".join(word)) for word in words)], dtype=np.uint32)
    pieces = np.zeros((len(words), _MAX_PIECES), np.uint8)
    for row, word in zip(pieces, words, strict=True):
        row[: len(word)] = [len(piece) for piece in word]
    slots = np.zeros(1 << (4 * len(words)).bit_length(), np.uint16)
    arrays: list[npt.NDArray[Any]] = [points, starts, pieces, slots]
    lexicon = _Lexicon(*(array.ctypes.data for array in arrays), len(words), slots.size - 1, longest)
    library.quality_index(ctypes.byref(lexicon))
    return lexicon, arrays
