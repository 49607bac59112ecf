"""What generations and corpora are expected to have in common with those of earlier dumps: warnings."""

from collections.abc import Sequence

from include.validate.drift_params import DriftParams
from include.validate.expected import Expected, Suite
from include.validate.history import VOLUME, Drift

_CLAIMS = {
    "languages": ("languages have the shares that they had in earlier dumps", "max_language_drift"),
    "recipes": ("recipes have the shares that they had in earlier dumps", "max_recipe_drift"),
    "reasons": ("reasons reject the share of rows that they did in earlier dumps", "max_reason_drift"),
    "accepted": ("the accepted share is that of earlier dumps, over all and by recipe", "max_accepted_drift"),
    "collapse": ("texts begin alike and vary in length as in earlier dumps, by recipe", "max_collapse_drift"),
    "lengths": ("texts have the lengths that they had in earlier dumps, by recipe", "max_length_ratio"),
}
_KINDS = {"accepted": "share", "collapse": "share", "lengths": "size"}


def drifts(params: DriftParams, groups: Sequence[str]) -> list[Drift]:
    """The comparisons of these groups of a profile."""
    return [
        Drift(f"drifted_{group}", group, getattr(params, _CLAIMS[group][1]), _KINDS.get(group, "spread"))  # type: ignore[arg-type]
        for group in groups
    ]


def expectations(section: str, params: DriftParams, groups: Sequence[str], advice: str) -> list[Expected]:
    """Volume, then the groups.

    Args:
        section: of params.yaml, that holds the bounds.
        advice: what to do about any of them.
    """
    suite = Suite(section)
    volume = suite.between(
        VOLUME, params.min_volume_ratio, params.max_volume_ratio, "min_volume_ratio, max_volume_ratio",
        "there are as many rows as in earlier dumps (over their median)", advice, "warning",
    )  # fmt: skip
    moved = []
    for drift in drifts(params, groups):
        claim, setting = _CLAIMS[drift.group]
        bound = f"a factor of at most {drift.bound}" if drift.kind == "size" else f"a change of at most {drift.bound}"
        moved.append(suite.nobody(drift.name, f"{bound} each", setting, claim, advice, "warning"))
    return [volume, *moved]
