"""What every engine is and takes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Request:
    """One generation to make."""

    generation_key: str
    messages: list[dict[str, str]]
    temperature: float
    top_p: float
    max_tokens: int
    seed: int


@dataclass(frozen=True)
class Result:
    """One generation made, or (``finish_reason == "error"``) why it could not be."""

    generation_key: str
    output: str
    finish_reason: str
    error: str | None
    prompt_tokens: int
    completion_tokens: int


class Engine(Protocol):
    """Generates. ``name`` and ``version`` go into every row."""

    name: str
    version: str

    def generate(self, requests: Iterable[Request]) -> Iterator[Result]:
        """Yield one result per request as they finish, in any order. Pulls requests only as it needs them."""
        ...
