"""The search for the best engine settings, over engines whose speed and acceptance are set by the test."""

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from include.errors import RewrapError
from include.rephrase.autotune.known import KnownTrials
from include.rephrase.autotune.measured import Measured
from include.rephrase.autotune.params import AutotuneParams
from include.rephrase.autotune.sweep import Sweep, chance_of_fewer
from include.rephrase.engines.base import EngineDied
from include.rephrase.engines.params import EngineParams

Speed = Callable[[EngineParams], float]


def measured(speed: float, accepted: int = 100, gpus: int = 1, engine: str = "vllm 0 cuda bfloat16") -> Measured:
    """A trial in which 200 texts were made at ``speed`` tokens per second."""
    return Measured(
        engine=engine, start_seconds=30.0, seconds=20_000 / speed, tokens=20_000, texts=200, accepted=accepted,
        accepted_tokens=100 * accepted, gpus=gpus,
    )  # fmt: skip


def sweep(measure: Callable[[EngineParams], Measured], chains: int = 4096, **params: Any) -> Sweep:
    return Sweep(EngineParams(), AutotuneParams.model_validate(params), chains, measure)


def test_each_setting_is_tried_with_the_best_of_those_before() -> None:
    def measure(engine: EngineParams) -> Measured:
        speed = {32: 50, 64: 100, 128: 150, 256: 140}[engine.max_num_seqs]
        # Speculation pays only once many sequences run.
        return measured(speed * (1.2 if engine.speculation and engine.max_num_seqs == 128 else 1))

    search = sweep(measure, grid={"max_num_seqs": [32, 64, 128, 256], "speculation": [None, {"tokens": 5}]})
    best = search.run()
    assert best.max_num_seqs == 128
    assert best.speculation is not None
    assert search.gain == pytest.approx(0.8)
    tried = [(trial.name, trial.kept) for trial in search.trials]
    assert tried == [
        ("as it is", True),
        ("max_num_seqs = 32", False),
        ("max_num_seqs = 128", True),
        ("max_num_seqs = 256", False),
        ("speculation = {'tokens': 5}", True),
        ("as it was, once more", False),
        ("best, once more", True),
    ]


def test_settings_that_do_not_start_are_a_failed_trial_and_not_the_end() -> None:
    def measure(engine: EngineParams) -> Measured:
        if engine.gpu_memory_utilization > 0.92:
            raise EngineDied("CUDA out of memory")
        return measured(100 + engine.max_num_seqs)

    search = sweep(measure, grid={"gpu_memory_utilization": [0.95], "max_num_seqs": [512]})
    assert search.run().max_num_seqs == 512
    failed = search.trials[1]
    assert failed.measured is None
    assert "CUDA out of memory" in failed.report()["why"]
    assert search.best.gpu_memory_utilization == 0.9


def test_an_engine_that_does_not_work_as_it_is_ends_the_search() -> None:
    def measure(engine: EngineParams) -> Measured:
        raise EngineDied("no such device")

    with pytest.raises(RewrapError, match="no such device"):
        sweep(measure).run()


def test_a_fast_setting_under_which_the_texts_suffer_is_not_chosen() -> None:
    def measure(engine: EngineParams) -> Measured:
        return measured(300, accepted=60) if engine.quantization else measured(100, accepted=100)

    search = sweep(measure, grid={"quantization": [None, "fp8"]})
    assert search.run().quantization is None
    assert search.trials[1].why.startswith("the texts suffer: 30% accepted, at the beginning 50%")


def test_acceptance_that_differs_by_chance_does_not_decide() -> None:
    def measure(engine: EngineParams) -> Measured:
        # More tokens per second, and a share of accepted texts that is not significantly lower.
        return measured(120, accepted=94) if engine.max_num_seqs == 128 else measured(100, accepted=100)

    assert sweep(measure, grid={"max_num_seqs": [128]}).run().max_num_seqs == 128


def test_two_gpus_must_be_worth_two() -> None:
    def measure(engine: EngineParams) -> Measured:
        gpus = engine.tensor_parallel_size
        return measured(100 if gpus == 1 else 170, gpus=gpus)

    search = sweep(measure, grid={"tensor_parallel_size": [1, 2]})
    assert search.run().tensor_parallel_size == 1
    assert (
        search.trials[1].report()["accepted_tokens_per_gpu_hour"]
        < search.trials[0].report()["accepted_tokens_per_gpu_hour"]
    )


