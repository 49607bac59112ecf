"""A page's main text: its blocks, judged by a small model, as Markdown.

``native/html.c`` cuts the page into blocks and describes each by hundreds of numbers (its text, its place, the names of
the elements around it, its neighbours, the page); gradient-boosted trees give the chance that a block belongs to the
main text, and others, from these chances around each block, a second opinion; blocks are kept down to a chance that
depends on how sure the model is of the page as a whole. Without a C compiler :mod:`include.ingest.fallback` does it,
worse and without Markdown.
"""

import hashlib
import itertools
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from include.ingest import blocks, fallback, leftovers, markdown
from include.ingest.charset import decode, looks_like_html
from include.ingest.trees import Trees

__all__ = ["Extraction", "choose", "decode", "extract", "extractor", "looks_like_html", "main_text", "refuse_reason"]

VERSION = 1
"""To be raised with each change of the code that changes texts; the weights tell themselves apart."""
WEIGHTS = Path(__file__).with_name("extract_weights.npz")
SURE_CHANCE = 0.7
"""Blocks are kept from this chance times the square of the F1 that the best choice can expect on the page. Chosen on
out-of-fold chances: a fixed 0.5 loses 0.02 on kinds of pages that the model is unsure of, the best choice itself (half
of the expected F1) loses 0.005 on articles."""
LEAST_CHANCE = 0.1
"""A page whose best block has less is all furniture."""
REPEATED = 50
"""Texts of so many characters count once: pages repeat them for other screens or in previews. What is repeated within
one element is the author's own repetition and stays, for the quality rules to judge."""


@dataclass(frozen=True)
class Extraction:
    """``confidence``: the F1 that the model expects of the text; 0 where the fallback made it."""

    text: str
    confidence: float


def main_text(html: str) -> str:
    """The main content as Markdown, without menus, footers and banners; empty if there is none."""
    return extract(html).text


def extract(html: str) -> Extraction:
    """The main content of a page. Raises MemoryError, and where the fallback is in use what its parser raises."""
    if not blocks.available():
        lines = [line.rstrip() for line in fallback.main_text(html).split("\n")]
        return Extraction(_squeeze("\n".join(leftovers.drop(lines))), 0.0)
    page = blocks.Blocks(html)
    first, second = _models()
    return render(page, judge(page, first, second))


def judge(page: blocks.Blocks, first: Trees, second: Trees) -> NDArray[np.float32]:
    """Each block's chance of belonging to the main text: the mean of both opinions."""
    chance = first.chance(page.rows)
    return (chance + second.chance(page.context(chance))) * np.float32(0.5)


def render(page: blocks.Blocks, chance: NDArray[np.float32]) -> Extraction:
    """The text of a page whose blocks have these chances of belonging to it."""
    chosen, expected = choose(_whole(chance, page.layout), page.layout[:, blocks.WORDS])
    texts, layout = page.texts(chosen), page.layout[chosen].tolist()
    kept = _kept(texts, [place[blocks.PARENT] for place in layout])
    text = markdown.render([layout[number] for number in kept], [texts[number] for number in kept])
    return Extraction(text, expected)


def choose(chance: NDArray[np.float32], words: NDArray[np.int64]) -> tuple[NDArray[np.intp], float]:
    """The numbers of the blocks to keep, in order, and the F1 (by words) that the best choice can expect.

    If the blocks' chances p are right, keeping a set S has an expected F1 of about
    2 sum_S(w p) / (sum_S(w) + sum(w p)), and the best S are the blocks above some chance.
    """
    if chance.max(initial=0) < LEAST_CHANCE:
        return np.empty(0, np.intp), 0.0
    order = np.argsort(-chance, kind="stable")
    right = np.cumsum((words * chance)[order])
    expected = float(np.max(2 * right / np.maximum(np.cumsum(words[order]) + right[-1], 1e-9)))
    least = min(max(SURE_CHANCE * expected**2, LEAST_CHANCE), float(chance.max()))
    return np.flatnonzero(chance >= least), expected


def extractor() -> str:
    """Which extractor works here, with its version: rows of different ones must not be compared."""
    if not blocks.available():
        return f"resiliparse {version('resiliparse')}"
    return f"blocks {VERSION} {_weights_hash()}"


def refuse_reason(html: str) -> str | None:
    """Why a page must not be parsed, or None. The C part takes any page; the fallback's parser hangs on some."""
    return None if blocks.available() else fallback.refuse_reason(html)


def _whole(chance: NDArray[np.float32], layout: NDArray[np.int64]) -> NDArray[np.float32]:
    """Chances of the parts of a text that make sense only as a whole.

    All cells of a data table have one chance, their mean by words; and a table or code has at least the chance of the
    blocks before and after it in the same element, whose words refer to it.
    """
    unit = np.where(layout[:, blocks.PRE] > 0, -1 - np.arange(len(layout)), layout[:, blocks.CELL] >> 40)
    if not unit.any():
        return chance
    chance, weight = chance.copy(), layout[:, blocks.WORDS] + 0.5
    begins = np.flatnonzero(np.diff(unit, prepend=0, append=0))
    for start, end in itertools.pairwise(begins.tolist()):
        if unit[start] == 0:
            continue
        mean = np.average(chance[start:end], weights=weight[start:end])
        inside = start > 0 and end < len(chance)
        if inside and layout[start - 1, blocks.PARENT] == layout[start, blocks.PARENT] == layout[end, blocks.PARENT]:
            mean = max(mean, min(chance[start - 1], chance[end]))
        chance[start:end] = mean
    return chance


def _kept(texts: list[str], parents: list[int]) -> list[int]:
    """The numbers of the texts that are neither leftovers nor said before in another element."""
    clean = set(leftovers.drop(texts))
    first: dict[str, int] = {}
    return [
        number
        for number, (text, parent) in enumerate(zip(texts, parents, strict=True))
        if text in clean and (len(text) < REPEATED or first.setdefault(text, parent) == parent)
    ]


def _squeeze(text: str) -> str:
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return text.strip()


@cache
def _weights_hash() -> str:
    return hashlib.sha256(WEIGHTS.read_bytes()).hexdigest()[:12]


@cache
def _models() -> tuple[Trees, Trees]:
    return Trees.load(WEIGHTS, "first"), Trees.load(WEIGHTS, "second")
