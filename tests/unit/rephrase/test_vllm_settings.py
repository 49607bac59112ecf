"""What vLLM says when it refuses, and what a person reads. The messages are vLLM 0.32's own."""

import pytest

from include.rephrase.engines.params import EngineParams, Speculation
from include.rephrase.engines.start import read_setup, write_setup
from include.rephrase.engines.vllm_settings import hint
from include.rephrase.teacher import Teacher

PYDANTIC = (
    "1 validation error for ModelConfig\n  Value error, {} [type=value_error, input_value=ArgsKwargs((), {{'a': 1}})]"
)


@pytest.mark.parametrize(
    ("message", "advice"),
    [
        ("Unknown quantization method: nonsense. Must be one of ['awq'].", "change rephrase.engine.quantization"),
        ("Cannot find the config file for awq", "rephrase.engine.quantization says: set it to null"),
        ("Model architectures ['LlomoForCausalLM'] are not supported for now.", "take another rephrase.teacher"),
        ("max_num_batched_tokens (100) is smaller than max_model_len (512).", "raise rephrase.engine.max_num_batched"),
        (
            "User-specified max_model_len (100000) is greater than the derived one",
            "lower rephrase.engine.max_model_len",
        ),
        ("Total number of attention heads (9) must be divisible by tensor parallel size (64).", "tensor_parallel_size"),
        (
            "Available memory on node 0 (11.49/13.09 GiB) on kv cache allocation is less than requested",
            "lower rephrase.engine.cpu_kv_cache_gib",
        ),
        ("something new", "check rephrase.teacher and rephrase.engine"),
    ],
)
def test_a_refusal_names_the_setting_to_change(message: str, advice: str) -> None:
    for text in (message, PYDANTIC.format(message)):
        shown = hint(ValueError(text))
        assert shown.startswith(message.rstrip(".")), "in vLLM's words"
        assert advice in shown.partition("To do: ")[2]


def test_the_engines_process_gets_the_settings_unchanged(teacher: Teacher) -> None:
    params = EngineParams(quantization="fp8", speculation=Speculation(tokens=3), gpu_memory_utilization=0.5)
    assert read_setup(write_setup(teacher, params)) == (teacher, params)
