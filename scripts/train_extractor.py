"""Train the model behind ``include/ingest/extract.py`` on pages with hand-made main text, and say how good it is.

Run from the project's folder in an environment of its own with numpy, lightgbm 4 and rapidfuzz 3 (the project needs
neither of the latter two): ``python -m scripts.train_extractor <folder of html_gold>``.

It writes the weights and, into ``bench/results/extract_folds.json``, the scores: each page's text is made by a model
that saw no page of its site (folds by site), through the same code that ingest runs.
"""

import hashlib
import json
import re
import sys
from collections import Counter
from pathlib import Path

import lightgbm
import numpy as np
from rapidfuzz.distance import LCSseq

from bench import gold
from include.ingest import blocks, extract
from include.ingest.trees import ARRAYS, Trees

FOLDS = 10
RESULT = Path(__file__).resolve().parent.parent / "bench" / "results" / "extract_folds.json"
ROUNDS = 250
PARAMS = {
    "objective": "cross_entropy",
    "num_leaves": 24,
    "learning_rate": 0.08,
    "min_data_in_leaf": 60,
    "min_sum_hessian_in_leaf": 5,
    "lambda_l2": 10,
    "extra_trees": True,  # thresholds drawn at random: few pages, and the best threshold is mostly theirs alone
    "feature_fraction": 0.2,
    "bagging_fraction": 0.5,
    "bagging_freq": 1,
    "max_bin": 63,
    "num_threads": 1,
    "deterministic": True,
    "seed": 1,
    "verbose": -1,
}
NGRAM = 4
_WORD = re.compile(r"\w+")


def label(texts: list[str], wanted: str) -> np.ndarray:
    """Per block the share of its words that the gold text has in the same order, or (8 words and more) as n-grams."""
    ours, golden = [_WORD.findall(text.lower()) for text in texts], _WORD.findall(wanted.lower())
    words = [word for block in ours for word in block]
    owner = np.repeat(np.arange(len(texts)), [len(block) for block in ours])
    in_order, in_grams = np.zeros(len(words), bool), np.zeros(len(words), bool)
    for step in LCSseq.opcodes(words, golden):
        in_order[step.src_start : step.src_end] |= step.tag == "equal"
    grams = {tuple(golden[i : i + NGRAM]) for i in range(len(golden) - NGRAM + 1)}
    for i in range(len(words) - NGRAM + 1):
        if tuple(words[i : i + NGRAM]) in grams:
            in_grams[i : i + NGRAM] = True
    sizes = np.array([len(block) for block in ours])
    hits = [np.bincount(owner[found], minlength=len(texts)) for found in (in_order, in_grams)]
    share = np.where(sizes >= 8, np.maximum(*hits), hits[0]) / np.maximum(sizes, 1)
    return _without_repeats(share, ours, " ".join(golden))


def _without_repeats(share: np.ndarray, ours: list[list[str]], golden: str) -> np.ndarray:
    """A long text that stands more often on the page than in the gold text counts only so often."""
    seen: Counter[str] = Counter()
    for number, words in enumerate(ours):
        if len(words) >= 8 and share[number] >= 0.5:
            text = " ".join(words)
            seen[text] += 1
            if seen[text] > max(golden.count(text), 1):
                share[number] = 0
    return share


def weigh(words: np.ndarray, share: np.ndarray) -> np.ndarray:
    """A block's weight in training: its part of what decides the page's F1."""
    return (words + 1) / (max((words * share).sum(), 30) + 0.25 * words.sum())


def fit(rows: np.ndarray, share: np.ndarray, weight: np.ndarray) -> Trees:
    data = lightgbm.Dataset(rows, share, weight=weight)
    return Trees(to_arrays(lightgbm.train(PARAMS, data, ROUNDS).dump_model()["tree_info"]))


def to_arrays(trees: list[dict]) -> dict[str, np.ndarray]:
    """LightGBM's trees in the form of ``trees.c``."""
    out: dict[str, list] = {name: [] for name in ARRAYS}
    out["splits"], out["leaves"] = [0], [0]
    for tree in trees:
        splits: list[dict] = []
        values: list[float] = []
        _flatten(tree["tree_structure"], splits, values)
        for split in splits:
            for name in ("feature", "threshold", "left", "right"):
                out[name].append(split[name])
        out["value"] += values
        out["splits"].append(len(out["feature"]))
        out["leaves"].append(len(out["value"]))
    return {name: np.array(out[name], kind) for name, kind in ARRAYS.items()}


def _flatten(node: dict, splits: list[dict], values: list[float]) -> int:
    """Number the nodes, parents first; returns the node's number (the complement of it for a leaf)."""
    if "leaf_value" in node:
        values.append(node["leaf_value"])
        return ~(len(values) - 1)
    # Features are float32: the largest float32 that is at most the threshold decides the same.
    threshold = np.float32(node["threshold"])
    if threshold > node["threshold"]:
        threshold = np.nextafter(threshold, np.float32(-np.inf))
    split = {"feature": node["split_feature"], "threshold": threshold}
    number = len(splits)
    splits.append(split)
    split["left"] = _flatten(node["left_child"], splits, values)
    split["right"] = _flatten(node["right_child"], splits, values)
    return number


def fold_of(page: gold.Page) -> int:
    return int(hashlib.md5(page.site.encode()).hexdigest(), 16) % FOLDS


def main(folder: Path) -> None:
    pages = gold.load(folder)
    read = [blocks.read(page.html) for page in pages]
    shares = [
        label(found.texts(np.arange(len(found.layout))), page.text) for found, page in zip(read, pages, strict=True)
    ]
    weights = [weigh(found.layout[:, blocks.WORDS], share) for found, share in zip(read, shares, strict=True)]
    fold = np.array([fold_of(page) for page in pages])

    def train(chosen: np.ndarray) -> Trees:
        rows, share, weight = (np.concatenate([column[i] for i in chosen]) for column in (_rows(read), shares, weights))
        weight = np.minimum(weight, np.quantile(weight, 0.999))
        return fit(rows, share, weight / weight.mean())

    texts = {}
    for number in range(FOLDS):
        model = train(np.flatnonzero(fold != number))
        for i in np.flatnonzero(fold == number):
            texts[pages[i].id] = extract.render(read[i], model.chance(read[i].rows)).text
        print(f"fold {number + 1} of {FOLDS}", flush=True)
    result = {"folds": FOLDS, "pages": len(pages), **gold.score(pages, texts)}
    RESULT.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))
    np.savez_compressed(extract.WEIGHTS, **train(np.arange(len(pages))).arrays)
    print(f"{extract.WEIGHTS}: {extract.WEIGHTS.stat().st_size} bytes")


def _rows(read: list[blocks.Blocks]) -> list[np.ndarray]:
    return [found.rows for found in read]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
