"""A page as a sequence of blocks of text, each with the numbers that the model judges it by, from ``native/html.c``."""

import ctypes
import weakref
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from include import native

LAYOUT_COLUMNS = 11
START, LENGTH, WORDS, LEVEL, PRE, QUOTES, LISTS, ITEM, NUMBER, CELL, PARENT = range(LAYOUT_COLUMNS)
"""Columns of a layout; ``html_layout.h`` says what they hold."""


class Blocks:
    """The blocks of a page. Time and memory are linear in the page's length, whatever it holds.

    ``rows``: blocks x features. ``layout``: blocks x LAYOUT_COLUMNS. ``text``: UTF-8, cut by START and LENGTH.
    """

    def __init__(self, html: str) -> None:
        """Raises MemoryError where the blocks do not fit, or the page has more than 64 MiB."""
        library = _library()
        assert library is not None, "callers ask available() first"
        self._library = library
        self._page = html.encode("utf-8", errors="replace")  # lone surrogates become '?'; the C part points into it
        self._handle = library.page_read(self._page, len(self._page))
        if not self._handle:
            raise MemoryError("no memory for the blocks of a page")
        weakref.finalize(self, library.page_free, self._handle)
        count = library.page_block_count(self._handle)
        self.rows = self._numbers(library.page_rows, count)
        self.layout = np.empty((count, LAYOUT_COLUMNS), np.int64)
        if not library.page_layout(self._handle, self.layout.ctypes.data):
            raise MemoryError("no memory for the layout of a page")
        self.text = ctypes.string_at(library.page_text(self._handle), library.page_text_length(self._handle))

    def __len__(self) -> int:
        return len(self.layout)

    def context(self, chance: NDArray[np.float32]) -> NDArray[np.float32]:
        """Blocks x features: what these chances, one per block, say about each block's neighbours and surroundings."""
        if len(chance) != len(self):
            raise ValueError(f"{len(chance)} chances for {len(self)} blocks")
        given = np.ascontiguousarray(chance, np.float32)
        return self._numbers(self._library.page_context, len(self), given.ctypes.data)

    def texts(self, chosen: NDArray[np.intp]) -> list[str]:
        """The chosen blocks' texts."""
        places = self.layout[chosen, :2].tolist()
        return [self.text[start : start + length].decode("utf-8", errors="replace") for start, length in places]

    def _numbers(self, function: Any, count: int, *arguments: int) -> NDArray[np.float32]:
        """What a function of the C part writes per block; asked without room for it, it tells the width."""
        width = function(self._handle, *arguments, None)
        out = np.empty((count, max(width, 0)), np.float32)
        if width < 0 or (count and function(self._handle, *arguments, out.ctypes.data) != width):
            raise MemoryError("no memory for the features of a page")
        return out


def available() -> bool:
    """Whether the C parts, of the blocks and of the model, can be used here."""
    return _library() is not None and native.load("trees") is not None


@cache
def _library() -> ctypes.CDLL | None:
    library = native.load("html")
    if library is None:
        return None
    pointer, size = ctypes.c_void_p, ctypes.c_int64
    signatures: dict[str, tuple[type | None, list[type]]] = {
        "page_read": (pointer, [ctypes.c_char_p, size]),
        "page_free": (None, [pointer]),
        "page_block_count": (ctypes.c_int32, [pointer]),
        "page_text": (pointer, [pointer]),
        "page_text_length": (size, [pointer]),
        "page_rows": (ctypes.c_int32, [pointer, pointer]),
        "page_context": (ctypes.c_int32, [pointer, pointer, pointer]),
        "page_layout": (ctypes.c_bool, [pointer, pointer]),
    }
    for name, (result, arguments) in signatures.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library
