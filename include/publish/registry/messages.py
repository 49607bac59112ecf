"""What DVC says, as one message."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from include.errors import RewrapError

LOGGERS = ("dvc", "dvc_data", "dvc_objects")
LAST_LINES = 8


@contextmanager
def one_message(datasets: Path, doing: str, what_to_do: str = "") -> Iterator[None]:
    """Turn an exception of DVC or its file systems into one message with what DVC logged; keep its other lines away."""
    told: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: told.append(_line(record))  # type: ignore[method-assign]
    loggers = [logging.getLogger(name) for name in LOGGERS]
    before = [(logger, logger.handlers, logger.propagate, logger.level) for logger in loggers]
    for logger in loggers:
        logger.handlers, logger.propagate = [handler], False
        logger.setLevel(logging.WARNING)
    try:
        yield
    except RewrapError:
        raise
    except Exception as error:
        lines = [line for line in [*told, f"{type(error).__name__}: {error}"] if line.strip()][-LAST_LINES:]
        raise RewrapError(
            f"DVC could not {doing} in {datasets}:\n"
            + "\n".join([*(f"  {line}" for line in lines), *what_to_do.splitlines()])
        ) from error
    finally:
        for logger, handlers, propagate, level in before:
            logger.handlers, logger.propagate = handlers, propagate
            logger.setLevel(level)


def _line(record: logging.LogRecord) -> str:
    cause = record.exc_info[1] if record.exc_info else None
    return record.getMessage() + (f": {cause}" if cause else "")
