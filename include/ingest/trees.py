"""Gradient-boosted trees that ``scripts/train_extractor.py`` trains and ``native/trees.c`` evaluates."""

import ctypes
from collections.abc import Iterator
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
"""Of the file. A split sends a row whose feature is at most the threshold to ``left``, any other to ``right``; a child
below 0 is the complement of a leaf's number. ``splits`` and ``leaves`` say where each tree's begin, then the end."""
LANES = 16
"""Rows that ``trees.c`` scores side by side."""
MOST_LEAVES = 32
"""Of a tree: a bit each."""


class _Trees(ctypes.Structure):
    _fields_ = (
        *((name, ctypes.c_void_p) for name in ("threshold", "tree", "keeps", "first", "value")),
        ("features", ctypes.c_int32),
        ("count", ctypes.c_int32),
    )


class Trees:
    """A trained model: features of a block to the chance that it belongs to the main text."""

    def __init__(self, arrays: dict[str, NDArray[np.generic]]) -> None:
        """Raises ValueError where the arrays are no trees: the C part trusts them."""
        self.arrays = {name: np.ascontiguousarray(arrays[name], dtype) for name, dtype in ARRAYS.items()}
        self.count = len(self.arrays["splits"]) - 1
        self._check()
        self._packed = self._pack()
        features = len(self._packed[3]) - 1
        self._native = _Trees(*(array.ctypes.data for array in self._packed), features, self.count)

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
        columns = np.empty(rows.shape[1] * LANES, np.float32)
        leaves = np.empty(self.count * LANES, np.uint32)
        if self.count and len(rows) and rows.shape[1] <= int(self.arrays["feature"].max(initial=0)):
            raise ValueError(f"the model was trained on more features than the {rows.shape[1]} that a block has")
        pointer, size = ctypes.c_void_p, ctypes.c_int64
        library.trees_chance(
            ctypes.byref(self._native), pointer(rows.ctypes.data), size(len(rows)), size(rows.shape[1]),
            pointer(columns.ctypes.data), pointer(leaves.ctypes.data), pointer(out.ctypes.data),
        )  # fmt: skip
        return out

    def _pack(self) -> tuple[NDArray[np.generic], ...]:
        """The splits as ``trees.c`` wants them: threshold, tree and leaves that remain, by feature; then the leaves."""
        size = len(self.arrays["feature"])
        keeps, tree_of = np.empty(size, np.uint32), np.empty(size, np.int32)
        value = np.zeros((self.count, MOST_LEAVES), np.float32)
        for tree in range(self.count):
            start, end = self.arrays["splits"][tree : tree + 2].tolist()
            order: list[int] = []  # of the leaves, from left to right
            for split, lost in self._left_leaves(start, end, order):
                keeps[split] = ~np.uint32(lost)
            tree_of[start:end] = tree
            value[tree, : len(order)] = self.arrays["value"][int(self.arrays["leaves"][tree]) + np.array(order)]
        feature, threshold = self.arrays["feature"], self.arrays["threshold"]
        by = np.lexsort((threshold, feature))
        first = np.searchsorted(feature[by], np.arange(int(feature.max(initial=0)) + 2)).astype(np.int32)
        return threshold[by], tree_of[by], keeps[by], first, value

    def _left_leaves(self, start: int, end: int, order: list[int]) -> Iterator[tuple[int, int]]:
        """Each split of a tree with the bits of the leaves on its left; fills in the leaves' order."""
        todo: list[tuple[int, int | None]] = [(0 if end > start else -1, None)]
        while todo:
            at, first = todo.pop()
            if at < 0:
                order.append(~at)
            elif first is None:  # first its left side, then itself, then its right side
                todo += [(int(self.arrays["right"][start + at]), None), (at, len(order))]
                todo.append((int(self.arrays["left"][start + at]), None))
            else:
                yield start + at, (1 << len(order)) - (1 << first)

    def _check(self) -> None:
        splits, leaves = self.arrays["splits"], self.arrays["leaves"]
        sizes, leaf_counts = np.diff(splits), np.diff(leaves)
        ends = splits[0] == leaves[0] == 0 and splits[-1] == len(self.arrays["feature"])
        if leaf_counts.max(initial=0) > MOST_LEAVES:
            raise ValueError(f"a tree has {leaf_counts.max()} leaves; at most {MOST_LEAVES} fit")
        if not (ends and leaves[-1] == len(self.arrays["value"]) and (leaf_counts == sizes + 1).all()):
            raise ValueError("no trees: the numbers of splits and leaves do not fit each other")
        number = np.arange(splits[-1]) - np.repeat(splits[:-1], sizes)  # of each split within its tree
        for side in ("left", "right"):
            child, size = self.arrays[side].astype(np.int32), np.repeat(sizes, sizes)
            # A child that is a split comes later, so that every walk ends.
            if not np.where(child >= 0, (child > number) & (child < size), ~child <= size).all():
                raise ValueError(f"no trees: a {side} child is out of range")
