"""A page as a sequence of blocks of text, each with the numbers that the model judges it by, from ``native/html.c``."""

import ctypes
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from include import native

LAYOUT_COLUMNS = 11
START, LENGTH, WORDS, LEVEL, PRE, QUOTES, LISTS, ITEM, NUMBER, CELL, PARENT = range(LAYOUT_COLUMNS)
"""Columns of a layout; ``html_layout.h`` says what they hold."""


@dataclass(frozen=True)
class Blocks:
    """``rows``: blocks x features. ``layout``: blocks x LAYOUT_COLUMNS. ``text``: UTF-8, cut by START and LENGTH."""

    rows: NDArray[np.float32]
    layout: NDArray[np.int64]
    text: bytes

    def texts(self, chosen: NDArray[np.intp]) -> list[str]:
        """The chosen blocks' texts."""
        places = self.layout[chosen, :2].tolist()
        return [self.text[start : start + length].decode("utf-8", errors="replace") for start, length in places]


def read(html: str) -> Blocks:
    """The blocks of a page. Time and memory are linear in its length, whatever it holds.

    Raises:
        MemoryError: the page's blocks do not fit.
    """
    library = _library()
    assert library is not None, "callers ask available() first"
    page = html.encode("utf-8", errors="replace")  # lone surrogates become '?'
    handle = library.page_read(page, len(page))
    if not handle:
        raise MemoryError("no memory for the blocks of a page")
    try:
        count, width = library.page_block_count(handle), _width()
        rows, layout = np.empty((count, width), np.float32), np.empty((count, LAYOUT_COLUMNS), np.int64)
        if count and (
            library.page_rows(handle, rows.ctypes.data) != width or not library.page_layout(handle, layout.ctypes.data)
        ):
            raise MemoryError("no memory for the features of a page")
        text = ctypes.string_at(library.page_text(handle), library.page_text_length(handle))
    finally:
        library.page_free(handle)
    return Blocks(rows, layout, text)


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
        "page_layout": (ctypes.c_bool, [pointer, pointer]),
    }
    for name, (result, arguments) in signatures.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


@cache
def _width() -> int:
    """Features per block."""
    library = _library()
    assert library is not None
    page = b"<p>text"
    handle = library.page_read(page, len(page))
    try:
        return int(library.page_rows(handle, None))
    finally:
        library.page_free(handle)
