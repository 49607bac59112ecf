"""Makes ready what the parameters name: the teacher, and an engine that runs it."""

import json
from dataclasses import asdict, replace
from pathlib import Path

from include.rephrase.engines.base import Engine
from include.rephrase.engines.params import EngineParams
from include.rephrase.params import RephraseParams
from include.rephrase.teacher import BUNDLED, Teacher, find_teacher, prepare_teacher
from include.settings import Settings


def ready_teacher(settings: Settings, params: RephraseParams) -> Teacher:
    """The teacher of the parameters; what is missing of it is brought here.

    Its weights are prepared in the engine's environment. If another engine than vLLM runs it, its tokenizer suffices,
    which needs no such environment. A teacher that vLLM quantises writes other texts: that is part of its revision, and
    so of every key. Raises BadInput.
    """
    teacher = _prepared(settings, params)
    engine = params.engine_for(params.teacher)
    if engine.kind == "vllm" and engine.quantization:
        return replace(teacher, revision=f"{teacher.revision}+{engine.quantization}")
    return teacher


def _prepared(settings: Settings, params: RephraseParams) -> Teacher:
    from include.rephrase.process import run_in_engine

    wanted = (params.teacher, params.teacher_revision)
    if params.engine_for(params.teacher).kind != "vllm" and params.teacher not in BUNDLED:
        return prepare_teacher(settings, *wanted, weights=False)
    teacher = find_teacher(settings, *wanted)
    if teacher is None:
        names = zip(("rephrase.teacher", "rephrase.teacher_revision"), wanted, strict=True)
        options = [option for name, value in names for option in ("--set", f"{name}={json.dumps(value)}")]
        run_in_engine(settings, "engine", "prepare", *options)
        teacher = find_teacher(settings, *wanted)
        assert teacher is not None, "the engine prepared another teacher than the one asked for"
    return teacher


def start_engine(settings: Settings, params: RephraseParams, teacher: Teacher) -> Engine:
    """Start the engine that the parameters name for this teacher, and wait until it is ready.

    Raises:
        BadInput: its settings are refused. EngineDied, EngineFailed: it did not become ready.
    """
    engine = params.engine_for(teacher.name)
    if engine.kind == "scripted":
        from include.rephrase.engines.scripted import ScriptedEngine

        return ScriptedEngine()
    if engine.kind == "endpoint":
        from include.rephrase.engines.endpoint import EndpointEngine

        return EndpointEngine(teacher, engine)
    from include.rephrase.engines.process import ProcessEngine
    from include.rephrase.process import engine_command, engine_environment

    command = engine_command(settings, "engine", "serve", write_setup(teacher, engine))
    return ProcessEngine(command, engine_environment(settings), engine)


def write_setup(teacher: Teacher, params: EngineParams) -> str:
    """What the engine's process has to know, as one argument: it reads no parameters of its own."""
    return json.dumps({"teacher": asdict(teacher) | {"path": str(teacher.path)}, "engine": params.model_dump()})


def read_setup(text: str) -> tuple[Teacher, EngineParams]:
    """The same again."""
    content = json.loads(text)
    teacher = Teacher(**content["teacher"] | {"path": Path(content["teacher"]["path"])})
    return teacher, EngineParams.model_validate(content["engine"])
