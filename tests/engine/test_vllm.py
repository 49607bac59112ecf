"""Real vLLM with the real default teacher on this machine's CPU, behind the pipe that the worker uses."""

import dataclasses
import os
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from still_running import still_running

from include.errors import BadInput
from include.rephrase.engines.base import Engine, EngineDied, Request, Result
from include.rephrase.engines.params import EngineParams, Speculation
from include.rephrase.engines.start import ready_teacher, start_engine
from include.rephrase.params import RephraseParams
from include.rephrase.process import engine_command, engine_environment
from include.rephrase.teacher import Teacher
from include.settings import PROJECT, Settings

pytestmark = [pytest.mark.slow, pytest.mark.engine]

TIDES = (
    "Tides follow the moon. Twice a day the sea climbs the beach and falls back, and on the coast of Brittany the "
    "difference can reach 13 metres. Fishermen plan their work by printed tables."
)
PARAMS = RephraseParams(engine=EngineParams(max_model_len=512, max_num_seqs=8, cpu_kv_cache_gib=1))


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Settings:
    home = tmp_path_factory.mktemp("home")
    (home / "models").symlink_to(models)
    return Settings.from_environment({**os.environ, "REWRAP_HOME": str(home)})


@pytest.fixture(scope="module")
def teacher(settings: Settings) -> Teacher:
    return ready_teacher(settings, PARAMS)


@pytest.fixture(scope="module")
def engine(settings: Settings, teacher: Teacher) -> Iterator[Engine]:
    """One start for all tests; its end is tested, too."""
    before = children()
    engine = start_engine(settings, PARAMS, teacher)
    started = children() - before
    assert started
    yield engine
    engine.close()
    _, alive = psutil.wait_procs(started, timeout=20)
    assert not still_running(alive), "the engine outlived its end"


def children() -> set[psutil.Process]:
    return set(psutil.Process().children(recursive=True))


def request(key: str, user: str = f"Paraphrase: {TIDES}", **changes: object) -> Request:
    messages = [{"role": "system", "content": "Reply with the paraphrase only."}, {"role": "user", "content": user}]
    values: dict[str, object] = {
        "generation_key": key, "root": key, "step": "rewrite", "prompt_hash": "h", "messages": messages,
        "temperature": 0.7, "top_p": 1.0, "top_k": 0, "max_tokens": 24, "seed": 1,
    } | changes  # fmt: skip
    return Request(**values)  # type: ignore[arg-type]


def generate(engine: Engine, *requests: Request) -> dict[str, Result]:
    for each in requests:
        engine.submit(each)
    results: list[Result] = []
    while len(results) < len(requests):
        results += engine.results(timeout=300)
    assert Counter(r.generation_key for r in results) == Counter(r.generation_key for r in requests), "each once"
    return {result.generation_key: result for result in results}


def test_it_says_what_it_is(engine: Engine) -> None:
    assert engine.name == "vllm"
    assert engine.version.startswith("0.")
    assert " cpu " in engine.version
    assert engine.capacity == 16


def test_texts_are_about_the_page(engine: Engine) -> None:
    result = generate(engine, request("a", temperature=0.0, max_tokens=60))["a"]
    assert any(word in result.output.lower() for word in ("sea", "tide", "moon"))
    assert result.finish_reason in ("stop", "length")
    assert result.prompt_tokens > 50
    assert 5 < result.completion_tokens <= 60


def test_a_seed_decides_a_row_whatever_runs_beside_it(engine: Engine) -> None:
    seeds = [request(f"seed {n}", seed=n, temperature=1.0) for n in range(4)]
    generate(engine, *seeds)  # from here on the prompt is in the prefix cache
    first, second = generate(engine, *seeds), generate(engine, *seeds)
    assert first == second
    assert len({result.output for result in first.values()}) == 4


def test_more_requests_than_fit_at_once_are_all_answered(engine: Engine) -> None:
    results = generate(engine, *(request(f"n{n}", f"Say: {n}", seed=n, max_tokens=4) for n in range(40)))
    assert {result.finish_reason for result in results.values()} <= {"stop", "length"}


def test_an_answer_that_was_cut_is_marked(engine: Engine) -> None:
    result = generate(engine, request("cut", max_tokens=3))["cut"]
    assert (result.finish_reason, result.completion_tokens, result.error) == ("length", 3, None)


def test_sampling_bounds_reach_the_engine(engine: Engine) -> None:
    greedy = request("greedy", temperature=0.0)
    narrow = request("narrow", temperature=1.0, top_k=1)
    results = generate(engine, greedy, narrow)
    assert results["greedy"].output == results["narrow"].output


