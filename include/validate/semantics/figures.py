"""From vectors to figures: how close a text is to its source, and where it is furthest from it.

Each content word of the text is matched with the word of the source that comes closest in meaning, both in their
context: the greedy matching of BERTScore (arXiv 1904.09675, section 3; its precision, there over all tokens). A copy
matches everywhere, a paraphrase nearly so, a text about something else nowhere. What a teacher made up matches badly in
one place, which a mean hides: so the worst place counts by itself. It is measured against the mean, because plain or
learned words match less well throughout, and are no worse for it. Rare words count more there, as in
BERTScore's weighting by inverse document frequency: what is made up has things and deeds of its own, while frames and
fillers are common words.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from include.validate.semantics.encoder import Integers, Meanings

RUN = 6
"""Content words, about a clause. Of 4 to 12, six tell invented from faithful pairs of the audit set best, four to eight
nearly as well."""
_WEIGHTLESS, _COMMONEST = 1000, 2000
"""Ranks in the vocabulary, which is sorted by frequency: where a weight would be 0, and the first word's."""


@dataclass(frozen=True)
class Figures:
    """Of one text against its source."""

    similarity: float
    """Mean over the text's content words of the cosine with their match: 0 nothing in common, 1 a copy."""
    support: float
    """The same, weighted by rarity, of the RUN words in a row where it is lowest, as a share of ``similarity``."""
    run: Integers
    """The words of that run, as places in ``Meanings.words``."""


def compare(meanings: Meanings, text: Integers, source: Integers) -> Figures | None:
    """The figures of a text that consists of these units of ``meanings``, against a source that consists of those.

    None if the text has no content word or the source no word: there is nothing to compare.
    """
    import torch

    own, given = meanings.words_of(text), meanings.words_of(source)
    own = own[meanings.content[own]]
    if not len(own) or not len(given):
        return None
    words = meanings.words
    cosines = words[torch.from_numpy(own).to(words.device)] @ words[torch.from_numpy(given).to(words.device)].T
    best = cosines.max(dim=1).values.float().cpu().numpy()
    run = min(RUN, len(best))
    weights = _weights(meanings, own)
    means = np.convolve(best * weights, np.ones(run), "valid") / np.convolve(weights, np.ones(run), "valid")
    worst = int(means.argmin())
    similarity = float(best.mean())
    # Above 1 where common words match worst, or the ends, which fewest runs hold; where nothing matches, no place is
    # worse than others.
    support = min(1.0, float(means[worst]) / similarity) if similarity > 0 else 1.0
    return Figures(similarity, support, own[worst : worst + run])


def _weights(meanings: Meanings, words: Integers) -> NDArray[np.float64]:
    """How much each word counts: the logarithm of its rank, by its first token (Zipf's law: of how rare it is)."""
    ranks = np.maximum(meanings.tokens[meanings.first_token[words]], _COMMONEST)
    weights: NDArray[np.float64] = np.log(ranks / _WEIGHTLESS)
    return weights
