"""How far generation is: in the log, and in a file per unit that the live display and the report read."""

import json
import logging
import time
from collections.abc import Sequence
from typing import Any

from include.lake import Lake, write_atomically
from include.rephrase.engines.base import Result
from include.rephrase.feed import Feed, OpenChain

log = logging.getLogger("rewrap.worker")

REPORT_EVERY = 30.0
"""Seconds between two lines of progress, whatever happens."""
NOTHING: dict[str, Any] = {
    "chains": 0,
    "requests": 0,
    "generated": 0,
    "failed": 0,
    "texts": 0,
    "accepted": 0,
    "prompt_tokens": 0,
    "tokens": 0,
    "predicted_tokens": 0,
    "seconds": 0.0,
}


class Progress:
    """Counts of one unit in this run: what is to be made, and what has come out.

    ``requests`` grows when a chain goes on: its later requests are known only then. ``texts`` are those that were
    judged, ``tokens`` the output's; ``predicted_tokens`` is what the plan expected of the finished ``chains``;
    ``seconds`` count from a warm engine.
    """

    def __init__(self, lake: Lake, crawl: str, unit: str) -> None:
        self.file = lake.path("progress", crawl) / f"{unit}.json"
        self.unit = unit
        self.counts = dict(NOTHING)
        self._feed: Feed | None = None
        self._began: float | None = None
        self._reported = time.monotonic()
        self.write()

    def start(self) -> None:
        """The engine is warm: seconds count from here."""
        self._began = self._reported = time.monotonic()
        self.write()

    def begin(self, feed: Feed) -> None:
        """These chains are to be gone through."""
        self._feed = feed

    def add(self, result: Result) -> None:
        """A result came out of the engine."""
        self.counts["generated"] += 1
        self.counts["failed"] += result.finish_reason == "error"
        self.counts["prompt_tokens"] += result.prompt_tokens
        self.counts["tokens"] += result.completion_tokens

    def judged(self, finished: Sequence[OpenChain], texts: int, accepted: int) -> None:
        """Chains were finished and their texts judged."""
        self.counts["chains"] += len(finished)
        self.counts["predicted_tokens"] += sum(chain.predicted_tokens for chain in finished)
        self.counts["texts"] += texts
        self.counts["accepted"] += accepted

    def tick(self) -> None:
        """Say in the log how far it is, if it is time to."""
        if time.monotonic() - self._reported > REPORT_EVERY:
            self.report()

    def report(self) -> None:
        self.write()
        self._reported = time.monotonic()
        counts, seconds = self.counts, max(self.counts["seconds"], 0.1)
        log.info(
            "unit %s: %d of %d generations, %.0f tokens/s, %s left, %d of %d texts accepted so far",
            self.unit, counts["generated"], counts["requests"], counts["tokens"] / seconds, self._left(seconds),
            counts["accepted"], counts["texts"],
        )  # fmt: skip

    def _left(self, seconds: float) -> str:
        """By the predicted tokens of the chains: they tell a long document from a short one."""
        done = self.counts["predicted_tokens"]
        if self._feed is None or not done:
            return "unknown time"
        left = round(seconds * self._feed.left_tokens / done)
        return f"about {left // 3600}:{left // 60 % 60:02}:{left % 60:02}"

    def write(self) -> None:
        self.counts["requests"] = self.counts["generated"] + (self._feed.left if self._feed else 0)
        if self._began is not None:
            self.counts["seconds"] = round(time.monotonic() - self._began, 1)
        write_atomically(self.file, json.dumps(self.counts).encode())


def progress_of(lake: Lake, crawl: str) -> dict[str, Any] | None:
    """The newest progress of all the dump's units together, or None; ``seconds`` are those of the longest."""
    units = [json.loads(file.read_bytes()) for file in lake.path("progress", crawl).glob("*.json")]
    if not units:
        return None
    together = {name: sum(unit.get(name, 0) for unit in units) for name in NOTHING}
    return together | {"seconds": max(unit.get("seconds", 0.0) for unit in units)}


def clear_progress(lake: Lake, crawl: str) -> None:
    """Forget earlier runs: their units may have been cut elsewhere."""
    for file in lake.path("progress", crawl).glob("*.json"):
        file.unlink(missing_ok=True)