def test_what_does_not_fit_is_an_error_before_it_is_generated(engine: Engine, teacher: Teacher) -> None:
    words = " ".join(["tide"] * 600)
    results = generate(engine, request("long", words), request("wide", max_tokens=500), request("good"))
    assert results["good"].finish_reason in ("stop", "length")
    for key in ("long", "wide"):
        assert results[key].finish_reason == "error"
        assert results[key].error is not None
        assert results[key].error.endswith("tokens for prompt and answer, max_model_len is 512")
    needed = int(results["long"].error.split()[1])  # type: ignore[union-attr]
    counted = sum(teacher.count_tokens()([words, "Reply with the paraphrase only."]))
    assert counted + 24 < needed < counted + 24 + 32, "the prompt with its chat template, and the answer"


def test_speculation_is_refused_where_it_garbles(settings: Settings, teacher: Teacher) -> None:
    wrong = PARAMS.model_copy(update={"engine": PARAMS.engine.model_copy(update={"speculation": Speculation()})})
    with pytest.raises(BadInput, match=r"rephrase\.engine\.speculation garbles sampled text"):
        start_engine(settings, wrong, teacher)


def test_settings_that_vllm_refuses_are_one_message_with_what_to_change(settings: Settings, teacher: Teacher) -> None:
    wrong = PARAMS.model_copy(update={"engine": PARAMS.engine.model_copy(update={"quantization": "awq"})})
    with pytest.raises(BadInput, match=r"(?s)^vLLM cannot run teacher .*awq.*rephrase\.engine\.quantization"):
        start_engine(settings, wrong, teacher)


def test_an_engine_that_cannot_be_started_at_all_says_what_to_run(settings: Settings, teacher: Teacher) -> None:
    with pytest.raises(BadInput, match="make setup"):
        start_engine(dataclasses.replace(settings, engine_python=Path("/nowhere/python")), PARAMS, teacher)


def test_a_core_in_a_process_of_its_own_is_missed_when_it_is_killed(
    settings: Settings, teacher: Teacher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VLLM_ENABLE_V1_MULTIPROCESSING", "1")  # as on a GPU
    before = children()
    engine = start_engine(settings, PARAMS, teacher)
    try:
        engine.submit(request("endless", max_tokens=300, temperature=1.5))
        parts = children() - before
        core = next(part for part in parts if part.name().startswith("VLLM::Engine"))
        core.kill()
        with pytest.raises(EngineDied, match=rf"process {core.pid} of the engine has ended"):
            drain(engine)
    finally:
        engine.close()
    _, alive = psutil.wait_procs(parts, timeout=20)
    assert not still_running(alive)


def drain(engine: Engine) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        engine.results(timeout=1.0)


TEMPLATES = """
import json, sys
from transformers import AutoTokenizer
from include.errors import BadInput
from include.rephrase.engines.base import Request
from include.rephrase.engines.prompts import Prompts

tokenizer = AutoTokenizer.from_pretrained(sys.argv[1])
messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}]
request = Request("k", "k", "s", "h", messages, 0.0, 1.0, 0, 5, 1)
tokenizer.chat_template = (
    "{% if messages[0].role == 'system' %}{{ raise_exception('no system role') }}{% endif %}"
    "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}<answer>"
)
print(json.dumps(tokenizer.decode(Prompts(tokenizer, 100, "gemma").tokenize(request))))
tokenizer.chat_template = "{% if messages | length > 1 %}{{ raise_exception('one only') }}{% endif %}<answer>"
turns = Request("k", "k", "s", "h", [*messages, {"role": "assistant", "content": "Hi"}], 0.0, 1.0, 0, 5, 1)
print(json.dumps(Prompts(tokenizer, 100, "picky").tokenize(turns).error))
tokenizer.chat_template = None
try:
    Prompts(tokenizer, 100, "base")
except BadInput as error:
    print(json.dumps(str(error)))
"""


def test_chat_templates_without_a_system_role_or_none_at_all(settings: Settings, teacher: Teacher) -> None:
    python, *_ = engine_command(settings)
    lines = subprocess.run(
        [python, "-c", TEMPLATES, str(teacher.path)],
        cwd=PROJECT, env=engine_environment(settings), capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    assert lines[0] == '"<user>Be brief.\\n\\nHello<answer>"'
    assert "chat template refuses the messages: one only" in lines[1]
    assert "'base' has no usable chat template" in lines[2]
