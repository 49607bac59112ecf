"""The ledger of what generation has cost: one file for each life of an engine, ``spend/<crawl>/<session>.json``.

Files are only added, and each is replaced whole by the one process that owns it. So several workers need no lock, and
what a killed one had written counts.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Self

from include.errors import BadInput
from include.lake import Lake, write_atomically


@dataclass(frozen=True)
class Spent:
    """What was spent, or would be."""

    prompt_tokens: int = 0
    tokens: int = 0
    """Output tokens."""
    gpu_seconds: float = 0.0
    money: float = 0.0

    def __add__(self, other: "Spent") -> "Spent":
        return Spent(
            self.prompt_tokens + other.prompt_tokens,
            self.tokens + other.tokens,
            self.gpu_seconds + other.gpu_seconds,
            self.money + other.money,
        )

    @property
    def all_tokens(self) -> int:
        return self.prompt_tokens + self.tokens

    @property
    def gpu_hours(self) -> float:
        return self.gpu_seconds / 3600


@dataclass
class Session:
    """One life of an engine, as far as it was written down."""

    unit: str
    teacher: str
    kind: str
    """Of engine, as in ``rephrase.engine.kind``."""
    gpus: int
    """That the engine holds; 0 for one that is not ours, whose time costs nothing."""
    currency: str
    started: float
    """Seconds since 1970: which one is the newest."""
    engine: str = ""
    """Name and version, once it is ready."""
    start_seconds: float = 0.0
    """From its start until it was ready."""
    seconds: float = 0.0
    """From its start until now, or to its end."""
    results: int = 0
    prompt_tokens: int = 0
    tokens: int = 0
    """Output tokens."""
    money: float = 0.0
    """At the prices of that time."""

    @property
    def spent(self) -> Spent:
        return Spent(self.prompt_tokens, self.tokens, self.seconds * self.gpus, self.money)

    def write(self, path: Path) -> None:
        write_atomically(path, json.dumps(asdict(self), indent=1).encode())

    @classmethod
    def read(cls, path: Path) -> Self:
        """Raises BadInput if the file is not what :meth:`write` left."""
        try:
            content: dict[str, Any] = json.loads(path.read_bytes())
            known = {field.name: content[field.name] for field in fields(cls) if field.name in content}
            return cls(**known)
        except (ValueError, TypeError) as error:
            raise BadInput(
                f"{path} is no record of what generation has cost ({type(error).__name__}: {error}). Without it, the "
                "budget cannot be kept: put the file back as it was, or delete it to leave what it cost uncounted."
            ) from None


def session_files(lake: Lake, crawl: str) -> list[Path]:
    """The files of all engines that ever worked on a dump, in order of their names."""
    return sorted(lake.path("spend", crawl).glob("*.json"))


def sessions(lake: Lake, crawl: str) -> Iterator[Session]:
    """What is written down of them. Raises BadInput."""
    for path in session_files(lake, crawl):
        yield Session.read(path)


def spent_on(lake: Lake, crawl: str) -> Spent:
    """What all units and tries of a dump have spent. Raises BadInput."""
    return sum((session.spent for session in sessions(lake, crawl)), Spent())
