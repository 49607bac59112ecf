"""The teacher fell into a loop: the same lines, paragraphs or runs of words again and again (Gopher, table A1)."""

import numpy as np

from include.ingest.quality.params import GopherQualityParams, GopherRepetitionParams
from include.recipes.recipe import Bounds
from include.validate.checks.check import Check
from include.validate.rows import Rows, Values

GOPHER = {name.removeprefix("max_"): bound for name, bound in GopherRepetitionParams().model_dump().items()}
"""Highest share by signal."""
FEWEST_WORDS = GopherQualityParams().min_words
"""Of a document for Gopher. In a shorter text any two words are a large share of the characters."""


def measure(rows: Rows) -> Values:
    """The largest of Gopher's repetition signals, each divided by its bound: above 1, Gopher would reject the text."""
    most = np.zeros(len(rows))
    is_long = rows.signals["words"].to_numpy() >= FEWEST_WORDS
    for signal, bound in GOPHER.items():
        share = rows.signals[signal].to_numpy() / bound
        most = np.maximum(most, np.where(is_long, share, 0.0) if signal.startswith("top_") else share)
    return most


CHECK = Check("repetition", measure, Bounds(max=1))
