"""The engine's process: reads requests, keeps vLLM stepping, writes results (the other end: :mod:`.process`).

Two threads besides the one that steps: one reads the pipe, one turns chats into tokens. Both spend their time where
Python's lock is not held (reading, the tokenizer), so that a step never waits for a prompt.
"""

import logging
import os
import sys
import threading
import time
from queue import SimpleQueue
from typing import TYPE_CHECKING

from include.errors import BadInput
from include.rephrase.engines.base import Request, Result
from include.rephrase.engines.link import Link
from include.rephrase.engines.params import EngineParams
from include.rephrase.engines.prompts import Prompts, Tokens
from include.rephrase.engines.vllm import VllmEngine
from include.rephrase.engines.wire import Beat, Ready, Refused
from include.rephrase.teacher import Teacher

if TYPE_CHECKING:
    import psutil

log = logging.getLogger("rewrap.engine")

BEAT_EVERY = 1.0
"""Seconds between two signs of life while there is work."""

Prepared = tuple[Request, Tokens | Result] | BaseException | None
"""A request with its tokens or its refusal; what went wrong with the thread that prepares; None at the end."""


def serve(teacher: Teacher, params: EngineParams) -> None:
    """Serve the worker at the other end of standard input and output until it says that there is no more.

    Ends the process then.
    """
    link = Link()
    try:
        engine = VllmEngine(teacher, params)
    except BadInput as error:
        link.send(Refused(str(error)))
        return
    threading.Thread(target=_watch, args=(engine.parts(),), name="parts", daemon=True).start()
    prepared: SimpleQueue[Prepared] = SimpleQueue()
    threading.Thread(target=_prepare, args=(link, engine.prompts, prepared), name="tokenizer", daemon=True).start()
    link.send(Ready(engine.name, engine.version, engine.capacity))
    _Loop(link, engine, prepared).run()
    # There is nothing left to save, and Python takes seconds to take torch apart. What a GPU's engine has started is
    # ended by the worker, with this process's group.
    sys.stderr.flush()
    os._exit(0)


def _prepare(link: Link, prompts: Prompts, prepared: "SimpleQueue[Prepared]") -> None:
    try:
        while (request := link.requests.get()) is not None:
            prepared.put((request, prompts.tokenize(request)))
        prepared.put(None)
    except BaseException as error:  # the loop raises it: a dead thread would look like a hang
        prepared.put(error)


def _watch(parts: "list[psutil.Process]") -> None:
    """End this process when a part of the engine ends: vLLM 0.32 waits for ever for a core that was killed."""
    import psutil

    def give_up(part: psutil.Process) -> None:
        log.error("process %d of the engine has ended", part.pid)
        sys.stderr.flush()
        os._exit(1)

    psutil.wait_procs(parts, callback=give_up)


class _Loop:
    """Submits what is prepared, steps, and sends what is finished."""

    def __init__(self, link: Link, engine: VllmEngine, prepared: "SimpleQueue[Prepared]") -> None:
        self.link = link
        self.engine = engine
        self.prepared = prepared
        self.ended = False
        self.steps = 0
        self.beaten = time.monotonic()

    def run(self) -> None:
        while True:
            self.take()
            if self.engine.in_flight:
                for result in self.engine.step():
                    self.link.send(result)
                self.steps += 1
                self.beat()
            elif self.ended:
                return

    def take(self) -> None:
        """Submit all that is prepared; waits for the first if there is nothing else to do."""
        while not self.ended and (not self.engine.in_flight or not self.prepared.empty()):
            item = self.prepared.get()
            if isinstance(item, BaseException):
                raise item
            if item is None:
                self.ended = True
                return
            request, tokens = item
            result = tokens if isinstance(tokens, Result) else self.engine.submit(request, tokens)
            if result is not None:
                self.link.send(result)

    def beat(self) -> None:
        if time.monotonic() - self.beaten >= BEAT_EVERY:
            self.beaten = time.monotonic()
            self.link.send(Beat(self.steps))
