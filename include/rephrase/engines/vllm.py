"""vLLM in this process: one warm engine, fed continuously, results as they finish."""

import logging
import os
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from include.errors import BadInput
from include.params import EngineParams
from include.rephrase.engines.base import Request, Result
from include.rephrase.teacher import Teacher

if TYPE_CHECKING:
    from vllm import RequestOutput

log = logging.getLogger("rewrap.engine")


class VllmEngine:
    """Runs on the CPU or on CUDA, by which build of vLLM the environment holds."""

    name = "vllm"

    def __init__(self, teacher: Teacher, params: EngineParams) -> None:
        # The core in this process: nothing is left behind when it is killed, and start is shorter by one import.
        os.environ.setdefault("VLLM_ENABLE_V1_MULTIPROCESSING", "0")
        os.environ.setdefault("VLLM_NO_USAGE_STATS", "1")
        os.environ.setdefault("VLLM_CPU_KVCACHE_SPACE", str(params.cpu_kv_cache_gib))
        os.environ.setdefault("VLLM_LOGGING_LEVEL", "ERROR")
        import vllm
        from vllm.platforms import current_platform

        on_cpu = current_platform.is_cpu()
        dtype = _cpu_dtype() if on_cpu and params.dtype == "auto" else params.dtype
        log.info("starting vLLM %s with %s (%s)", vllm.__version__, teacher.name, dtype)
        try:
            self.llm = vllm.LLM(
                model=str(teacher.path),
                dtype=dtype,
                max_model_len=params.max_model_len,
                max_num_seqs=params.max_num_seqs,
                enforce_eager=params.enforce_eager,
                enable_prefix_caching=True,
                **(_cpu_options(params) if on_cpu else {"gpu_memory_utilization": params.gpu_memory_utilization}),
            )
        except (ValueError, OSError, RuntimeError) as error:
            raise BadInput(
                f"vLLM cannot load teacher {teacher.name!r} from {teacher.path}: {error}. Check rephrase.teacher and "
                "rephrase.engine in params.yaml (is the architecture supported, does it fit into memory?)."
            ) from error
        self.max_in_flight = 2 * params.max_num_seqs
        self.version = f"{vllm.__version__} {'cpu' if on_cpu else 'cuda'} {dtype}"

    def generate(self, requests: Iterable[Request]) -> Iterator[Result]:
        waiting = iter(requests)
        engine = self.llm.llm_engine
        in_flight: set[str] = set()
        while True:
            for request in islice(waiting, self.max_in_flight - len(in_flight)):
                try:
                    self._submit(request)
                    in_flight.add(request.generation_key)
                except ValueError as error:  # refused by vLLM's own validation, such as a prompt that is too long
                    yield Result(request.generation_key, "", "error", str(error), 0, 0)
            if not in_flight:
                return
            for output in engine.step():
                if output.finished:
                    in_flight.discard(output.request_id)
                    yield _result(output)

    def _submit(self, request: Request) -> None:
        from vllm import SamplingParams
        from vllm.inputs import TokensPrompt

        tokenizer: Any = self.llm.get_tokenizer()
        tokens = tokenizer.apply_chat_template(request.messages, add_generation_prompt=True, return_dict=False)
        self.llm.llm_engine.add_request(
            request.generation_key,
            TokensPrompt(prompt_token_ids=tokens),
            SamplingParams(
                temperature=request.temperature,
                top_p=request.top_p,
                max_tokens=request.max_tokens,
                seed=request.seed,
            ),
        )


def _result(output: "RequestOutput") -> Result:
    answer = output.outputs[0]
    return Result(
        generation_key=output.request_id,
        output=answer.text,
        finish_reason=answer.finish_reason or "error",
        error=None if answer.finish_reason in ("stop", "length") else f"finished by {answer.finish_reason}",
        prompt_tokens=len(output.prompt_token_ids or []),
        completion_tokens=len(answer.token_ids),
    )


def _cpu_dtype() -> str:
    """bfloat16 only where the CPU multiplies it natively: elsewhere it was measured seven times slower than float32."""
    import torch

    cpu = torch.backends.cpu.get_cpu_capability()
    has_bf16 = "AVX512" in cpu and ("avx512_bf16" in _cpu_flags() or "amx_bf16" in _cpu_flags())
    return "bfloat16" if has_bf16 else "float32"


def _cpu_flags() -> set[str]:
    from pathlib import Path

    try:
        return set(Path("/proc/cpuinfo").read_text().split())
    except OSError:
        return set()


def _cpu_options(params: EngineParams) -> dict[str, Any]:
    return {
        "distributed_executor_backend": "uni",
        # A prompt cut into chunks makes vLLM rewind the request's generator, which torch's CPU generator cannot do:
        # "CPU Generator does not use offset" ends the engine (0.32.0). Seeds per row matter more than chunks.
        "enable_chunked_prefill": False,
        "max_num_batched_tokens": max(4096, params.max_model_len),
    }
