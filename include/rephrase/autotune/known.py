"""Trials that were made before, on this device and with this sample: a sweep that was ended goes on."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from include.errors import RewrapError
from include.lake import fingerprint, write_atomically
from include.rephrase.autotune.measured import Measured
from include.rephrase.autotune.sweep import Measure
from include.rephrase.engines.params import EngineParams


class KnownTrials:
    """Asks ``run`` for a trial only if the file does not hold it."""

    def __init__(self, file: Path, made_from: list[Any], run: Measure, again: bool) -> None:
        """``made_from`` is all that decides a trial but the engine's settings; ``again`` forgets what is known."""
        self.file = file
        self.made_from = made_from
        self.run = run
        self.known: dict[str, Any] = {} if again or not file.exists() else json.loads(file.read_bytes())
        self.asked: list[EngineParams] = []
        self.made = 0
        """Trials that were run by this process."""

    def measure(self, engine: EngineParams) -> Measured:
        """The trial with these settings; the second one, if they were asked for already."""
        key = fingerprint(self.made_from, engine.model_dump(), self.asked.count(engine))
        first = not self.asked
        self.asked.append(engine)
        if key not in self.known:
            self.made += 1
            try:
                self.known[key] = asdict(self.run(engine))
            except RewrapError as error:
                if first:  # nothing works yet: what is mended must be tried again
                    raise
                self.known[key] = {"failed": str(error)}
            write_atomically(self.file, json.dumps(self.known, indent=1).encode())
        if "failed" in self.known[key]:
            raise RewrapError(self.known[key]["failed"])
        return Measured(**self.known[key])
