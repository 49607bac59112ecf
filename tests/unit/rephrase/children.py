"""Starts :mod:`scripted_child` as an engine's process."""

import os
import sys
from pathlib import Path

from include.rephrase.engines.params import EngineParams
from include.rephrase.engines.process import ProcessEngine

HERE = Path(__file__).parent
ENVIRONMENT = os.environ | {"PYTHONPATH": os.pathsep.join([str(HERE.parents[2]), str(HERE)])}


def start(*options: object, **params: float) -> ProcessEngine:
    """An engine's process with these options of the script."""
    command = [sys.executable, str(HERE / "scripted_child.py"), *map(str, options)]
    return ProcessEngine(command, ENVIRONMENT, EngineParams.model_validate({"start_seconds": 60, **params}))
