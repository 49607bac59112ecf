"""An engine in a process of its own, in the engine's environment (the other end: :mod:`.link`).

It leads a process group, which is ended as a whole: when this process closes it, when it hangs, and (by itself) when
this process dies in any way.
"""

import contextlib
import logging
import queue
import subprocess
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from typing import IO

from include.errors import BadInput
from include.rephrase.engines.base import EngineDied, Request, Result
from include.rephrase.engines.params import EngineParams
from include.rephrase.engines.wire import Beat, End, Message, Ready, Refused, decode, encode
from include.rephrase.process import (
    BAD_INPUT,
    GUARD,
    LAST_LINES,
    LINE_LENGTH,
    TALKS,
    end_group,
    how_it_ended,
    refusal,
)
from include.settings import PROJECT

log = logging.getLogger("rewrap.process")

SAY_EVERY = 30.0
"""Seconds between two lines while an engine starts."""
LEAVE_SECONDS = 10.0
"""For an engine that has nothing to do to leave by itself."""
CLOSE_SECONDS = 5.0
"""For what follows at once when a process ends: its exit code, the end of its pipes."""
LAST_WORDS = 3
"""Lines of its log that stand in the reason of its death."""


class ProcessEngine:
    """Starts the process and waits until it is ready."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], params: EngineParams) -> None:
        """
        Raises:
            BadInput: the engine refused its settings.
            EngineDied: it ended, or was not ready within ``start_seconds``.
        """
        self._stall_seconds = params.stall_seconds
        self._process = subprocess.Popen(
            command,
            cwd=PROJECT,
            env={**environment, GUARD: TALKS},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        self._lines: deque[str] = deque(maxlen=LAST_LINES)
        self._heard: queue.SimpleQueue[Message | EngineDied] = queue.SimpleQueue()
        """What it said, in order; at the end how it came that it says nothing more."""
        self._to_say: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._in_flight: set[str] = set()
        self._last_sign = time.monotonic()
        self._dead: EngineDied | None = None
        self._idle = False
        """Ready and without work."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._threads = [
            # The log first: whoever reads the end of the process waits for its last words.
            threading.Thread(target=self._log, args=(self._process.stderr,), daemon=True),
            threading.Thread(target=self._write, args=(self._process.stdin,), daemon=True),
            threading.Thread(target=self._read, args=(self._process.stdout,), daemon=True),
        ]
        for thread in self._threads:
            thread.start()
        try:
            ready = self._wait_until_ready(params.start_seconds)
        except BaseException:
            self.close()
            raise
        self._idle = True
        self.name, self.version, self.capacity = ready.name, ready.version, ready.capacity

    def submit(self, request: Request) -> None:
        if not self._in_flight:
            self._last_sign = time.monotonic()  # it had nothing to do, and nothing to say
        self._idle = False
        self._in_flight.add(request.generation_key)
        self._to_say.put(encode(request))

    def results(self, timeout: float) -> list[Result]:
        if self._dead:
            raise self._dead
        results: list[Result] = []
        until = time.monotonic() + timeout
        try:
            while self._in_flight and not results:
                results += self._next(until)
            while True:
                results += self._understand(self._heard.get_nowait())
        except (queue.Empty, TimeoutError):
            pass
        except EngineDied as death:
            self._dead = death
            if not results:  # what it gave before it died comes first
                raise
        self._idle = not self._in_flight
        return results

    def close(self) -> None:
        """End the process with its group; one that has nothing to do may leave by itself before."""
        if self._idle:
            self._idle = False
            self._to_say.put(encode(End()))
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(LEAVE_SECONDS)
        end_group(self._process.pid)
        self._process.wait()
        self._to_say.put(None)
        for thread in self._threads:
            thread.join(CLOSE_SECONDS)

    def _wait_until_ready(self, start_seconds: float) -> Ready:
        began = time.monotonic()
        while True:
            try:
                message = self._heard.get(timeout=min(SAY_EVERY, start_seconds))
                break
            except queue.Empty:
                self._require_alive()
                waited = time.monotonic() - began
                if waited >= start_seconds:
                    raise self._death(f"was not ready within {start_seconds:g} s") from None
                log.info("the engine starts, for %.0f s now", waited)
        match message:
            case Ready():
                return message
            case Refused():
                raise BadInput(message.message)
            case EngineDied():
                if self._process.returncode == BAD_INPUT:
                    raise BadInput(refusal(self._lines))
                raise message
        raise self._death(f"began with {message}")

    def _next(self, until: float) -> list[Result]:
        """The next message, as results. Raises TimeoutError, or EngineDied if there was no sign of life."""
        stalls = self._last_sign + self._stall_seconds
        try:
            return self._understand(self._heard.get(timeout=max(min(until, stalls) - time.monotonic(), 0.0)))
        except queue.Empty:
            self._require_alive()
            if time.monotonic() >= stalls:
                raise self._death(f"gave no sign of life for {self._stall_seconds:g} s") from None
            raise TimeoutError from None

    def _understand(self, message: Message | EngineDied) -> list[Result]:
        self._last_sign = time.monotonic()
        match message:
            case Result():
                self._in_flight.discard(message.generation_key)
                return [message]
            case Beat():
                return []
            case EngineDied():
                raise message
        raise self._death(f"said what no engine says: {message}")

    def _require_alive(self) -> None:
        """Its pipe may stay open when it is dead: what it has forked holds it, too."""
        if self._process.poll() is not None:
            raise self._death(how_it_ended(self._process.returncode))

    def _death(self, how: str) -> EngineDied:
        self._idle = False
        said = "; its last words: " + " | ".join(list(self._lines)[-LAST_WORDS:]) if self._lines else ""
        return EngineDied(f"the engine's process {how}{said}")

    def _write(self, stdin: IO[bytes]) -> None:
        """In a thread of its own: whoever writes to a process that hangs hangs, too."""
        with contextlib.suppress(BrokenPipeError), stdin:
            while (line := self._to_say.get()) is not None:
                stdin.write(line)
                stdin.flush()

    def _read(self, stdout: IO[bytes]) -> None:
        with stdout:
            for line in stdout:
                try:
                    self._heard.put(decode(line))
                except ValueError as error:
                    self._heard.put(self._death(f"wrote nonsense: {error}"))
                    return
        # Its end is closed: it is ending, and how it ends says more than a signal from here would.
        try:
            how = how_it_ended(self._process.wait(CLOSE_SECONDS))
        except subprocess.TimeoutExpired:
            how = "closed its output"
        self._threads[0].join(CLOSE_SECONDS)  # its last words
        self._heard.put(self._death(how))

    def _log(self, stderr: IO[bytes]) -> None:
        with stderr:
            for line in stderr:
                if text := line.decode(errors="replace").rstrip()[:LINE_LENGTH]:
                    self._lines.append(text)
                    log.info("%s", text)
