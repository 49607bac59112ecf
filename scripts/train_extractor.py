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
    "bagging_fraction": 0.4,
    "bagging_freq": 1,
    "max_bin": 63,
    "num_threads": 1,
    "deterministic": True,
    "verbose": -1,
}
SECOND_PARAMS = {"num_leaves": 16, "lambda_l2": 20, "feature_fraction": 0.4}
SECOND_ROUNDS = 150
SEEDS = (1, 2)
"""Models whose mean decides: with so few pages, one model's chances owe much to its draws."""
INNER_FOLDS = 3
"""The second model learns from chances that first models gave to pages they had not seen, as it will in use."""
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


def boost(params: dict, rounds: int, rows: list, share: list, weight: list, seeds: tuple[int, ...] = SEEDS) -> Trees:
    """Trees over the blocks of some pages: lists by page. Pages without any block teach nothing."""
    rows = [of_page for of_page in rows if len(of_page)]
    weights = np.concatenate(weight)
    weights = np.minimum(weights, np.quantile(weights, 0.999))
    data = lightgbm.Dataset(np.concatenate(rows), np.concatenate(share), weight=weights / weights.mean())
    models = [lightgbm.train({**PARAMS, **params, "seed": seed}, data, rounds) for seed in seeds]
    return Trees(to_arrays([tree for model in models for tree in model.dump_model()["tree_info"]], len(seeds)))


def fit(read: list[blocks.Blocks], share: list, weight: list, groups: np.ndarray) -> tuple[Trees, Trees]:
    """Both models. Pages of one group (site) are never on both sides of an inner fold."""

    def first(chosen: np.ndarray, seeds: tuple[int, ...]) -> Trees:
        rows = [read[i].rows for i in chosen]
        return boost({}, ROUNDS, rows, [share[i] for i in chosen], [weight[i] for i in chosen], seeds)

    contexts: list = [None] * len(read)
    for number in range(INNER_FOLDS):
        inside = groups % INNER_FOLDS == number
        inner = first(np.flatnonzero(~inside), SEEDS[:1])
        for i in np.flatnonzero(inside):
            contexts[i] = read[i].context(inner.chance(read[i].rows))
    second = boost(SECOND_PARAMS, SECOND_ROUNDS, contexts, share, weight)
    return first(np.arange(len(read)), SEEDS), second


def to_arrays(trees: list[dict], models: int) -> dict[str, np.ndarray]:
    """LightGBM's trees, of several models, in the form of ``trees.c``: their sum is the mean of the models' sums."""
    out: dict[str, list] = {name: [] for name in ARRAYS}
    out["splits"], out["leaves"] = [0], [0]
    for tree in trees:
        splits: list[dict] = []
        values: list[float] = []
        _flatten(tree["tree_structure"], splits, values)
        for split in splits:
            for name in ("feature", "threshold", "left", "right"):
                out[name].append(split[name])
        out["value"] += [value / models for value in values]
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


def main(folder: Path) -> None:
    pages = gold.load(folder)
    read = [blocks.Blocks(page.html) for page in pages]
    shares = [label(found.texts(np.arange(len(found))), page.text) for found, page in zip(read, pages, strict=True)]
    weights = [weigh(found.layout[:, blocks.WORDS], share) for found, share in zip(read, shares, strict=True)]
    groups = np.array([int(hashlib.md5(page.site.encode()).hexdigest(), 16) % (FOLDS * INNER_FOLDS) for page in pages])

    def train(chosen: np.ndarray) -> tuple[Trees, Trees]:
        read_, shares_, weights_ = ([column[i] for i in chosen] for column in (read, shares, weights))
        return fit(read_, shares_, weights_, groups[chosen])

    texts = {}
    for number in range(FOLDS):
        inside = groups // INNER_FOLDS == number
        models = train(np.flatnonzero(~inside))
        for i in np.flatnonzero(inside):
            texts[pages[i].id] = extract.render(read[i], extract.judge(read[i], *models)).text
        print(f"fold {number + 1} of {FOLDS}", flush=True)
    result = {"folds": FOLDS, "pages": len(pages), **gold.score(pages, texts)}
    RESULT.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))
    first, second = train(np.arange(len(pages)))
    arrays = {
        f"{name}_{key}": array
        for name, model in (("first", first), ("second", second))
        for key, array in model.arrays.items()
    }
    np.savez_compressed(extract.WEIGHTS, **arrays)
    print(f"{extract.WEIGHTS}: {extract.WEIGHTS.stat().st_size} bytes")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