def test_a_gain_that_is_gone_when_measured_once_more_is_not_believed() -> None:
    speeds = iter([100.0, 130.0, 100.0, 101.0])
    search = sweep(lambda engine: measured(next(speeds)), grid={"max_num_seqs": [128]})
    assert search.run() == EngineParams()
    assert [trial.kept for trial in search.trials] == [True, True, True, False]
    assert search.gain == 0


def test_the_number_of_trials_is_bounded_and_what_was_left_out_is_said() -> None:
    search = sweep(
        lambda engine: measured(engine.max_num_seqs), trials=5, grid={"max_num_seqs": [65, 80, 100, 128, 256]}
    )
    assert search.run().max_num_seqs == 80
    assert len(search.trials) == 5
    assert [text.split(":")[0] for text in search.not_tried] == [f"max_num_seqs = {n}" for n in (100, 128, 256)]


def test_what_cannot_be_measured_here_is_not_tried() -> None:
    on_cpu = measured(100, engine="vllm 0 cpu bfloat16")
    search = sweep(lambda engine: on_cpu, chains=100, grid={"gpu_memory_utilization": [0.5], "max_num_seqs": [64, 128]})
    search.run()
    assert len(search.trials) == 1
    assert search.not_tried == [
        "gpu_memory_utilization = 0.5: means nothing on a CPU",
        "max_num_seqs = 128: the sample has 100 chains (rephrase.autotune.chains)",
    ]


def test_every_trial_is_one_line_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="rewrap.autotune"):
        sweep(lambda engine: measured(100), grid={"max_num_seqs": [128]}).run()
    assert [message[:26] for message in caplog.messages] == ["trial 1 of 20 at most: as ", "trial 2 of 20 at most: max"]
    assert "100.0 tokens/s, 50.0 accepted tokens/s (engine start 30 s)" in caplog.messages[0]


def test_the_chance_of_fewer_is_fishers() -> None:
    # R: fisher.test(matrix(c(3, 7, 7, 3), 2), alternative = "less")$p.value
    assert chance_of_fewer(3, 10, 7, 10) == pytest.approx(0.08945, abs=1e-5)
    assert chance_of_fewer(100, 200, 100, 200) > 0.5
    assert chance_of_fewer(0, 50, 50, 50) < 1e-20


def test_a_search_that_was_ended_goes_on_where_it_stopped(tmp_path: Path) -> None:
    file, made = tmp_path / "trials.json", []

    def run(engine: EngineParams) -> Measured:
        if len(made) == 2:
            raise KeyboardInterrupt
        made.append(engine)
        return measured(engine.max_num_seqs)

    def search(run: Callable[[EngineParams], Measured], again: bool = False) -> tuple[EngineParams, KnownTrials]:
        known = KnownTrials(file, ["sample"], run, again)
        return sweep(known.measure, grid={"max_num_seqs": [128, 256]}).run(), known

    with pytest.raises(KeyboardInterrupt):
        search(run)
    best, known = search(lambda engine: measured(engine.max_num_seqs))
    assert (best.max_num_seqs, known.made) == (256, 3)
    content = file.read_bytes()
    best, known = search(lambda engine: pytest.fail("it was measured before"))
    assert (best.max_num_seqs, known.made) == (256, 0)
    assert file.read_bytes() == content
    assert search(lambda engine: measured(engine.max_num_seqs), again=True)[1].made == 5


def test_a_failure_is_remembered_but_for_that_of_the_settings_as_they_are(tmp_path: Path) -> None:
    file = tmp_path / "trials.json"

    def fails(engine: EngineParams) -> Measured:
        raise RewrapError("no engine's environment")

    with pytest.raises(RewrapError):
        KnownTrials(file, [], fails, again=False).measure(EngineParams())
    known = KnownTrials(
        file, [], lambda engine: measured(1) if engine == EngineParams() else fails(engine), again=False
    )
    assert known.measure(EngineParams()).tokens == 20_000
    with pytest.raises(RewrapError):
        known.measure(EngineParams(max_num_seqs=1))
    known = KnownTrials(file, [], lambda engine: pytest.fail("it was tried before"), again=False)
    known.measure(EngineParams())
    with pytest.raises(RewrapError, match="no engine's environment"):
        known.measure(EngineParams(max_num_seqs=1))
    assert len(json.loads(file.read_bytes())) == 2


@pytest.mark.parametrize(
    ("grid", "message"),
    [
        ({"max_model_len": [512]}, "'max_model_len' is not tuned; what can be is tensor_parallel_size"),
        ({"max_num_seqs": [64, 0]}, "max_num_seqs = 0: Input should be greater than or equal to 1"),
    ],
)
def test_a_grid_that_cannot_be_tried_is_refused(grid: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        AutotuneParams.model_validate({"grid": grid})
