"""How fast meanings are measured, beside a bare encoding of the same sentences with transformers."""

import resource
from itertools import count
from typing import Any

import numpy as np
import pyarrow as pa
import torch
import yaml
from transformers import AutoModel, AutoTokenizer

from bench.timing import seconds
from include.recipes.registry import load_recipe
from include.schemas import GENERATION
from include.settings import PROJECT
from include.validate.semantics.benchmarks import Benchmarks
from include.validate.semantics.encoder import MAX_TOKENS, Encoder, model_folder
from include.validate.semantics.measure import batches, measure
from include.validate.semantics.units import split_units
from include.validate.texts import read_texts

CHARACTERS = 1000
RECIPES = ("easy", "medium", "hard", "guided_rewrite")
PEER_BATCH = 32
"""Sentences; what sentence-transformers takes unless told otherwise."""


def generations(sources: int) -> pa.Table:
    """Sources of about 1 kB of real prose, each under four recipes. A number makes each sentence another one."""
    articles = yaml.safe_load((PROJECT / "include/sample/articles.yaml").read_text())
    prose = [sentence for article in articles for sentence in split_units(article["text"], "en")]
    numbers = count()

    def text() -> str:
        taken: list[str] = []
        while sum(map(len, taken)) < CHARACTERS:
            number = next(numbers)
            taken.append(f"{prose[number % len(prose)][:-1]} {number}.")
        return " ".join(taken)

    rows = []
    for number in range(sources):
        source = text()
        for recipe in RECIPES:
            output = f"<plan>Mend it.</plan><rewrite>{text()}</rewrite>" if recipe == "guided_rewrite" else text()
            key = f"{number}-{recipe}"
            given = {"source": source, "output": output, "source_tokens": 250, "made_of": [key]}
            place = {"generation_key": key, "doc_id": str(number), "segment": 0, "variant": 0, "recipe": recipe}
            rows.append(place | given)
    return pa.Table.from_pylist(rows, schema=GENERATION).append_column("language", [["en"] * len(rows)])


class Bare:
    """What a model's card shows: sentences by length in batches of 32, mean of the tokens, length 1."""

    def __init__(self) -> None:
        self.tokenizer = AutoTokenizer.from_pretrained(model_folder())
        self.model = AutoModel.from_pretrained(model_folder(), dtype=torch.float32).eval()

    def encode(self, sentences: list[str]) -> torch.Tensor:
        order = sorted(range(len(sentences)), key=lambda place: -len(sentences[place]))
        made = []
        with torch.inference_mode():
            for start in range(0, len(order), PEER_BATCH):
                batch = [sentences[place] for place in order[start : start + PEER_BATCH]]
                fed = self.tokenizer(batch, padding=True, truncation=True, max_length=MAX_TOKENS, return_tensors="pt")
                hidden = self.model(**fed).last_hidden_state
                mask = fed["attention_mask"][:, :, None]
                made.append(torch.nn.functional.normalize((hidden * mask).sum(1) / mask.sum(1)))
        return torch.cat(made)[torch.from_numpy(np.argsort(order))]


def rates(encoder: Encoder, sources: int) -> dict[str, Any]:
    """Rows and sentences a second of a core's time; equality with the peer; memory over more batches."""
    rows, bare, none = generations(sources), Bare(), Benchmarks([], torch.empty(0))
    texts = read_texts(rows, [load_recipe(name) for name in rows["recipe"].to_pylist()]).text
    every = [unit for text in (*texts, *rows["source"].to_pylist()) for unit in split_units(text, "en")]
    distinct = list(dict.fromkeys(every))
    ours = torch.nn.functional.normalize(encoder.encode(distinct[:200]).totals)
    result: dict[str, Any] = {
        "rows": len(rows),
        "characters_per_text": CHARACTERS,
        "recipes_per_source": len(RECIPES),
        "sentences": len(every),
        "distinct_sentences": len(distinct),
        "least_cosine_with_the_peer": round(float((ours * bare.encode(distinct[:200])).sum(1).min()), 6),
    }
    torch.set_num_threads(1)
    whole, encoded, peer, peer_all = seconds(
        lambda: [measure(batch, ["en"], encoder, none) for batch in batches(rows)],
        lambda: encoder.encode(distinct),
        lambda: bare.encode(distinct),
        lambda: bare.encode(every),
        repeats=3,
    )
    result |= {
        "rows_per_second_and_core": round(len(rows) / whole, 1),
        "sentences_per_second_and_core": round(len(distinct) / encoded, 1),
        "encoding_over_bare_encoding_of_the_distinct_sentences": round(encoded / peer, 2),
        "measuring_over_bare_encoding_of_the_distinct_sentences": round(whole / peer, 2),
        "measuring_over_bare_encoding_of_all_sentences": round(whole / peer_all, 2),
    }
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(3):
        measure(rows, ["en"], encoder, none)
    result["peak_memory_grows_over_more_batches_by_mb"] = round(
        (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    )
    return result
