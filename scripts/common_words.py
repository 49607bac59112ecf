"""Make ``include/validate/facts/common.txt``: English words that are written with a small letter.

Run from the project's folder: ``python -m scripts.common_words <folder of html_gold> <tokenizer.json>``.

A word is taken if two of the pages have it with a small letter, and not mostly with a capital inside sentences; or if
it is a token of SmolLM2's vocabulary (Apache-2.0, 49,152 byte-pair tokens in the order in which they were learnt) that
was learnt before the same word with a capital. What counts is how words are written: no text is taken over.
"""

import json
import re
import sys
import textwrap
from collections import Counter
from pathlib import Path

from bench import gold

OUT = Path(__file__).resolve().parent.parent / "include" / "validate" / "facts" / "common.txt"
_SMALL = re.compile(r"(?<![\w.@/’'-])[a-z]{2,}(?![\w@/]|\.[a-z])")
_CAPITAL_INSIDE = re.compile(r"(?<=[a-z,] )[A-Z][a-z]+")
_LEARNT = re.compile("Ġ[a-z]{2,}")
SHORTEST_TOKEN = 5
"""Letters: shorter tokens are often the first part of a word; those a page must have."""


def main(pages: Path, tokenizer: Path) -> None:
    small: Counter[str] = Counter()
    capital: Counter[str] = Counter()
    for page in gold.load(pages):
        small.update(set(_SMALL.findall(page.text)))
        capital.update({word.lower() for word in _CAPITAL_INSIDE.findall(page.text)})
    rank = json.loads(tokenizer.read_text())["model"]["vocab"]
    learnt = {
        token[1:]
        for token, place in rank.items()
        if _LEARNT.fullmatch(token) and place < rank.get(f"Ġ{token[1:].capitalize()}", len(rank))
    }
    words = {word for word, pages_ in small.items() if pages_ >= 2 and pages_ > capital[word] / 2}
    words |= {word for word in learnt if len(word) >= SHORTEST_TOKEN or word in small}
    head = "# English words that are written with a small letter. Made by scripts/common_words.py; do not edit.\n"
    OUT.write_text(head + textwrap.fill(" ".join(sorted(words)), 120) + "\n", encoding="ascii")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
