"""An engine that answers every kind of step; apart, so that a process with it starts fast."""

import dataclasses
import os
import time
from pathlib import Path

from include.rephrase.engines.base import Request, Result
from include.rephrase.engines.scripted import ScriptedEngine


class Chained(ScriptedEngine):
    """Answers every step of the tests' recipes; notes in a file what it answered, also if it is killed then."""

    def __init__(self, notes: Path | None = None, seconds: float = 0.0, capacity: int = 8) -> None:
        super().__init__(capacity)
        self.seconds = seconds
        self.asked: list[str] = []
        self.notes = None if notes is None else os.open(notes, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def answer(self, request: Request) -> Result:
        result = super().answer(request)
        if request.step == "propose":
            ideas = [f"Genre: letter {n} about {result.output[:20]}; Audience: readers {n}" for n in range(3)]
            result = dataclasses.replace(result, output="\n".join(ideas))
        self.asked.append(request.generation_key)
        if self.notes is not None:
            os.write(self.notes, f"{request.generation_key}\n".encode())
        time.sleep(self.seconds)
        return result
