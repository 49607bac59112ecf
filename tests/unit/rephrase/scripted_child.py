"""A scripted engine behind the real wire, with every way to go wrong: the engine's process in tests.

Like a real engine it works on several requests at once, so that whoever is beside a deadly one is lost with it.
"""

import argparse
import os
import signal
import sys
from pathlib import Path
from queue import Empty

from chained import Chained

from include.rephrase.engines.base import Request
from include.rephrase.engines.link import Link
from include.rephrase.engines.wire import Beat, Ready, Refused

BESIDE = 4
"""Requests worked on at once."""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--notes", type=Path, help="file that gets the key of everything that is answered")
    parser.add_argument("--capacity", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=0.0, help="per answer")
    parser.add_argument("--refuses", help="this is why it does not start")
    parser.add_argument("--dies-at-start", action="store_true")
    parser.add_argument("--starts-slowly", action="store_true")
    parser.add_argument("--dies-of", action="append", default=[], metavar="WORD", help="in a prompt")
    parser.add_argument("--hangs-of", action="append", default=[], metavar="WORD")
    parser.add_argument("--babbles-of", action="append", default=[], metavar="WORD")
    parser.add_argument("--dies-once", type=Path, help="after five answers, unless this file is there")
    parser.add_argument("--prints", action="store_true", help="writes to standard output, as libraries do")
    parser.add_argument("--child", type=Path, help="has a child, whose pid stands in this file")
    return parser.parse_args()


class Child:
    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.link = Link()
        self.engine = Chained(options.notes, options.seconds)
        self.running: list[Request] = []
        self.answered = self.steps = 0
        self.ended = False

    def run(self) -> None:
        options = self.options
        if options.child:
            child = os.fork()
            if not child:
                signal.pause()
            options.child.write_text(str(child))
        if options.dies_at_start:
            sys.exit("no memory left for this engine")
        if options.starts_slowly:
            signal.pause()
        if options.refuses:
            self.link.send(Refused(options.refuses))
            return
        self.link.send(Ready(self.engine.name, self.engine.version, options.capacity))
        while not self.ended or self.running:
            self.take()
            self.go_wrong()
            if self.running:
                self.step()

    def take(self) -> None:
        while not self.ended and len(self.running) < BESIDE:
            try:
                request = self.link.requests.get(block=not self.running)
            except Empty:
                return
            self.ended = request is None
            self.running += [request] if request else []

    def go_wrong(self) -> None:
        prompts = " ".join(message["content"] for request in self.running for message in request.messages)
        if any(word in prompts for word in self.options.dies_of):
            print("about to fail in a kernel", file=sys.stderr, flush=True)
            os.abort()
        if any(word in prompts for word in self.options.hangs_of):
            signal.pause()
        if any(word in prompts for word in self.options.babbles_of):
            self.link._out.write(b"\x00 not a message\n")
            self.link._out.flush()

    def step(self) -> None:
        if self.options.prints:
            print("a library prints", flush=True)
            os.write(1, b"and so does its C code\n")
        self.link.send(self.engine.answer(self.running.pop(0)))
        self.answered += 1
        self.steps += 1
        self.link.send(Beat(self.steps))
        once = self.options.dies_once
        if once and self.answered == 5 and not once.exists():
            once.touch()
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    Child(arguments()).run()
