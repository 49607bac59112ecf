"""The engine's process as it talks to the worker that started it (the other end: :mod:`.process`)."""

import os
import signal
import sys
import threading
from queue import SimpleQueue

from include.rephrase.engines.base import Request
from include.rephrase.engines.wire import End, Message, decode, encode


class Link:
    """Takes over standard input and output, before anything else can write to them.

    What libraries print then goes to standard error, which is the log. When the worker dies in any way, the pipe closes
    and this process ends with its whole group.
    """

    def __init__(self) -> None:
        sys.stdout.flush()
        self._out = os.fdopen(os.dup(1), "wb")
        os.dup2(2, 1)
        self._in = os.fdopen(os.dup(0), "rb")
        # What this process starts must not read the requests.
        with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - a descriptor is wanted
            os.dup2(nothing.fileno(), 0)
        self._sending = threading.Lock()
        self.requests: SimpleQueue[Request | None] = SimpleQueue()
        """What was asked for, in order; None after the last one."""
        threading.Thread(target=self._listen, name="requests", daemon=True).start()

    def send(self, message: Message) -> None:
        """Tell the worker. A dead one ends this process."""
        try:
            with self._sending:
                self._out.write(encode(message))
                self._out.flush()
        except BrokenPipeError:
            _end_group()

    def _listen(self) -> None:
        """Until the pipe closes: the worker is dead or does not need this process any more. It ends in any case."""
        try:
            for line in self._in:
                message = decode(line)
                assert isinstance(message, Request | End), f"a worker never says {message}"
                self.requests.put(message if isinstance(message, Request) else None)
        finally:
            _end_group()


def _end_group() -> None:
    os.killpg(os.getpgrp(), signal.SIGKILL)
