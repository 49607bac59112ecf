"""Runs a command; what a person can act on is one message, not a traceback."""

import logging
import sys

from include.cli.commands import app
from include.errors import BadInput, RewrapError
from include.rephrase.process import BAD_INPUT, ERROR, die_with_parent, started_by_us


def main() -> None:
    """Run the command of ``sys.argv``."""
    die_with_parent()
    # The engine's lines pass through the log of the process that started it, which puts the time before them.
    time = "" if started_by_us() else "%(asctime)s "
    logging.basicConfig(level=logging.INFO, format=f"{time}%(name)s: %(message)s", datefmt="%H:%M:%S")
    for noisy in ("httpx", "httpcore", "great_expectations", "vllm"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    try:
        app()
    except RewrapError as error:
        print(f"{ERROR}{error}", file=sys.stderr, flush=True)
        sys.exit(BAD_INPUT if isinstance(error, BadInput) else 1)


if __name__ == "__main__":
    main()
