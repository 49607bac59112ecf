"""What the supervised workers of the tests are asked to do: an item is an order."""

import ctypes
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import HTMLTree

ATTRIBUTES = f"<a {' '.join(f'a{number}=1' for number in range(100_000))}>"
NESTED = "<div>" * 200_000
"""Each keeps resiliparse's native code busy for over 40 s, and Python's lock with it."""
PARAGRAPHS = "<p>a line of a long page that is not hostile at all" * 100_000


def measure(item: bytes) -> tuple[int, int]:
    """A result that depends on every byte."""
    return len(item), sum(item[:50])


def work_a_little(item: bytes) -> bytes:
    """About a millisecond of work, so that a kill can fall into it."""
    end = time.process_time() + 0.001
    while time.process_time() < end:
        pass
    return item


def obey(item: str) -> str:
    """Do to the worker what the item says."""
    _ORDERS.get(item, lambda: None)()
    return item.upper()


def _raise(error: BaseException) -> None:
    raise error


class Panic(BaseException):
    """Stands for pyo3's PanicException, which is no Exception either."""


_ORDERS: dict[str, Callable[[], object]] = {
    "parse": lambda: HTMLTree.parse(ATTRIBUTES),
    "extract": lambda: extract_plain_text(NESTED, main_content=True),
    "sleep": lambda: ctypes.PyDLL(None).sleep(1000),  # in C and with Python's lock held
    "hoard": lambda: bytearray(8 << 30),
    "hoard in native code": lambda: extract_plain_text(PARAGRAPHS),
    "segfault": lambda: ctypes.string_at(0),
    "exit": lambda: os._exit(3),
    "raise": lambda: _raise(ValueError("a page\nwithout sense")),
    "panic": lambda: _raise(Panic("in native code")),
    "print": lambda: print("\x00\x01 looks like a message", flush=True),
}


def note_pid(item: str, folder: str) -> str:
    """Leave the worker's process id behind, then hang for the item ``hang``."""
    Path(folder, str(os.getpid())).touch()
    return obey("parse") if item == "hang" else item


class Unloadable:
    """Pickles, and cannot be unpickled in a worker."""

    def __reduce__(self) -> Any:
        return (_refuse, (os.getpid(),))

    def __call__(self, item: str) -> str:
        return item


def _refuse(pid: int) -> None:
    raise RuntimeError("the model file is missing")
