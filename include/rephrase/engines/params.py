"""How a teacher is run."""

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from include.sections import Count, Natural, Section, Share

Seconds = Annotated[float, Field(gt=0)]


class Speculation(Section):
    """Guess several tokens from n-grams of the prompt and check them in one step: pays for small models on GPUs."""

    tokens: Count = 5
    lookup_min: Count = 2
    lookup_max: Count = 4


class EndpointParams(Section):
    """OpenAI-compatible servers."""

    urls: list[str] = []
    """Base addresses such as ``http://gpu-1:8000/v1``; requests go to all of them."""
    model: str | None = None
    """Name under which the servers serve the teacher; None takes the teacher's."""
    concurrency: Count = 64
    """Requests in flight per server."""
    timeout_seconds: Seconds = 600
    """For one answer."""
    give_up_seconds: Seconds = 600
    """Without any answer from any server, the run stops; it can be resumed."""

    @field_validator("urls")
    @classmethod
    def _are_addresses(cls, urls: list[str]) -> list[str]:
        for url in urls:
            parts = urlsplit(url)
            if parts.scheme not in ("http", "https") or not parts.hostname:
                raise ValueError(f"{url!r} is no address such as http://gpu-1:8000/v1")
            if parts.username or parts.password or parts.query:
                raise ValueError(
                    f"the address of {parts.hostname} holds a login or a query: a key goes into REWRAP_ENDPOINT_KEY"
                )
        return list(dict.fromkeys(url.rstrip("/") for url in urls))


class EngineParams(Section):
    """How the teacher is run."""

    kind: Literal["vllm", "endpoint", "scripted"] = "vllm"
    """``scripted`` invents nothing and learns nothing: for unit tests only."""
    max_model_len: Count = 2048
    max_num_seqs: Count = 64
    max_num_batched_tokens: Count | None = None
    dtype: str = "auto"
    quantization: str | None = None
    """As vLLM names it (``fp8``, ``awq``); None takes what the model's files say."""
    enforce_eager: bool = True
    """Skips torch.compile: on two CPU cores it saves over a minute at start. Turn off for long GPU runs."""
    prefix_caching: bool = True
    speculation: Speculation | None = None
    gpu_memory_utilization: Share = 0.9
    tensor_parallel_size: Count = 1
    """GPUs of one engine."""
    cpu_kv_cache_gib: Count = 2
    start_seconds: Seconds = 3600
    """An engine that is not ready by then is ended and counts as dead."""
    stall_seconds: Seconds = 600
    """An engine with work that gives no sign of life for so long is ended and restarted."""
    max_restarts: Natural = 24
    """Of one unit: finding one bad request among 128 takes about eight."""
    endpoint: EndpointParams = EndpointParams()
