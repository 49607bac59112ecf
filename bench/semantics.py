"""How well and how fast the checks on meaning work. Runs in the engine's environment.

Run: ``.venv-engine/bin/python -m bench.semantics``. Writes ``bench/results/semantics.json``:

- on the calibration pairs, how well each figure tells the pairs of a label from the faithful ones (area under the ROC
  curve, and at the recipes' bounds), beside what is usually taken, the least similar sentence;
- reworded benchmark items beside others on the same subject, and what shared n-grams find of them;
- rates beside bare transformers.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import torch
import yaml
from numpy.typing import NDArray

from bench.semantics_rate import rates
from include.ingest.benchmarks import Item
from include.ingest.contamination import find, load_benchmarks
from include.ingest.ngrams import fold_words
from include.recipes.recipe import Bounds
from include.recipes.registry import load_recipe
from include.validate.audit import FAITHFUL, FOLDER, generations_of, load_pairs
from include.validate.checks import benchmark_similarity, similarity, support
from include.validate.gate_params import GateParams
from include.validate.semantics.benchmarks import Benchmarks
from include.validate.semantics.encoder import Encoder
from include.validate.semantics.measure import measure
from include.validate.semantics.units import split_units
from include.validate.texts import read_texts

HERE = Path(__file__).parent
RESULT = HERE / "results" / "semantics.json"
SOURCES = 8


def area(bad: NDArray[np.float64], good: NDArray[np.float64]) -> float:
    """Of the ROC curve: how often a bad pair's value is below a good one's."""
    return float((bad[:, None] < good).mean() + (bad[:, None] == good).mean() / 2)


def least_similar_sentence(encoder: Encoder, text: str, source: str) -> float:
    """The lowest, over the text's sentences, of the highest cosine with a sentence of the source."""
    vectors = [torch.nn.functional.normalize(encoder.encode(split_units(each, "en")).totals) for each in (text, source)]
    return float((vectors[0] @ vectors[1].T).max(dim=1).values.min())


def on_pairs(encoder: Encoder) -> dict[str, Any]:
    pairs = load_pairs(FOLDER / "calibration")
    table = generations_of(pairs)
    recipes = [load_recipe(pair.recipe) for pair in pairs]
    texts = read_texts(table, recipes).text
    measured = measure(table.append_column("language", [["en"] * len(pairs)]), ["en"], encoder, NO_ITEMS)
    figures = {name: measured[name].to_numpy().astype(np.float64) for name in ("similarity", "support")}
    figures["least_similar_sentence"] = np.array(
        [
            least_similar_sentence(encoder, text, pair.source) if split_units(text, "en") else np.nan
            for text, pair in zip(texts, pairs, strict=True)
        ]
    )
    params, rejected = GateParams(), np.zeros(len(pairs), np.bool_)
    for check in (similarity.CHECK, support.CHECK):
        values = figures[check.name]
        rejected |= ~check.passes(params, recipes, np.arange(len(pairs)), values) & ~np.isnan(values)
    labels = np.array([pair.label for pair in pairs])
    good = labels == FAITHFUL
    by_label = {}
    for label in sorted(set(labels) - {FAITHFUL}):
        of_label = labels == label
        by_label[str(label)] = {
            "pairs": int(of_label.sum()),
            "rejected_at_the_bounds": int((of_label & rejected).sum()),
            **{
                f"area_{name}": round(area(*(values[rows & ~np.isnan(values)] for rows in (of_label, good))), 3)
                for name, values in figures.items()
            },
        }
    return {"faithful": int(good.sum()), "faithful_rejected": int((good & rejected).sum()), "labels": by_label}


def on_benchmark_items(encoder: Encoder) -> dict[str, Any]:
    pairs = yaml.safe_load((HERE / "benchmark_pairs.yaml").read_text())
    items = [Item("pairs", number, " ".join(fold_words(pair["item"])), 0) for number, pair in enumerate(pairs, 1)]
    vectors = torch.nn.functional.normalize(encoder.encode([item.words for item in items]).totals)
    bounds = benchmark_similarity.CHECK.usual
    assert isinstance(bounds, Bounds)
    assert bounds.max is not None
    result: dict[str, Any] = {"bound": bounds.max}
    listed = RESULT.with_suffix(".items.tmp.txt")
    listed.write_text("\n".join(pair["item"] for pair in pairs))
    by_ngrams = load_benchmarks([listed])
    listed.unlink()
    for kind in ("same", "other"):
        texts = [text for pair in pairs for text in pair[kind]]
        values = []
        for text in texts:
            units = split_units(text, "en")
            closest = Benchmarks(items, vectors).closest(encoder.encode(units), [np.arange(len(units))])
            values.append(closest[0][0])
        found = find(pa.array(texts, pa.large_string()), by_ngrams)
        result[kind] = {
            "texts": len(texts),
            "rejected": int((np.array(values) > bounds.max).sum()),
            "found_by_shared_ngrams": len(set(found["row"].to_pylist())),
            "quantiles_0_10_50_90_100": np.quantile(values, (0, 0.1, 0.5, 0.9, 1)).round(2).tolist(),
        }
    return result


NO_ITEMS = Benchmarks([], torch.empty(0))


def main() -> None:
    encoder = Encoder()
    result = {
        "calibration_pairs": on_pairs(encoder),
        "benchmark_items": on_benchmark_items(encoder),
        "rates": {"device": encoder.device, **rates(encoder, SOURCES)},
    }
    RESULT.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
