"""What a corpus is mixed from, as data: the section ``mix`` of params.yaml."""

from fractions import Fraction
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from include.ingest.quality.score import BUCKETS
from include.recipes.registry import known_recipes
from include.rephrase.routing_params import all_known
from include.sections import Count, Natural, Section, Share

REAL = "real"
SYNTHETIC = "synthetic"
"""The source that holds all accepted text whose recipe is no source of its own."""

Weight = Annotated[float, Field(ge=0.0, le=1000.0)]


def exactly(number: float) -> Fraction:
    """The decimal fraction that was written: 0.1 is one tenth. So shares add up, and alike on every machine."""
    return Fraction(repr(number))


def _buckets(weights: dict[str, float]) -> dict[str, float]:
    all_known(list(weights), BUCKETS, "quality bucket")
    return weights


class Source(Section):
    """One source of a mix."""

    share: Annotated[float, Field(gt=0.0, le=1.0)]
    """Of the mix's tokens."""
    max_repeats: Count = 1
    """How often a text may be in the mix where the source is scarce. Up to four epochs are nearly as good as new text
    (Muennighoff et al., arXiv 2305.16264)."""
    quality: Annotated[dict[str, Weight], AfterValidator(_buckets)] = {}
    """Weights by the quality bucket of the page that a text is or was made from: of a bucket with weight 2, twice as
    large a part is taken as of one with weight 1 (that of buckets without any); of one with weight 0, nothing. Without
    weights every text is drawn alike."""


def _sources(sources: dict[str, Source]) -> dict[str, Source]:
    all_known(list(sources), [REAL, SYNTHETIC, *known_recipes()], "source")
    total = sum(exactly(source.share) for source in sources.values())
    if total != 1:
        raise ValueError(f"the shares add up to {float(total)!r}, not to 1")
    return sources


class Mix(Section):
    """The sources of a mix: ``real``, recipes by their id, and ``synthetic`` for the recipes that are not named."""

    sources: Annotated[dict[str, Source], AfterValidator(_sources)]


WRAP = Mix(sources={REAL: Source(share=0.5), SYNTHETIC: Source(share=0.5)})
"""WRAP (arXiv 2401.16380, 3.3) mixes 1:1."""


class MixParams(Section):
    """From accepted generations to a corpus."""

    mixes: dict[str, Mix] = {"wrap": WRAP}
    """The other ready ones stand in the project's params.yaml and nowhere else."""
    use: Annotated[str, Field(validate_default=True)] = "wrap"
    """Which of ``mixes``."""
    tokens: Count | None = None
    """Tokens of the mix at most; None takes as many as the scarcest source allows."""
    heldout_share: Share = 0.15
    """Share of hosts whose pages no arm may see; they measure perplexity."""
    seed: Natural = 0
    shard_bytes: Annotated[int, Field(ge=1000)] = 256 * 2**20
    """Text in one Parquet file, in bytes of UTF-8; the row that reaches it is the last of its file."""

    @field_validator("use")
    @classmethod
    def _known_mix(cls, use: str, before: ValidationInfo) -> str:
        if mixes := before.data.get("mixes"):
            all_known([use], sorted(mixes), "mix")
        return use

    @property
    def sources(self) -> dict[str, Source]:
        """Of the mix in use, by name."""
        return dict(sorted(self.mixes[self.use].sources.items()))

    @property
    def settled(self) -> Self:
        """The same without the mixes that are not used: what decides the corpus."""
        return self.model_copy(update={"mixes": {self.use: self.mixes[self.use]}})

    def decided_by(self) -> dict[str, Any]:
        """All of it that decides the corpus, for fingerprints and reports; ``MixParams(**...)`` reads it again."""
        return self.settled.model_dump(mode="json")
