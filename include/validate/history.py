"""Compares a dump with earlier ones: volume, and shares and sizes that should not move between dumps.

What a gate's report says of a dump is its profile. Small dumps are left out, and so is what a gate or a person refused.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from math import inf
from statistics import median
from typing import Literal

from include.lake import Lake, fingerprint
from include.ledger import recall
from include.sections import Section
from include.validate.approval import read_decision
from include.validate.figures import NONE
from include.validate.outcome import Layer, read_outcome

MOST_NAMED = 5
VOLUME = "volume_ratio"
"""Name of the figure that compares volumes."""


@dataclass(frozen=True)
class Profile:
    """What dumps are compared by."""

    crawl: str
    rows: int
    """What the shares are of."""
    volume: float
    sampled: str = ""
    """Why the volume says nothing; empty for a whole dump."""
    groups: dict[str, dict[str, float]] = field(default_factory=dict)
    """Shares or sizes, by the name of the group and of its member: ``{"languages": {"de": 0.2, "en": 0.8}}``."""


@dataclass(frozen=True)
class Drift:
    """What may not move: a group of the profile, and by how much its members may differ from earlier medians."""

    name: str
    """Of the figure: it names the members that moved too far."""
    group: str
    bound: float
    kind: Literal["spread", "share", "size"]
    """``spread``: shares of a whole, where a missing member has 0. ``share``: shares of different wholes, and ``size``:
    numbers compared by their ratio; of these two, only members that both sides have are compared."""


@dataclass(frozen=True)
class Comparison:
    figures: dict[str, float | str]
    """What came of the comparison, by the name of the expectation."""
    not_judged: dict[str, str]
    """Expectations that would say nothing about this dump, or the members that they pass over, and why."""


def recall_profiles(lake: Lake, crawl: str, earlier: Iterable[str], layer: Layer, stage: str) -> list[Profile]:
    """The other dumps that can be compared with: judged by this version, passed, and not rejected by a person."""
    profiles = []
    for other in sorted(set(earlier) - {crawl}):
        report, outcome = recall(lake, other, stage), read_outcome(lake, other, layer)
        if report is None or outcome is None or not outcome.passed:
            continue
        decision, content = read_decision(lake, outcome), report.detail.get("profile", {})
        rejected = decision is not None and not decision.approved
        if not rejected and content.keys() == {one.name for one in fields(Profile)}:
            profiles.append(Profile(**content))
    return profiles


def compared_with(earlier: list[Profile], bounds: Section) -> str:
    """Fingerprint of what a dump is compared with, and of the bounds of its gate."""
    return fingerprint([asdict(other) for other in earlier], bounds.model_dump())


def compare(
    this: Profile, earlier: list[Profile], drifts: Iterable[Drift], min_rows: int, unit: str = "rows"
) -> Comparison:
    """How far a dump is from the median of the ``earlier`` ones; those below ``min_rows`` are left out of it."""
    large = [other for other in earlier if other.rows >= min_rows]
    whole = [other for other in large if not other.sampled]
    few = f"the dump has fewer than {min_rows} {unit}" if this.rows < min_rows else ""
    none_earlier = "" if large else f"there is no earlier dump of {min_rows} {unit} or more"
    figures: dict[str, float | str] = {}
    not_judged: dict[str, str] = {}
    if this.sampled or not whole:
        not_judged[VOLUME] = this.sampled or none_earlier or "the earlier ones are samples"
    else:
        figures[VOLUME] = this.volume / max(1.0, median(other.volume for other in whole))
    for drift in drifts:
        if few or none_earlier:
            not_judged[drift.name] = few or none_earlier
        else:
            _compare_group(drift, this, large, figures, not_judged)
    return Comparison(figures, not_judged)


def usual(groups: Iterable[dict[str, float]]) -> dict[str, float]:
    """The median of each share; a name that a dump lacks has the share 0 there."""
    known = list(groups)
    return {name: median(one.get(name, 0.0) for one in known) for name in sorted(set().union(*known))}


def shares(counts: dict[str, int], total: int) -> dict[str, float]:
    return {name: count / max(1, total) for name, count in sorted(counts.items())}


def _compare_group(
    drift: Drift, this: Profile, earlier: list[Profile], figures: dict[str, float | str], not_judged: dict[str, str]
) -> None:
    now = this.groups.get(drift.group, {})
    before = [other.groups[drift.group] for other in earlier if drift.group in other.groups]
    if drift.kind == "spread":
        if drift.group not in this.groups or not before:
            not_judged[drift.name] = f"{drift.group} are not known of this dump or of no earlier one"
            return
        medians = usual(before)
        names = sorted({*now, *medians})
    else:
        medians = {name: median(one[name] for one in before if name in one) for name in set().union(*before)}
        names = sorted(now.keys() & medians.keys())
        not_judged |= {f"{drift.name} of {name}": "no earlier dump has it" for name in now.keys() - medians.keys()}
        if not names:
            not_judged[drift.name] = f"no {drift.group} are known of both this dump and an earlier one"
            return
    figures[drift.name] = _drifted(now, medians, names, drift)


def _drifted(now: dict[str, float], before: dict[str, float], names: list[str], drift: Drift) -> str:
    """The names that moved by more than the bound, the furthest first: ``de from 0.100 to 0.310``."""

    def move(name: str) -> float:
        a, b = now.get(name, 0.0), before.get(name, 0.0)
        if drift.kind != "size":
            return abs(a - b)
        if min(a, b) > 0:
            return max(a, b) / min(a, b)
        return 1.0 if a == b else inf

    far = sorted((name for name in names if move(name) > drift.bound), key=lambda name: (-move(name), name))
    form = ".4g" if drift.kind == "size" else ".3f"
    named = [f"{name} from {before.get(name, 0.0):{form}} to {now.get(name, 0.0):{form}}" for name in far[:MOST_NAMED]]
    more = [f"{len(far) - MOST_NAMED} more"] if len(far) > MOST_NAMED else []
    return "; ".join(named + more) or NONE
