"""Bounds of the gate on a round's preference pairs (section ``pairs_gate``)."""

from typing import Annotated

from pydantic import Field

from include.sections import Count, Section, Share


class PairsGateParams(Section):
    """Bounds of the expectations on preference pairs."""

    min_yield: Share = 0.05
    """Critical: pairs, of all prompts. Below it the judge or its parser is broken."""
    warn_yield: Share = 0.4
    """Warning. Without training as a judge, scores piled up on one value and a seventh of the pairs was left
    (Self-Rewarding Language Models, arXiv 2401.10020); the bound is ours."""
    min_judgements: Count = 2
    """Critical: judgements with a score that each text of a pair needs; three are averaged in arXiv 2401.10020, 2.2."""
    lowest_score: float = 0.0
    highest_score: float = 5.0
    """Critical: the scale of the judge; additive, 0 to 5 (arXiv 2401.10020, figure 2)."""
    min_score_spread: Annotated[float, Field(ge=0)] = 0.3
    """Warning: standard deviation of all scores. Less, and the judge says nearly the same of everything."""
    max_length_gap: Annotated[float, Field(ge=1)] = 1.5
    """Warning: mean words of the chosen texts over those of the rejected ones, or the other way round. Judges prefer
    long answers, and a model that learns so grows them from round to round (arXiv 2401.10020, 3.2)."""
