"""Goes through the settings one after the other, each with the best of those before."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from math import comb
from typing import Any

from include.errors import RewrapError
from include.rephrase.autotune.measured import Measured
from include.rephrase.autotune.params import TUNABLE, AutotuneParams
from include.rephrase.engines.params import EngineParams

log = logging.getLogger("rewrap.autotune")

ON_GPUS_ONLY = ("tensor_parallel_size", "gpu_memory_utilization")
FINALISTS = 2
"""Trials kept for the end: the first and the best settings once more, side by side."""

Measure = Callable[[EngineParams], Measured]
"""Runs one trial. Raises RewrapError with the reason if these settings do not work."""


@dataclass(frozen=True)
class Trial:
    """Settings that were tried, and what came of it."""

    name: str
    """What was changed: ``max_num_seqs = 128``."""
    engine: EngineParams
    measured: Measured | None
    """None: it failed."""
    kept: bool
    """The best from here on."""
    why: str

    def report(self) -> dict[str, Any]:
        """As JSON."""
        settings = self.engine.model_dump(include=set(TUNABLE))
        report = {"name": self.name, "kept": self.kept, "why": self.why, "settings": settings}
        return report if self.measured is None else report | asdict(self.measured) | self.measured.rates


class Sweep:
    """Finds the best settings, one coordinate at a time.

    The best are those with the most output tokens per second and GPU, of those that the texts do not suffer from. The
    prompts and seeds are the same in every trial: a difference in acceptance that is not significant is chance, and
    accepted tokens would be decided by it more often than by the speed.
    """

    def __init__(self, base: EngineParams, params: AutotuneParams, chains: int, measure: Measure) -> None:
        """``chains`` of the sample: no more requests are ever in flight, so larger values cannot be told apart."""
        self.base = base
        self.params = params
        self.chains = chains
        self.measure = measure
        self.trials: list[Trial] = []
        self.not_tried: list[str] = []
        self.gain = 0.0
        """Of the best over the first settings, in tokens per second and GPU, when both were measured once more."""

    def run(self) -> EngineParams:
        """The best settings.

        Raises:
            RewrapError: the engine does not work with the settings as they are.
        """
        first = best = self.measure(self.base)
        self._add("as it is", self.base, first, True, "the settings to beat")
        for name, setting, value in self._values(on_cpu=" cpu" in first.engine):
            if len(self.trials) + FINALISTS >= self.params.trials:
                self.not_tried.append(f"{name}: all {self.params.trials} trials are used")
                continue
            engine = EngineParams.model_validate(self.best.model_dump() | {setting: value})
            if engine == self.best:
                continue
            try:
                measured = self.measure(engine)
            except RewrapError as error:
                self._add(name, engine, None, False, f"failed: {error}")
                continue
            kept, why = self._compare(measured, best, first)
            self._add(name, engine, measured, kept, why)
            best = measured if kept else best
        return self._confirm()

    @property
    def best(self) -> EngineParams:
        return next(trial.engine for trial in reversed(self.trials) if trial.kept)

    def _values(self, on_cpu: bool) -> Iterator[tuple[str, str, Any]]:
        for setting, values in self.params.grid.items():
            for value in values:
                name = f"{setting} = {value}"
                if on_cpu and setting in ON_GPUS_ONLY:
                    self.not_tried.append(f"{name}: means nothing on a CPU")
                elif setting == "max_num_seqs" and value > self.chains:
                    self.not_tried.append(f"{name}: the sample has {self.chains} chains (rephrase.autotune.chains)")
                else:
                    yield name, setting, value

    def _compare(self, new: Measured, best: Measured, first: Measured) -> tuple[bool, str]:
        """Whether new settings are kept, and why. Acceptance is compared with the first trial's: it cannot drift."""
        chance = chance_of_fewer(new.accepted, new.texts, first.accepted, first.texts)
        shares = f"{new.accepted / new.texts:.0%} accepted, at the beginning {first.accepted / first.texts:.0%}"
        if chance < self.params.significance:
            return False, f"the texts suffer: {shares} (p = {chance:.2g})"
        gain = new.speed / best.speed - 1
        if gain < self.params.min_gain:
            return False, f"{gain:+.1%} tokens per second and GPU: not worth {self.params.min_gain:.0%}"
        return True, f"{gain:+.1%} tokens per second and GPU; {shares}"

    def _confirm(self) -> EngineParams:
        """The best of many measurements looks better than it is: it must win once more."""
        best = self.best
        if best == self.base:
            return best
        try:
            first, again = self.measure(self.base), self.measure(best)
        except RewrapError as error:
            self._add("best, once more", best, None, False, f"failed: {error}")
            self._add("as it was", self.base, None, True, "the best settings do not work every time")
            return self.base
        kept, why = self._compare(again, first, first)
        self.gain = again.speed / first.speed - 1 if kept else 0.0
        self._add("as it was, once more", self.base, first, not kept, "beside the best")
        self._add("best, once more", best, again, kept, why)
        return self.best

    def _add(self, name: str, engine: EngineParams, measured: Measured | None, kept: bool, why: str) -> None:
        self.trials.append(Trial(name, engine, measured, kept, why))
        place = f"trial {len(self.trials)} of {self.params.trials} at most: {name}"
        if measured is None:
            log.warning("%s: %s", place, why)
            return
        log.info(
            "%s: %.1f tokens/s, %.1f accepted tokens/s (engine start %.0f s); %s: %s",
            place, measured.rates["tokens_per_second"], measured.rates["accepted_tokens_per_second"],
            measured.start_seconds, "kept" if kept else "not kept", why,
        )  # fmt: skip


def chance_of_fewer(accepted: int, texts: int, accepted_before: int, texts_before: int) -> float:
    """One-sided p-value of Fisher's exact test: how likely so few would be accepted if nothing had changed."""
    both = accepted + accepted_before
    fewest = max(0, both - texts_before)
    ways = sum(comb(texts, few) * comb(texts_before, both - few) for few in range(fewest, accepted + 1))
    return ways / comb(texts + texts_before, both)
