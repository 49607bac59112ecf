"""A question-answer recipe must give question-answer pairs (WRAP, arXiv 2401.16380, 3.1)."""

import re
from itertools import pairwise

import numpy as np

from include.validate.checks.check import Bound, Check
from include.validate.rows import Rows, Values

_TAG = re.compile(r"(?:^|(?<=\s))[*_#]*(Question|Answer):[*_]*", re.MULTILINE)


def count_pairs(text: str) -> int:
    """Questions with at least one word that are followed at once by such an answer."""
    tags_and_texts = _TAG.split(text)[1:]
    tags = [
        (tag, bool(re.search(r"\w", said))) for tag, said in zip(tags_and_texts[::2], tags_and_texts[1::2], strict=True)
    ]
    return sum(first == ("Question", True) and second == ("Answer", True) for first, second in pairwise(tags))


def measure(rows: Rows) -> Values:
    """Pairs of "Question:" and "Answer:"; 0 for prose recipes, which owe none."""
    is_qa = rows.per_recipe(lambda recipe: recipe.contract.kind == "qa")
    pairs = np.zeros(len(rows))
    for row in np.flatnonzero(is_qa):
        pairs[row] = count_pairs(rows.text[row].as_py())
    return pairs


def bounds(rows: Rows) -> tuple[Bound, Bound]:
    """The recipe's own."""
    return rows.per_recipe(lambda recipe: recipe.contract.min_pairs), np.inf


CHECK = Check("contract", measure, bounds)
