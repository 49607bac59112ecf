"""Loops that Python is too slow for, in C: one ``<name>.c`` beside this file (with ``.h`` files that it includes), one
shared library each, no dependencies.

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
from functools import cache
from pathlib import Path

log = logging.getLogger("rewrap.native")

SOURCES = Path(__file__).parent
BUILT = Path(sys.prefix) / "rewrap-native"
FLAGS = ("-O3", "-std=gnu11", "-fPIC", "-shared", "-Wall", "-Wextra", "-Werror")
"""No ``-march=native``: environments are copied between machines. Sources choose at run time (``target_clones``)."""


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
    headers = [file.read_bytes() for file in sorted(SOURCES.glob("*.h"))]
    made_from = hashlib.sha256(b" ".join([source.read_bytes(), *headers, *map(str.encode, FLAGS)])).hexdigest()[:16]
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
