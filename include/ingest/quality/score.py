"""How good a text is, from 0 to 1, and in which of five buckets: what routes it to recipes.

Nemotron-CC (Su et al. 2024, arXiv 2412.02595) scores pages with an ensemble of models and routes by five classes of
quality. Without a model, :class:`SignalScorer` reads the stored signals; a fastText model by path replaces it, and any
other model is one more class with the method of :class:`Scorer`.
"""

from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pydantic import model_validator

from include.errors import BadInput
from include.sections import Section, Share

BUCKETS = ("low", "medium-low", "medium", "medium-high", "high")

RAMPS = {
    "words": (50, 500),
    "alphabetic_words": (0.75, 0.87),
    "stop_words": (2, 8),
    "line_punct_ratio": (0.12, 0.6),
    "short_line_ratio": (0.67, 0.15),
    "new_line_ratio": (0.3, 0.06),
    "duplicate_5_gram": (0.15, 0.01),
}
"""Signal: (value that is worth 0, value that is worth 1), linear between them. Zero is the bound of the published rule
(but for ``alphabetic_words``, whose bound a fifth of real pages miss); one is what the better quarter of 490 real pages
reach (the better half for ``stop_words``, three quarters for ``words``). Measured on gold texts of real pages, the
median is 0.91 for articles, 0.78 for forums, 0.65 for documentation, 0.51 for products, 0.42 for collections."""


class ScoreParams(Section):
    """How pages get their score and bucket."""

    model: Path | None = None
    """A fastText classifier (``.bin`` or ``.ftz``); None scores by the stored signals."""
    label: str = "__label__hq"
    """The label whose probability is the score; so named in DCLM's classifier (arXiv 2406.11794)."""
    edges: tuple[Share, Share, Share, Share] = (0.81, 0.88, 0.92, 0.96)
    """Scores from which on a page is medium-low, medium, medium-high, high. The defaults are the quintiles of
    the 269 of 490 real pages that pass all rules, scored by signals; a model needs its own."""

    @model_validator(mode="after")
    def _ascending(self) -> "ScoreParams":
        if list(self.edges) != sorted(set(self.edges)):
            raise ValueError("edges must ascend: four scores, each above the one before")
        return self


class Scorer(Protocol):
    def score(self, texts: pa.ChunkedArray, signals: pa.Table) -> npt.NDArray[np.float32]:
        """Scores from 0 to 1, one per row; ``signals`` are the rows' (schema SIGNALS)."""


class SignalScorer:
    """The mean of the ramps: needs no text, and says what it rests on. Its words are English (stop words)."""

    def score(self, texts: pa.ChunkedArray, signals: pa.Table) -> npt.NDArray[np.float32]:
        parts = []
        for name, (worst, best) in RAMPS.items():
            value = np.nan_to_num(signals[name].to_numpy().astype(np.float64))
            parts.append(np.clip((value - worst) / (best - worst), 0.0, 1.0))
        mean: npt.NDArray[np.float32] = np.mean(parts, axis=0).astype(np.float32)
        return mean


class FastTextScorer:
    """The probability of one label of a fastText classifier, on the text with single spaces."""

    def __init__(self, file: Path, label: str) -> None:
        import fasttext

        if not file.is_file():
            raise BadInput(f"The quality model {file} is not a file. Give a fastText .bin or .ftz file.")
        try:
            self._model: Any = fasttext.load_model(str(file))
        except (ValueError, RuntimeError, MemoryError) as error:
            raise BadInput(f"{file} is no fastText model ({error}). Give a .bin or .ftz file.") from None
        self._label = label
        labels = self._scores("the")
        if label not in labels:
            raise BadInput(f"The quality model {file} has no label {label!r}; it has {', '.join(sorted(labels))}.")

    def score(self, texts: pa.ChunkedArray, signals: pa.Table) -> npt.NDArray[np.float32]:
        found = [self._scores(text or "").get(self._label, 0.0) for text in texts.to_pylist()]
        return np.clip(np.array(found, np.float32), 0.0, 1.0)

    def _scores(self, text: str) -> dict[str, float]:
        labels, scores = self._model.predict(" ".join(text.split()), k=-1)
        return dict(zip(labels, map(float, scores), strict=True))


def load_scorer(params: ScoreParams) -> Scorer:
    """
    Raises:
        BadInput: the model cannot be read or has not the label.
    """
    return FastTextScorer(params.model, params.label) if params.model else SignalScorer()


def buckets(scores: npt.NDArray[np.float32], params: ScoreParams) -> pa.Array:
    """The name (one of :data:`BUCKETS`) of each score's bucket."""
    places = np.searchsorted(np.array(params.edges, np.float32), scores, side="right")
    return pa.array(BUCKETS).take(pa.array(places))
