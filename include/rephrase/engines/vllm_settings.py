"""vLLM's settings out of ours, and which of ours to change when vLLM refuses them."""

import os
import re
from pathlib import Path
from typing import Any

from include.errors import BadInput
from include.rephrase.engines.params import EngineParams
from include.rephrase.teacher import Teacher

HINTS = {
    "Engine core initialization failed": "read the lines before; if memory is short, lower "
    "rephrase.engine.gpu_memory_utilization, max_num_seqs or max_model_len",
    "architectures": "this vLLM does not know the teacher's architecture: take another rephrase.teacher",
    "Tokenizer class": "this vLLM does not know the teacher's tokenizer: take another rephrase.teacher",
    "config file for": "the teacher's files are not quantised as rephrase.engine.quantization says: set it to null, or "
    "take a teacher whose files are",
    "quantization": "change rephrase.engine.quantization (null takes what the model's files say)",
    "larger than the available KV cache": "lower rephrase.engine.max_model_len, or make room for the KV cache with "
    "rephrase.engine.gpu_memory_utilization (on a CPU: cpu_kv_cache_gib)",
    "on kv cache allocation": "lower rephrase.engine.cpu_kv_cache_gib",
    "cache blocks": "raise rephrase.engine.gpu_memory_utilization (on a CPU: cpu_kv_cache_gib)",
    "Free memory on device": "lower rephrase.engine.gpu_memory_utilization, or end what else uses the GPU",
    "out of memory": "it does not fit: lower rephrase.engine.max_num_seqs or max_model_len, set quantization, or "
    "spread it over more GPUs with tensor_parallel_size",
    "max_num_batched_tokens": "raise rephrase.engine.max_num_batched_tokens, or set it to null",
    "max_model_len": "lower rephrase.engine.max_model_len",
    "tensor parallel": "change rephrase.engine.tensor_parallel_size",
    "World size": "lower rephrase.engine.tensor_parallel_size",
    "dtype": "change rephrase.engine.dtype (auto, bfloat16, float16, float32)",
    "speculative": "set rephrase.engine.speculation to null",
}
"""What to change, by words of vLLM's message; the first that stands in it counts."""


def set_environment(params: EngineParams) -> None:
    """What vLLM reads from the environment. Before its first import."""
    os.environ.setdefault("VLLM_NO_USAGE_STATS", "1")
    os.environ.setdefault("VLLM_CPU_KVCACHE_SPACE", str(params.cpu_kv_cache_gib))
    os.environ.setdefault("VLLM_LOGGING_LEVEL", "ERROR")
    from vllm.platforms import current_platform

    if current_platform.is_cpu() and params.tensor_parallel_size == 1:
        # The core in this process: nothing is left behind when it is killed, and start is shorter by one import. On a
        # GPU it has a process of its own, so that it does not wait while texts are put together.
        os.environ.setdefault("VLLM_ENABLE_V1_MULTIPROCESSING", "0")
    # A forked core would hold this process's end of the pipe open, and its worker would not see it die.
    os.environ.setdefault("VLLM_WORKER_MULTIPROC_METHOD", "spawn")


def llm_options(teacher: Teacher, params: EngineParams) -> dict[str, Any]:
    """Arguments of ``vllm.LLM``. Raises BadInput."""
    from vllm.platforms import current_platform

    on_cpu = current_platform.is_cpu()
    options: dict[str, Any] = {
        "model": str(teacher.path),
        "dtype": _cpu_dtype() if on_cpu and params.dtype == "auto" else params.dtype,
        "max_model_len": params.max_model_len,
        "max_num_seqs": params.max_num_seqs,
        "max_num_batched_tokens": params.max_num_batched_tokens,
        "quantization": params.quantization,
        "enforce_eager": params.enforce_eager,
        "enable_prefix_caching": params.prefix_caching,
        "tensor_parallel_size": params.tensor_parallel_size,
        "use_tqdm_on_load": False,  # its bar ignores TQDM_DISABLE
    }
    if params.speculation:
        if on_cpu:
            # Tried with 0.32.0: at a temperature above 0 words of other texts stand in the output, and top_k ends it.
            raise BadInput(
                "rephrase.engine.speculation garbles sampled text in vLLM's CPU build, so it is refused there. Set it "
                "to null; on a GPU it can be used."
            )
        options["speculative_config"] = {
            "method": "ngram",
            "num_speculative_tokens": params.speculation.tokens,
            "prompt_lookup_min": params.speculation.lookup_min,
            "prompt_lookup_max": params.speculation.lookup_max,
        }
    return options | (_cpu_options(params) if on_cpu else {"gpu_memory_utilization": params.gpu_memory_utilization})


def capacity(params: EngineParams) -> int:
    """Requests in flight that keep the engine busy: one batch running, one waiting."""
    return 2 * params.max_num_seqs


def version(options: dict[str, Any]) -> str:
    """Of vLLM, with what else may change an output: the device and the type of the numbers."""
    import vllm
    from vllm.platforms import current_platform

    return f"{vllm.__version__} {'cpu' if current_platform.is_cpu() else 'cuda'} {options['dtype']}"


def hint(error: BaseException) -> str:
    """vLLM's message in short, and which setting to change."""
    message = " ".join(str(error).split()) or type(error).__name__
    # pydantic's frame around vLLM's own words
    message = re.sub(r"^\d+ validation errors? for \w+ (Value error, )?", "", message).partition(" [type=")[0]
    advice = next((advice for words, advice in HINTS.items() if words.lower() in message.lower()), None)
    advice = advice or "check rephrase.teacher and rephrase.engine in params.yaml; the lines above may tell more"
    return f"{message.rstrip('.')[:300]}. To do: {advice}."


def _cpu_dtype() -> str:
    """bfloat16 only where the CPU multiplies it natively: elsewhere it was measured seven times slower than float32."""
    import torch

    cpu = torch.backends.cpu.get_cpu_capability()
    has_bf16 = "AVX512" in cpu and ("avx512_bf16" in _cpu_flags() or "amx_bf16" in _cpu_flags())
    return "bfloat16" if has_bf16 else "float32"


def _cpu_flags() -> set[str]:
    try:
        return set(Path("/proc/cpuinfo").read_text().split())
    except OSError:
        return set()


def _cpu_options(params: EngineParams) -> dict[str, Any]:
    options: dict[str, Any] = {
        # Only whole blocks of the cache are shared. The default of 128 tokens shared 41 % of the prompts of four
        # recipes over pages of 250 tokens, 32 (the least that the attention on CPUs takes) 61 %.
        "block_size": 32,
        # A prompt cut into chunks makes vLLM rewind the request's generator, which torch's CPU generator cannot do:
        # "CPU Generator does not use offset" ends the engine (0.32.0). Seeds per row matter more than chunks.
        "enable_chunked_prefill": False,
        "max_num_batched_tokens": params.max_num_batched_tokens or max(4096, params.max_model_len),
    }
    return options | ({"distributed_executor_backend": "uni"} if params.tensor_parallel_size == 1 else {})
