"""Gradient-boosted trees that ``scripts/train_extractor.py`` trains and ``native/trees.c`` evaluates."""

import ctypes
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from include import native

ARRAYS = {
    "feature": np.uint16,
    "threshold": np.float32,
    "left": np.int16,
    "right": np.int16,
    "value": np.float32,
    "splits": np.int32,
    "leaves": np.int32,
}
"""As in ``trees.c``, in its order."""


class _Trees(ctypes.Structure):
    _fields_ = (*((name, ctypes.c_void_p) for name in ARRAYS), ("count", ctypes.c_int32))


class Trees:
    """A trained model: features of a block to the chance that it belongs to the main text."""

    def __init__(self, arrays: dict[str, NDArray[np.generic]]) -> None:
        """Raises ValueError where the arrays are no trees: the C part trusts them."""
        self.arrays = {name: np.ascontiguousarray(arrays[name], dtype) for name, dtype in ARRAYS.items()}
        self.count = len(self.arrays["splits"]) - 1
        self._check()
        pointers = [array.ctypes.data for array in self.arrays.values()]
        self._native = _Trees(*pointers, self.count)

    @classmethod
    def load(cls, file: Path, name: str) -> "Trees":
        """One of the models in a file of weights."""
        with np.load(file, allow_pickle=False) as arrays:
            return cls({array: arrays[f"{name}_{array}"] for array in ARRAYS})

    def chance(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Rows x features to one number in (0, 1) per row. Needs the C part."""
        library = native.load("trees")
        assert library is not None, "callers ask available() first"
        rows = np.ascontiguousarray(rows, np.float32)
        out = np.empty(len(rows), np.float32)
        if self.count and len(rows) and rows.shape[1] <= int(self.arrays["feature"].max(initial=0)):
            raise ValueError(f"the model was trained on more features than the {rows.shape[1]} that a block has")
        pointer, size = ctypes.c_void_p, ctypes.c_int64
        library.trees_chance(
            ctypes.byref(self._native), pointer(rows.ctypes.data), size(len(rows)), size(rows.shape[1]),
            pointer(out.ctypes.data),
        )  # fmt: skip
        return out

    def _check(self) -> None:
        splits, leaves = self.arrays["splits"], self.arrays["leaves"]
        sizes, leaf_counts = np.diff(splits), np.diff(leaves)
        ends = splits[0] == leaves[0] == 0 and splits[-1] == len(self.arrays["feature"])
        if not (ends and leaves[-1] == len(self.arrays["value"]) and (leaf_counts == sizes + 1).all()):
            raise ValueError("no trees: the numbers of splits and leaves do not fit each other")
        number = np.arange(splits[-1]) - np.repeat(splits[:-1], sizes)  # of each split within its tree
        for side in ("left", "right"):
            child, size = self.arrays[side].astype(np.int32), np.repeat(sizes, sizes)
            # A child that is a split comes later, so that every walk ends.
            if not np.where(child >= 0, (child > number) & (child < size), ~child <= size).all():
                raise ValueError(f"no trees: a {side} child is out of range")
