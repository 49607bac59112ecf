"""What every engine is and takes."""

from dataclasses import dataclass
from typing import Protocol

from include.errors import RewrapError


@dataclass(frozen=True)
class Request:
    """One generation to make."""

    generation_key: str
    root: str
    """Key of the first generation of its chain; its own for a first one."""
    step: str
    prompt_hash: str
    messages: list[dict[str, str]]
    temperature: float
    top_p: float
    top_k: int
    """0 means no bound."""
    max_tokens: int
    seed: int


@dataclass(frozen=True)
class Result:
    """One generation made, or (``finish_reason == "error"``) why it can never be."""

    generation_key: str
    output: str
    finish_reason: str
    """``stop``, ``length`` or ``error``."""
    error: str | None
    prompt_tokens: int
    completion_tokens: int


class EngineDied(RewrapError):
    """The engine ended or hangs; what was submitted and has no result is lost and may be submitted to a new one."""


class Engine(Protocol):
    """Generates. ``name`` and ``version`` go into every row."""

    name: str
    version: str
    capacity: int
    """Requests to keep in flight so that it is never idle."""

    def submit(self, request: Request) -> None:
        """Hand over a request. Does not wait for it. Raises EngineDied."""
        ...

    def results(self, timeout: float) -> list[Result]:
        """What has finished since the last call, in any order; waits up to ``timeout`` seconds for the first.

        Raises:
            EngineDied: it ended or gives no sign of life. Results it had given before are returned first.
        """
        ...

    def close(self) -> None:
        """End it, now; nothing is left behind. May be called more than once."""
        ...
