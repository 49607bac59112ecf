"""What the worker and the engine's process say to each other: one JSON object a line.

To the engine: ``{"request": {...}}`` and, when there will be no more, ``{"end": true}``. To the worker: first
``{"ready": {...}}`` or ``{"refused": "..."}``, then ``{"result": {...}}``, and ``{"beat": steps}`` while it works.
"""

import json
from dataclasses import asdict, dataclass
from typing import Any

from include.rephrase.engines.base import Request, Result


@dataclass(frozen=True)
class Ready:
    """The engine is warm: what :class:`include.rephrase.engines.base.Engine` says of itself."""

    name: str
    version: str
    capacity: int


@dataclass(frozen=True)
class Refused:
    """The engine cannot be started with these settings, and why."""

    message: str


@dataclass(frozen=True)
class Beat:
    """A sign of life."""

    steps: int
    """Made so far."""


@dataclass(frozen=True)
class End:
    """There will be no more requests: the engine may leave when it has answered all."""


Message = Request | Result | Ready | Refused | Beat | End


def encode(message: Message) -> bytes:
    """The line of a message, with its line end."""
    match message:
        case Request():
            content: dict[str, Any] = {"request": asdict(message)}
        case Result():
            content = {"result": asdict(message)}
        case Ready():
            content = {"ready": asdict(message)}
        case Refused():
            content = {"refused": message.message}
        case Beat():
            content = {"beat": message.steps}
        case End():
            content = {"end": True}
    return json.dumps(content, separators=(",", ":")).encode() + b"\n"


def decode(line: bytes) -> Message:
    """The message of a line. Raises ValueError if it is none."""
    try:
        ((kind, content),) = json.loads(line).items()
        match kind:
            case "request":
                return Request(**content)
            case "result":
                return Result(**content)
            case "ready":
                return Ready(**content)
            case "refused":
                return Refused(str(content))
            case "beat":
                return Beat(int(content))
            case "end":
                return End()
    except (ValueError, TypeError, AttributeError) as error:
        raise ValueError(f"{line[:200]!r} is no message of an engine ({error})") from None
    raise ValueError(f"{line[:200]!r} is no message of an engine")
