"""The two engines that are compared, both started once: the bare one, and the one that the worker talks to."""

import json
import subprocess
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

from include.rephrase.engines.base import Engine, Request, Result
from include.rephrase.engines.params import EngineParams
from include.rephrase.process import end_group, engine_environment
from include.rephrase.teacher import Teacher
from include.settings import PROJECT, Settings


class RawEngine:
    """``vllm.LLM`` in a process of its own (:mod:`bench.rephrase_raw`)."""

    def __init__(self, settings: Settings, teacher: Teacher, params: EngineParams) -> None:
        self._scratch = TemporaryDirectory()
        files = [Path(self._scratch.name, name) for name in ("teacher.json", "engine.json")]
        files[0].write_text(json.dumps(asdict(teacher), default=str))
        files[1].write_text(params.model_dump_json())
        self._process = subprocess.Popen(
            [str(settings.engine_python), "-m", "bench.rephrase_raw", *map(str, files)],
            cwd=PROJECT,
            env=engine_environment(settings),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.version = self._answer()["ready"]

    def run(self, requests: list[Request]) -> dict[str, Any]:
        """``requests``, ``tokens`` (output) and ``seconds`` of one call of ``LLM.chat``."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([asdict(request) for request in requests]) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("the bare engine ended; its last lines are above")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        end_group(self._process.pid)
        self._process.wait()
        self._scratch.cleanup()


class Lent:
    """An engine that stays warm when the worker closes it."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.name, self.version, self.capacity = engine.name, engine.version, engine.capacity

    def submit(self, request: Request) -> None:
        self.engine.submit(request)

    def results(self, timeout: float) -> list[Result]:
        return self.engine.results(timeout)

    def close(self) -> None:
        """Others go on with it."""
