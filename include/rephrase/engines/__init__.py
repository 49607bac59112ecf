"""Engines: they turn requests into results, in any order, each under its key."""

from include.params import EngineParams
from include.rephrase.engines.base import Engine
from include.rephrase.teacher import Teacher


def start_engine(teacher: Teacher, params: EngineParams) -> Engine:
    """Start the engine that the parameters name; runs in the engine's environment."""
    if params.kind == "scripted":
        from include.rephrase.engines.scripted import ScriptedEngine

        return ScriptedEngine()
    from include.rephrase.engines.vllm import VllmEngine

    return VllmEngine(teacher, params)
