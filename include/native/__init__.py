"""Loops that Python is too slow for, in C: one ``<name>.c`` beside this file, with headers ``<name>_*.h`` where it is
long, one shared library each, no dependencies.

``make setup`` builds them into the environment; a library that is missing is built when it is first asked for. Every
caller keeps a tested implementation in Python for machines without a C compiler: :func:`load` then returns None.
"""

import ctypes
import hashlib
import logging
import os
import platform
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

log = logging.getLogger("rewrap.native")

SOURCES = Path(__file__).parent
BUILT = Path(sys.prefix) / "rewrap-native"
FLAGS = ("-O3", "-std=gnu11", "-fPIC", "-shared", "-Wall", "-Wextra", "-Werror")
"""No ``-march=native``: environments are copied between machines. Sources choose at run time (``target_clones``)."""


def kept_table(name: str, make: Callable[[], NDArray[Any]], made_by: str) -> NDArray[Any]:
    """A table over Unicode that the C parts read. To make one takes most of a second: it is kept beside the libraries.

    Args:
        made_by: file of the code that makes it; with Python's version of Unicode it decides whether a kept one holds.
    """
    made_from = hashlib.sha256(Path(made_by).read_bytes() + unicodedata.unidata_version.encode()).hexdigest()[:16]
    file = BUILT / f"{name}-{made_from}.npy"
    try:
        table: NDArray[Any] = np.load(file, allow_pickle=False)
    except (OSError, ValueError):  # not there yet, or the disk was full
        table = make()
        with suppress(OSError):
            BUILT.mkdir(parents=True, exist_ok=True)
            temporary = file.with_suffix(f".{os.getpid()}.tmp")
            with temporary.open("wb") as stream:
                np.save(stream, table)
            temporary.replace(file)
    table.setflags(write=False)
    return table


@cache
def load(name: str) -> ctypes.CDLL | None:
    """The library of ``<name>.c``; None, with one warning, where it can be neither found nor built.

    Calls through it release the GIL. ``REWRAP_NATIVE=off`` makes every call return None (to measure or test without).
    """
    if os.environ.get("REWRAP_NATIVE") == "off":
        return None
    try:
        return ctypes.CDLL(str(build(name)))
    except (OSError, subprocess.CalledProcessError) as error:
        reason = getattr(error, "stderr", None) or error
        log.warning(
            "the C part %r cannot be used (%s); Python does its work many times slower. Install a C compiler and run "
            "'make setup' again.", name, str(reason).strip(),
        )  # fmt: skip
        return None


def build(name: str) -> Path:
    """Compile ``<name>.c`` unless that has been done, and return the library.

    Raises:
        OSError: there is no compiler, or the environment's folder cannot be written.
        subprocess.CalledProcessError: the compiler refused; its words are in ``stderr``.
    """
    source = SOURCES / f"{name}.c"
    sources = [source, *sorted(SOURCES.glob(f"{name}_*.h"))]
    made_from = hashlib.sha256(
        b" ".join([*(file.read_bytes() for file in sources), *map(str.encode, FLAGS)])
    ).hexdigest()[:16]
    library = BUILT / f"{name}-{platform.machine()}-{made_from}.so"
    if not library.exists():
        compiler = shutil.which(os.environ.get("CC") or "cc")
        if compiler is None:
            raise OSError("no C compiler: neither CC names one nor is there a 'cc'")
        BUILT.mkdir(parents=True, exist_ok=True)
        # Several processes may build at once: each its own file, the last rename wins.
        temporary = library.with_suffix(f".{os.getpid()}.tmp")
        command = [compiler, *FLAGS, "-o", str(temporary), str(source), "-lm"]
        subprocess.run(command, check=True, capture_output=True, text=True)
        temporary.replace(library)
    return library


def build_all() -> list[str]:
    """Build every library; returns the names of those that could not be."""
    return [source.stem for source in sorted(SOURCES.glob("*.c")) if load(source.stem) is None]
