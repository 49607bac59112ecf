"""How alike the accepted texts of a recipe may be (:mod:`include.validate.collapse`)."""

from include.sections import Count, Section, Share


class CollapseParams(Section):
    """Warnings. The bounds are ours: published corpora differ too much, and a recipe's form repeats itself by right."""

    min_texts: Count = 500
    """Of fewer accepted texts, nothing is said of a recipe."""
    max_opening: Share = 0.3
    """Texts that begin with the commonest five words; what all of the sources do is taken off."""
    max_phrases: Share = 0.2
    """4-grams that are one of the hundred commonest; what the sources have is taken off. Synthetic texts reuse
    templates of words several times as often as those of people (Shaib et al., arXiv 2407.00211)."""
    min_variety: Share = 0.6
    """Different 4-grams per 4-gram, over those of the sources."""
    min_length_variation: Share = 0.1
    """Standard deviation of the texts' words by their mean."""
