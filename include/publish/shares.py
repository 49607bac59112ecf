"""How much of which source a mix takes: exact arithmetic on tokens, without rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from include.publish.mix_params import Source, exactly

BUDGET = "mix.tokens"
"""Names the bound of a mix that no source bounds."""


@dataclass(frozen=True)
class Stratum:
    """A part of a source in which all texts are drawn alike: all of it, or one quality bucket."""

    source: str
    bucket: str
    """Empty where the source has no weights."""
    rows: int
    tokens: int


@dataclass(frozen=True)
class Taken:
    """What a mix takes of a stratum: every text ``whole`` times, and texts of ``rest`` tokens once more."""

    stratum: Stratum
    whole: int
    rest: int


@dataclass(frozen=True)
class Allotment:
    bounded_by: str
    """The source whose texts, repeated as often as they may be, are the first to run out; or BUDGET."""
    taken: tuple[Taken, ...]


def available(source: Source, strata: Sequence[Stratum]) -> int:
    """Tokens of the source's strata that may be drawn at all."""
    return sum(stratum.tokens for stratum in strata if _weight(source, stratum) > 0)


def allot(sources: Mapping[str, Source], strata: Sequence[Stratum], budget: int | None) -> Allotment:
    """Divide the largest mix that keeps every share, every ``max_repeats`` and the budget.

    Every source must have tokens that may be drawn. A share is met within the length of one text per stratum.
    """
    of = {name: [stratum for stratum in strata if stratum.source == name] for name in sources}
    bounds = {
        name: available(source, of[name]) * source.max_repeats / exactly(source.share)
        for name, source in sources.items()
    }
    bounded_by = min(bounds, key=lambda name: (bounds[name], name))
    total = bounds[bounded_by]
    if budget is not None and budget < total:
        bounded_by, total = BUDGET, Fraction(budget)
    taken = [
        part for name, source in sources.items() for part in _draw(source, of[name], total * exactly(source.share))
    ]
    return Allotment(bounded_by, tuple(taken))


def _draw(source: Source, strata: list[Stratum], wanted: Fraction) -> list[Taken]:
    """Take ``rate * weight`` times each stratum, at most ``max_repeats`` times, with the rate that gives ``wanted``."""
    open_strata = [stratum for stratum in strata if _weight(source, stratum) > 0 and stratum.tokens > 0]
    full: list[Stratum] = []
    rate = Fraction(0)
    while open_strata:
        left = wanted - source.max_repeats * sum(stratum.tokens for stratum in full)
        rate = left / sum(_weight(source, stratum) * stratum.tokens for stratum in open_strata)
        over = [stratum for stratum in open_strata if rate * _weight(source, stratum) >= source.max_repeats]
        if not over:
            break
        full += over
        open_strata = [stratum for stratum in open_strata if stratum not in over]
    parts = [Taken(stratum, source.max_repeats, 0) for stratum in full]
    for stratum in open_strata:
        parts.append(Taken(stratum, *divmod(ceil(rate * _weight(source, stratum) * stratum.tokens), stratum.tokens)))
    return parts


def _weight(source: Source, stratum: Stratum) -> Fraction:
    return exactly(source.quality.get(stratum.bucket, 1.0))
