"""How a source is read: how fast, how stubbornly, and what the two ways of failing are called."""

from dataclasses import dataclass
from pathlib import Path

from include import __version__
from include.errors import BadInput, RewrapError


class SourceUnavailable(RewrapError):
    """The source did not answer after several attempts; running the stage again later can help."""


class FileChanged(SourceUnavailable):
    """A file is another one than when its reading began; running the stage again reads the new one from its start."""


@dataclass(frozen=True)
class FetchPolicy:
    """Manners towards a source. A change of any of these changes no data."""

    contact: str
    """An address or a page in the user agent, so that a server's owner can write instead of blocking."""
    requests_per_second: float = 4.0
    """To one host, from all processes of this user on this machine. Common Crawl serves a few thousand requests per
    second to the whole world and blocks those who ask for too many (status.commoncrawl.org, 2024 and 2025); reading
    whole files takes far less than one per second."""
    attempts: int = 10
    """Failures in a row before a file is given up, after four to six minutes. A storm of 403 failed 4,086 of 4,573
    shards of marin until it tried ten times (marin pull request 7917)."""
    stall_seconds: float = 60.0
    """A connection that is silent for so long is replaced; also the window over which the lowest speed is measured."""
    min_bytes_per_second: float = 10_000.0
    """A connection that is slower while it is waited for is replaced: one gigabyte would take more than a day."""
    cache: Path | None = None
    """Folder that keeps whole files which were read to their end, for the next reading; None keeps nothing."""
    cache_bytes: int = 50 << 30
    """Bound of that folder, files in the making included; those that were not used for longest go first."""

    def __post_init__(self) -> None:
        for name in ("requests_per_second", "attempts", "stall_seconds", "cache_bytes"):
            if not getattr(self, name) > 0:
                raise BadInput(f"{name} of a source is {getattr(self, name)}: give a number above 0.")

    @property
    def user_agent(self) -> str:
        return f"Rewrap/{__version__} (+{self.contact})"


def as_policy(policy: FetchPolicy | str) -> FetchPolicy:
    """A contact alone stands for the default manners."""
    return FetchPolicy(policy) if isinstance(policy, str) else policy


def explain(error: BaseException) -> str:
    """An error in one line, also if the library gave it no message."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
