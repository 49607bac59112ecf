"""Megatron-Core's indexed dataset: a file of token ids and a file that says where each document begins.

The format is that of ``megatron/core/datasets/indexed_dataset.py`` in NVIDIA/Megatron-LM (described in
``megatron/core/datasets/readme.md`` there), which Megatron-LM, NeMo, GPT-NeoX and Fast-LLM read. All numbers are
little-endian; the index is, in this order:

- 9 bytes ``MMIDIDX\\0\\0``, a uint64 version (1), a byte that names the type of the ids (4: int32, 8: uint16);
- uint64 number of sequences, uint64 number of document boundaries (documents + 1);
- int32 length of each sequence in tokens, int64 place of each in the data in bytes;
- int64 boundaries: document ``i`` consists of the sequences from ``boundary[i]`` to ``boundary[i + 1]``.

Here every document is one sequence.
"""

import os
import struct
from pathlib import Path
from typing import Self

import numpy as np

from include.parquet import sync

HEADER = b"MMIDIDX\x00\x00"
VERSION = 1
CODES: dict[type[np.generic], int] = {np.int32: 4, np.uint16: 8}
UINT16_BELOW = 65500
"""Vocabularies smaller than this have ids of 16 bits; Megatron-Core draws the line here, too."""


def smallest_dtype(vocabulary: int) -> type[np.generic]:
    """The type of ids for a vocabulary of so many tokens."""
    return np.uint16 if vocabulary < UINT16_BELOW else np.int32


class IndexedWriter:
    """Writes ``<prefix>.bin`` and ``<prefix>.idx``; leave the context by an exception and neither has got its name."""

    def __init__(self, prefix: Path, dtype: type[np.generic]) -> None:
        self.tokens = 0
        self._dtype = np.dtype(dtype).newbyteorder("<")
        self._code = CODES[dtype]
        self._lengths: list[int] = []
        self._final = [prefix.with_name(f"{prefix.name}.{kind}") for kind in ("bin", "idx")]
        self._staged = [file.with_name(f".{file.name}.{os.getpid()}.tmp") for file in self._final]
        self._data = self._staged[0].open("wb")

    @property
    def documents(self) -> int:
        return len(self._lengths)

    def add(self, ids: list[int]) -> None:
        """Append a document."""
        self._data.write(np.array(ids, self._dtype).tobytes())
        self._lengths.append(len(ids))
        self.tokens += len(ids)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            self._data.close()
            if kind is None:
                self._staged[1].write_bytes(self._index())
                # The index last: without one there is no dataset.
                for staged, final in zip(self._staged, self._final, strict=True):
                    sync(staged)
                    staged.replace(final)
                sync(self._final[0].parent)
        finally:
            for staged in self._staged:
                staged.unlink(missing_ok=True)

    def _index(self) -> bytes:
        lengths = np.array(self._lengths, "<i4")
        ends = np.cumsum(lengths, dtype="<i8") * self._dtype.itemsize
        places = np.concatenate([np.zeros(1, "<i8"), ends])[:-1]
        boundaries = np.arange(len(lengths) + 1, dtype="<i8")
        head = HEADER + struct.pack("<QBQQ", VERSION, self._code, len(lengths), len(boundaries))
        return head + lengths.tobytes() + places.astype("<i8").tobytes() + boundaries.tobytes()
