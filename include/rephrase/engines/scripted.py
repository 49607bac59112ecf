"""A deterministic stand-in without a model, for tests alone; every row it writes names it."""

import zlib
from collections import deque

from include.rephrase.engines.base import Request, Result


class ScriptedEngine:
    """Answers with the words of the prompt in a new order: no language model, no claim to be one."""

    name = "scripted"
    version = "2"

    def __init__(self, capacity: int = 64) -> None:
        self.capacity = capacity
        self._asked: deque[Request] = deque()

    def submit(self, request: Request) -> None:
        self._asked.append(request)

    def results(self, timeout: float) -> list[Result]:
        """The answer to the request that waits longest: one at a time, so that a test can stop between any two."""
        return [self.answer(self._asked.popleft())] if self._asked else []

    def close(self) -> None:
        self._asked.clear()

    def answer(self, request: Request) -> Result:
        words = request.messages[-1]["content"].split()
        text = " ".join(sorted(words, key=lambda word: (_hash(word, request.seed), word))[: request.max_tokens])
        if "Question:" in " ".join(message["content"] for message in request.messages):
            half = " ".join(words[: len(words) // 2])
            text = f"Question: {half}?\nAnswer: {text}\nQuestion: {text}?\nAnswer: {words[-1]}"
        return Result(request.generation_key, text, "stop", None, len(words), len(text.split()))


def _hash(word: str, seed: int) -> int:
    """The same in every process."""
    return zlib.crc32(f"{seed} {word}".encode())
