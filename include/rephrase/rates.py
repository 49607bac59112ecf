"""What earlier runs in the lake took: output tokens per source token of each recipe, and the engine's speed.

The scripted engine invents its answers, so nothing that it did counts as measured.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from include.errors import BadInput
from include.lake import Lake
from include.rephrase.engines.params import EngineParams
from include.rephrase.spend import Session

LEAST_SECONDS = 10.0
"""Of generation, all runs together: below that, a speed says more about chance."""


@dataclass(frozen=True)
class RecipeCounts:
    """Sums over finished chains of one recipe version."""

    chains: int = 0
    generations: int = 0
    source_tokens: int = 0
    prompt_tokens: int = 0
    tokens: int = 0

    def __add__(self, other: "RecipeCounts") -> "RecipeCounts":
        return RecipeCounts(
            self.chains + other.chains,
            self.generations + other.generations,
            self.source_tokens + other.source_tokens,
            self.prompt_tokens + other.prompt_tokens,
            self.tokens + other.tokens,
        )


@dataclass(frozen=True)
class Speed:
    """How fast a teacher generates on an engine, per GPU."""

    tokens: float
    """Output tokens per second."""
    start_seconds: float
    """Until one engine is ready."""
    origin: str
    """How this is known: measured, given or published, with what and where."""
    prompt_tokens: float | None = None
    """Prompt tokens per second that went with them."""


def recipe_counts(lake: Lake, teacher: str) -> dict[str, RecipeCounts]:
    """What the reports of all dumps say of each ``recipe@version`` under this teacher."""
    total: dict[str, RecipeCounts] = {}
    for detail in _details(lake):
        if detail.get("teacher") == teacher and not _is_scripted(detail.get("engines")):
            for key, counts in _mapping(detail.get("by_recipe")).items():
                total[key] = total.get(key, RecipeCounts()) + _counts(_mapping(counts))
    return total


def measured_speed(lake: Lake, teacher: str, engine: EngineParams) -> Speed | None:
    """The speed of this teacher on the engine that ran it last, over all its runs; None if none was long enough.

    Only engines of the same kind on as many GPUs are compared. Time for starting counts apart.
    """
    found = [
        session
        for session in _sessions_by_age(lake)
        if (session.teacher, session.kind) == (teacher, engine.kind)
        and session.gpus == engine.tensor_parallel_size
        and session.engine
        and session.tokens
    ]
    alike = [session for session in found if session.engine == found[-1].engine]
    seconds = sum(session.seconds - session.start_seconds for session in alike)
    if engine.kind != "vllm" or seconds < LEAST_SECONDS:
        return None
    gpu_seconds = seconds * engine.tensor_parallel_size
    return Speed(
        tokens=sum(session.tokens for session in alike) / gpu_seconds,
        start_seconds=sum(session.start_seconds for session in alike) / len(alike),
        origin=f"measured with {found[-1].engine} over {seconds:,.0f} s",
        prompt_tokens=sum(session.prompt_tokens for session in alike) / gpu_seconds,
    )


def _details(lake: Lake) -> Iterator[Mapping[str, Any]]:
    """The further figures of every dump's report of stage ``rephrase``; what cannot be read is no measurement."""
    for path in sorted((lake.root / "reports").glob("*/rephrase.json")):
        try:
            yield _mapping(_mapping(json.loads(path.read_bytes())).get("detail"))
        except ValueError:
            continue


def _sessions_by_age(lake: Lake) -> list[Session]:
    """Every engine's life in the lake, the newest last."""
    found: list[Session] = []
    for path in sorted((lake.root / "spend").glob("*/*.json")):
        try:
            found.append(Session.read(path))
        except BadInput:
            continue  # no measurement; whoever asks for the budget is told
    return sorted(found, key=lambda session: session.started)


def _is_scripted(engines: Any) -> bool:
    return not isinstance(engines, list) or any(str(engine).startswith("scripted") for engine in engines)


def _counts(counts: Mapping[str, Any]) -> RecipeCounts:
    """Counts as they were written; 0 for what an older report lacks."""
    numbers = {name: counts.get(name, 0) for name in RecipeCounts.__dataclass_fields__}
    return RecipeCounts(**{name: number if isinstance(number, int) else 0 for name, number in numbers.items()})


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
