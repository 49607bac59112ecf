"""The boundary to the engine's environment: commands in, files out, exit code back (DESIGN.md 4).

The engine's process leads a process group of its own. It is ended with its group when this process ends it, and it ends
itself when this process dies in any way, also by SIGKILL: it reads a pipe whose other end only this process holds.
"""

import contextlib
import logging
import os
import signal
import subprocess
import threading
from collections.abc import Sequence

from include.errors import BadInput, EngineFailed
from include.settings import PROJECT, Settings

log = logging.getLogger("rewrap.process")

BAD_INPUT = 65
"""Exit code of a command that refused its input (EX_DATAERR); its message stands behind ``ERROR``."""
ERROR = "error: "
GUARD = "REWRAP_ENGINE_GUARD"
"""In the environment of a process that was started here: how it learns that its parent is gone."""
SILENT, TALKS = "1", "talks"
"""Its standard input says nothing and closes with the parent; or it carries requests (:mod:`.engines.link`)."""
LAST_LINES = 15
LINE_LENGTH = 500
"""An engine that dies dumps its state in lines of many kilobytes."""


def run_in_engine(settings: Settings, *arguments: str) -> None:
    """Run ``python -m include.cli ARGUMENTS`` with the engine's interpreter; its lines go into this process's log.

    Raises:
        BadInput: the environment is missing, or the command refused its input.
        EngineFailed: the command ended in any other way than well.
    """
    process = subprocess.Popen(
        engine_command(settings, *arguments),
        cwd=PROJECT,
        env=engine_environment(settings) | {GUARD: SILENT},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    lines: list[str] = []
    try:
        assert process.stdout is not None
        for line in process.stdout:
            line = line.rstrip()
            if line:
                lines = [*lines[1 - LAST_LINES :], line[:LINE_LENGTH]]
                log.info("%s", lines[-1])
        code = process.wait()
    finally:
        end_group(process.pid)
    if code == BAD_INPUT:
        raise BadInput(refusal(lines))
    if code != 0:
        raise EngineFailed(
            f"'{' '.join(arguments)}' {how_it_ended(code)}. What it had committed is kept: running it again goes on "
            "from there. Its last lines:\n" + "\n".join(lines)
        )


def engine_command(settings: Settings, *arguments: str) -> list[str]:
    """``python -m include.cli ARGUMENTS`` with the engine's interpreter. Raises BadInput if it is not there."""
    if not settings.engine_python.exists():
        raise BadInput(f"The engine's environment is not there ({settings.engine_python}). Run 'make setup' first.")
    return [str(settings.engine_python), "-m", "include.cli", *arguments]


def how_it_ended(code: int) -> str:
    """In words, from the code that ``wait`` gives."""
    return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"


def refusal(lines: Sequence[str]) -> str:
    """The message of a command that ended with BAD_INPUT, out of its last lines."""
    begins = max((number for number, line in enumerate(lines) if line.startswith(ERROR)), default=0)
    return "\n".join(list(lines)[begins:]).removeprefix(ERROR)


def end_group(leader: int) -> None:
    """End what is left of a process group."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


def started_by_us() -> bool:
    """Whether this process is one that was started here: its lines pass through its parent's log."""
    return GUARD in os.environ


def die_with_parent() -> None:
    """In the engine's process: end the whole group as soon as the parent is gone."""
    if os.environ.get(GUARD) == SILENT:
        threading.Thread(target=_wait_for_parent, daemon=True).start()


def _wait_for_parent() -> None:
    while os.read(0, 1):
        pass
    os.killpg(os.getpgrp(), signal.SIGKILL)


def engine_environment(settings: Settings) -> dict[str, str]:
    """Ours, without what belongs to the other environment's interpreter; the home is named, not guessed again."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIRTUAL_ENV", "AIRFLOW"))}
    params = ":".join(str(file) for file in settings.params_files)
    ours = {"REWRAP_HOME": str(settings.home), "REWRAP_PARAMS": params}
    # Its output is a log: line by line, without progress bars, without what libraries tell each other of the future.
    log_only = {"PYTHONUNBUFFERED": "1", "TQDM_DISABLE": "1", "PYTHONWARNINGS": "ignore::FutureWarning"}
    # Threads that wait for each other must not spin: beside any other busy process on two cores, that made training
    # ten times slower and generation more.
    runtime = log_only | {"OMP_WAIT_POLICY": "PASSIVE"}
    return runtime | kept | ours
