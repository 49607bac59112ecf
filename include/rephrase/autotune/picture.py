"""The picture of a sweep: what every trial made per second, and what of it was accepted.

Matplotlib lives in the engine's environment: ``<engine python> -m include.rephrase.autotune.picture REPORT PICTURE``.
"""

import json
import logging
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

from include.lake import write_atomically
from include.settings import PROJECT

log = logging.getLogger("rewrap.autotune")

MADE, ACCEPTED, FAILED = "#56B4E9", "#0072B2", "#D55E00"
"""Of Okabe and Ito's palette: told apart by colour-blind readers too."""


def draw_sweep(report: dict[str, Any]) -> bytes:
    """A PNG with a bar a trial, in their order; equal reports give equal bytes."""
    from matplotlib.figure import Figure

    trials = report["trials"]
    figure = Figure(figsize=(10, 1.6 + 0.32 * len(trials)), layout="constrained")
    axes = figure.subplots()
    places = range(len(trials))
    for kind, colour in (("tokens_per_second", MADE), ("accepted_tokens_per_second", ACCEPTED)):
        per_gpu = [trial.get(kind, 0) / trial.get("gpus", 1) for trial in trials]
        axes.barh(places, per_gpu, color=colour, label=kind.replace("_", " "))
    for place, trial in zip(places, trials, strict=True):
        if "tokens_per_second" not in trial:
            axes.text(0, place, " failed", va="center", color=FAILED)
        elif trial["kept"]:
            share = f"{trial['accepted_share']:.0%} accepted"
            axes.text(trial["tokens_per_second"] / trial["gpus"], place, f" kept, {share}", va="center", fontsize=8)
    axes.set_yticks(places, [trial["name"] for trial in trials], fontsize=8)
    axes.invert_yaxis()
    axes.margins(x=0.15)
    axes.set(xlabel="output tokens per second and GPU", title=f"{report['teacher']} on {report['device']}")
    axes.grid(axis="x", alpha=0.3)
    axes.legend(loc="lower right", fontsize=8)
    image = BytesIO()
    # Without this the PNG names the library's version, and an upgrade alone would change the file.
    figure.savefig(image, format="png", dpi=110, metadata={"Software": None})
    return image.getvalue()


def draw_with(engine_python: Path, report: Path) -> None:
    """Draw ``sweep.png`` beside the report, in the engine's environment. A picture that fails costs only itself."""
    files = [str(report), str(report.with_name("sweep.png"))]
    command = [str(engine_python), "-m", "include.rephrase.autotune.picture", *files]
    try:
        subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    except subprocess.CalledProcessError as error:
        reason = error.stderr.strip().rpartition("\n")[2] or str(error)
        log.warning("the picture of the sweep could not be drawn: %s", reason)
    except OSError as error:
        log.warning("the picture of the sweep could not be drawn: %s", error)


if __name__ == "__main__":
    write_atomically(Path(sys.argv[2]), draw_sweep(json.loads(Path(sys.argv[1]).read_bytes())))
