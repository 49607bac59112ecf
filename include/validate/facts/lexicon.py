"""Common English words: what is not one of them, nor formed of one, and has a capital may be a name."""

import re
from functools import cache, lru_cache
from pathlib import Path

FOLDER = Path(__file__).parent
_SMALL = re.compile(r"(?<![\w-])[a-z]{2,}(?![\w-])")
_LEAST_COMMON = 0.5
"""Share of a text's words in small letters that must be common English ones: 0.9 in English, below 0.2 elsewhere."""
_FORMS = (
    ("s", ""), ("es", ""), ("ies", "y"), ("ed", ""), ("ed", "e"), ("ied", "y"), ("ing", ""), ("ing", "e"), ("ly", ""),
    ("ily", "y"), ("er", ""), ("er", "e"), ("ier", "y"), ("est", ""), ("iest", "y"), ("ers", ""), ("ers", "e"),
    ("ness", ""), ("less", ""), ("ful", ""), ("able", ""), ("able", "e"), ("ment", ""), ("ments", ""), ("y", ""),
    ("ally", ""), ("ation", "e"), ("ation", ""), ("ity", ""), ("ity", "e"), ("ism", ""), ("ist", ""), ("ists", ""),
    ("ish", ""), ("like", ""), ("d", ""), ("r", ""), ("ically", "ic"), ("ably", "able"), ("ability", "able"),
    ("ization", "ize"), ("isation", "ize"), ("ise", "ize"), ("ised", "ize"), ("ising", "ize"), ("our", "or"),
    ("ours", "or"), ("re", "er"),
)  # fmt: skip
"""Endings, and what stands there in the word that they were added to."""
_PREFIXES = ("un", "re", "over", "under", "non", "out", "pre", "mis", "dis", "in", "im", "up", "sub", "anti", "co")
STEM = 6
"""Letters that a word formed of an English one shares with it."""


@lru_cache(maxsize=1)
def common_words() -> frozenset[str]:
    """English words that are written with a small letter (``common.txt``; made by ``scripts/common_words.py``)."""
    lines = (FOLDER / "common.txt").read_text(encoding="ascii").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


@lru_cache(maxsize=2**16)
def is_common(word: str) -> bool:
    """Whether a word (in small letters) is a common one, or one with an ending or a prefix."""
    words = common_words()
    word = word.split("'")[0].split("’")[0]
    if word in words or len(word) < 3:
        return True
    for ending, instead in _FORMS:
        stem = word.removesuffix(ending) + instead
        if word.endswith(ending) and len(stem) > 2 and stem in words:
            return True
    return any(word.startswith(prefix) and word[len(prefix) :] in words for prefix in _PREFIXES)


def may_be_formed(word: str) -> bool:
    """Whether a longer word (in small letters) begins as a common one does, or is made of two (as names are, too)."""
    common = common_words()
    if len(word) > STEM and word[:STEM] in _stems():
        return True
    return any(word[:place] in common and is_common(word[place:]) for place in range(3, len(word) - 2))


@cache
def _stems() -> frozenset[str]:
    return frozenset(word[:STEM] for word in common_words() if len(word) >= STEM)


def is_english(text: str) -> bool:
    """Whether most words of the text that have small letters are English."""
    words = _SMALL.findall(text)
    common = common_words()
    return sum(word in common for word in words) >= _LEAST_COMMON * len(words)
