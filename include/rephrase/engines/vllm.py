"""vLLM as :mod:`.serve` drives it: requests in as tokens, results out as they finish."""

import logging
from typing import TYPE_CHECKING

from include.errors import BadInput
from include.rephrase.engines.base import EngineDied, Request, Result
from include.rephrase.engines.params import EngineParams
from include.rephrase.engines.prompts import Prompts, Tokens, refused
from include.rephrase.engines.vllm_settings import capacity, hint, llm_options, set_environment, version
from include.rephrase.teacher import Teacher

if TYPE_CHECKING:
    import psutil
    from vllm import RequestOutput

log = logging.getLogger("rewrap.engine")

CORE_FAILED = "Engine core initialization failed"


class VllmEngine:
    """Runs on the CPU or on CUDA, by which build of vLLM the environment holds."""

    name = "vllm"

    def __init__(self, teacher: Teacher, params: EngineParams) -> None:
        """Load the teacher.

        Raises:
            BadInput: vLLM refuses the settings or the model; the message names what to change.
            EngineDied: its core, in a process of its own, did not start; the lines before say why. A GPU whose memory
                was not free yet is a reason to try again.
        """
        set_environment(params)
        import vllm

        options = llm_options(teacher, params)
        self.version = version(options)
        log.info("starting vLLM %s with %s", self.version, teacher.name)
        try:
            self.llm = vllm.LLM(**options)
        except (ValueError, OSError, RuntimeError, NotImplementedError, AssertionError, KeyError) as error:
            if CORE_FAILED in str(error):
                raise EngineDied(f"vLLM did not start with {teacher.name!r}: {hint(error)}") from error
            raise BadInput(f"vLLM cannot run teacher {teacher.name!r} from {teacher.path}: {hint(error)}") from error
        self.capacity = capacity(params)
        self.in_flight = 0
        self.prompts = Prompts(self.llm.get_tokenizer(), params.max_model_len, teacher.name)

    def parts(self) -> "list[psutil.Process]":
        """Processes that it consists of besides this one: none on a CPU, the core and its workers on a GPU."""
        import psutil

        # They name themselves; what else vLLM and torch start (compilers) comes and goes.
        children = psutil.Process().children(recursive=True)
        return [child for child in children if child.name().startswith("VLLM::")]

    def submit(self, request: Request, tokens: Tokens) -> Result | None:
        """Queue a request; a result only if vLLM refuses it."""
        from vllm import SamplingParams
        from vllm.inputs import TokensPrompt
        from vllm.sampling_params import RequestOutputKind

        try:
            self.llm.llm_engine.add_request(
                request.generation_key,
                TokensPrompt(prompt_token_ids=tokens),
                SamplingParams(
                    temperature=request.temperature,
                    top_p=request.top_p,
                    top_k=request.top_k or -1,
                    max_tokens=request.max_tokens,
                    seed=request.seed,
                    output_kind=RequestOutputKind.FINAL_ONLY,
                ),
            )
        except ValueError as error:
            return refused(request, f"vLLM refuses it: {error}")
        self.in_flight += 1
        return None

    def step(self) -> list[Result]:
        """Go on by one step: one token, or more with speculation, of every running request."""
        results = [_result(output) for output in self.llm.llm_engine.step() if output.finished]
        self.in_flight -= len(results)
        return results


def _result(output: "RequestOutput") -> Result:
    answer = output.outputs[0]
    good = answer.finish_reason in ("stop", "length")
    return Result(
        generation_key=output.request_id,
        output=answer.text if good else "",
        finish_reason=str(answer.finish_reason) if good else "error",
        error=None if good else f"finished by {answer.finish_reason}",
        prompt_tokens=len(output.prompt_token_ids or []),
        completion_tokens=len(answer.token_ids),
    )
