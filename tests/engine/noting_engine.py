"""Stands in for the engine's interpreter: the same process with real vLLM, which notes every key that it finishes in
the file ``REWRAP_TEST_NOTES``, and which is ended by a prompt with ``DEADLY`` in it, as by a defect in a kernel."""

import os
import sys
from pathlib import Path

assert sys.argv[1:3] == ["-m", "include.cli"], sys.argv
sys.argv = sys.argv[2:]
sys.path[0] = str(Path.cwd())

from include.rephrase.engines.base import Request, Result  # noqa: E402
from include.rephrase.engines.vllm import Tokens, VllmEngine  # noqa: E402

DEADLY = "deadly mushrooms"

notes = os.open(os.environ["REWRAP_TEST_NOTES"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
submit, step = VllmEngine.submit, VllmEngine.step
running_deadly = False


def note_and_submit(self: VllmEngine, request: Request, tokens: Tokens) -> Result | None:
    global running_deadly
    running_deadly |= any(DEADLY in message["content"] for message in request.messages)
    return submit(self, request, tokens)


def step_and_note(self: VllmEngine) -> list[Result]:
    results = step(self)
    if running_deadly:
        os.abort()
    os.write(notes, "".join(f"{result.generation_key}\n" for result in results).encode())
    return results


VllmEngine.submit, VllmEngine.step = note_and_submit, step_and_note  # type: ignore[method-assign]

if __name__ == "__main__":
    from include.cli.__main__ import main

    main()
