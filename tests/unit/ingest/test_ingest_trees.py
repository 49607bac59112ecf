"""The model's trees, evaluated in C."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.ingest import blocks, extract
from include.ingest.trees import Trees


def walk(trees: Trees, row: np.ndarray) -> float:
    """One row's chance, one split after the other."""
    arrays, total = trees.arrays, 0.0
    for tree in range(trees.count):
        first, leaf = int(arrays["splits"][tree]), int(arrays["leaves"][tree])
        at = 0 if arrays["splits"][tree + 1] > first else -1
        while at >= 0:
            split = first + at
            side = "left" if row[arrays["feature"][split]] <= arrays["threshold"][split] else "right"
            at = int(arrays[side][split])
        total += float(arrays["value"][leaf + ~at])
    return 1 / (1 + np.exp(-total))


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 20))
def test_c_and_python_agree(seed: int, count: int) -> None:
    trees = Trees.load(extract.WEIGHTS, "first")
    rows = np.random.default_rng(seed).normal(0, 3, (count, blocks.Blocks("<p>x").rows.shape[1])).astype(np.float32)
    assert trees.chance(rows) == pytest.approx([walk(trees, row) for row in rows], abs=1e-6)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [("left", 0, "left"), ("right", 30_000, "right"), ("left", -30_000, "left"), ("splits", 5, "fit each other")],
)
def test_arrays_that_are_no_trees_are_refused(name: str, value: int, message: str) -> None:
    arrays = {key: array.copy() for key, array in Trees.load(extract.WEIGHTS, "first").arrays.items()}
    arrays[name][-1] = value
    with pytest.raises(ValueError, match=message):
        Trees(arrays)


def test_rows_with_too_few_features_are_refused() -> None:
    with pytest.raises(ValueError, match="more features than the 3"):
        Trees.load(extract.WEIGHTS, "first").chance(np.zeros((2, 3), np.float32))
