"""Generations for the gate's benchmarks: sources of about 1 kB and what a teacher makes of them, in two kinds.

``ordinary``: a page is put together of paragraphs of the sample's articles and of audit sources, half and half, 4
numbers and 6 names a thousand characters; its four rows (:data:`FOUR`) follow each other, as on a dump. Outputs are
written by rule: sentences change places, a third of the ordinary words are others, some begin with a new word; numbers
and names stay. One audit paragraph in eight comes in its author's faithful rewriting.

``audit``: faithful pairs of the audit set, one behind the other. They say numbers, dates and names in other words on
purpose, in nearly every row: the gate's worst case.
"""

import random
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Literal

import pyarrow as pa
import yaml

from bench.quality_texts import ARTICLES
from include.schemas import GENERATION
from include.validate.audit import FOLDER, Pair, load_pairs
from include.validate.facts.dates import FORMS
from include.validate.facts.lexicon import common_words
from include.validate.facts.number_words import NUMBER_WORDS

Kind = Literal["ordinary", "audit"]
KINDS: tuple[Kind, ...] = ("ordinary", "audit")
CHARACTERS = 1000
FOUR = ("easy", "medium", "hard", "qa")
"""WRAP's four styles (arXiv 2401.16380, 3.1), each made of every source."""
RECIPES = ("easy", "medium", "hard", "wikipedia", "qa")
_ORDINARY = re.compile(r"(?<![\w./@-])[a-z]{4,}\b(?![./@-]\w|://)")
_SENTENCE_END = re.compile(r"(?<=[a-z][.!?]) +(?=[A-Z])")
_OPENERS = ("Also", "However", "In addition", "In other words", "As a result", "Moreover", "In fact", "Meanwhile")
_KEPT = frozenset((*NUMBER_WORDS, *FORMS))
"""What says a number or a date."""
_ASKED = ("What is said of {}?", "What do we learn of {}?", "How about {}?", "Which facts are given on {}?")
_CHANGED = 0.3
"""Share of the ordinary words that a rule-made rewriting says otherwise."""
_REWRITTEN = 1 / 8
"""Share of the audit's paragraphs that come in the author's rewriting."""

Change = Callable[..., str]


def make_generations(rows: int, seed: int = 0, changed: float = 0.0, kind: Kind = "ordinary") -> pa.Table:
    """Rows (GENERATION), four to a page.

    Args:
        changed: share of the sources' ordinary words that are changed at random, so that pages are no copies of each
            other (of the outputs' in place of that, of audit texts).
    """
    draw = random.Random(seed)
    vocabulary = _vocabulary()

    def change(text: str, share: float = changed) -> str:
        def other(match: re.Match[str]) -> str:
            return draw.choice(vocabulary) if draw.random() < share and match[0] not in _KEPT else match[0]

        return _ORDINARY.sub(other, text) if share else text

    made = _ordinary(draw, change) if kind == "ordinary" else _audit(draw, change)
    return pa.Table.from_pylist([_row(number, *next(made)) for number in range(rows)], schema=GENERATION)


def _row(number: int, recipe: str, source: str, output: str) -> dict[str, object]:
    return {
        "generation_key": f"{number:08d}",
        "doc_id": f"{number // 4:032x}",
        "crawl": "BENCH-1",
        "segment": 0,
        "variant": 0,
        "source": source,
        "source_tokens": len(source) // 4,
        "sentences": 1,
        "document_sentences": 1,
        "recipe": recipe,
        "made_of": [f"{number:08d}"],
        "output": output,
        "finish_reason": "stop",
        "completion_tokens": len(output) // 4,
    }


@cache
def _good() -> list[Pair]:
    written = load_pairs(FOLDER / "calibration")
    # Sources that give a language model orders are far rarer on the web than in the audit set.
    planted = {pair.source for pair in written if pair.label == "injected"}
    return [pair for pair in written if pair.good and pair.source not in planted and pair.recipe in RECIPES]


@cache
def _vocabulary() -> list[str]:
    words = [word for pair in _good() for word in _ORDINARY.findall(pair.source)]
    return [word for word in words if word not in _KEPT]


def _audit(draw: random.Random, change: Change) -> Iterator[tuple[str, str, str]]:
    of_recipe = {recipe: [pair for pair in _good() if pair.recipe == recipe] for recipe in RECIPES}
    while True:
        for recipe in RECIPES:
            pairs: list[Pair] = []
            for pair in draw.sample(of_recipe[recipe], len(of_recipe[recipe])):
                if sum(len(pair.output) for pair in pairs) < CHARACTERS - 200:
                    pairs.append(pair)
            yield (
                recipe,
                change("\n\n".join(pair.source for pair in pairs)),
                change("\n\n".join(pair.output for pair in pairs)),
            )


def _ordinary(draw: random.Random, change: Change) -> Iterator[tuple[str, str, str]]:
    articles = [text for entry in yaml.safe_load(ARTICLES.read_text()) for text in entry["text"].strip().split("\n\n")]
    pairs = [pair for pair in _good() if pair.recipe != "qa"]
    while True:
        page: list[tuple[str, str | None]] = []
        while sum(len(source) for source, _ in page) < CHARACTERS - 200:
            pair = draw.choice(pairs)
            page += [(draw.choice(articles), None), (pair.source, pair.output)][: 1 if len(page) > 1 else 2]
        draw.shuffle(page)
        page = [(change(source), output) for source, output in page]
        for recipe in FOUR:
            told = [
                output if output and draw.random() < _REWRITTEN else _retell(source, recipe, draw, change)
                for source, output in page
            ]
            yield recipe, "\n\n".join(source for source, _ in page), "\n\n".join(told)


def _retell(paragraph: str, recipe: str, draw: random.Random, change: Change) -> str:
    sentences = _SENTENCE_END.split(" ".join(paragraph.split()))
    if recipe == "qa":
        # Two sentences to an answer.
        told = [" ".join(sentences[place : place + 2]) for place in range(0, len(sentences), 2)]
        return "\n\n".join(
            f"Question: {draw.choice(_ASKED).format(' '.join(_ORDINARY.findall(answer)[:3]))}\n"
            f"Answer: {change(answer, _CHANGED)}"
            for answer in told
        )
    for place in range(len(sentences) - 1):
        if draw.random() < 0.3:
            sentences[place : place + 2] = reversed(sentences[place : place + 2])
    return " ".join(_begin(change(sentence, _CHANGED), draw) for sentence in sentences)


def _begin(sentence: str, draw: random.Random) -> str:
    first, _, rest = sentence.partition(" ")
    if draw.random() < 0.7 or first.lower() not in common_words():
        return sentence
    return f"{draw.choice(_OPENERS)}, {first.lower()} {rest}"
