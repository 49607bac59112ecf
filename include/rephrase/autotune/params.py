"""Which engine settings are tried, and on how much: the section ``rephrase.autotune``."""

from typing import Annotated, Any

from pydantic import Field, ValidationError, field_validator

from include.rephrase.engines.params import EngineParams
from include.sections import Count, Section, Share

TUNABLE = (
    "tensor_parallel_size",
    "quantization",
    "enforce_eager",
    "max_num_seqs",
    "max_num_batched_tokens",
    "gpu_memory_utilization",
    "prefix_caching",
    "speculation",
)
"""They change how fast texts come; all but ``quantization`` leave what the teacher would say as it is."""


class AutotuneParams(Section):
    """Which engine settings are tried, and on how much."""

    chains: Count = 256
    """Chains of the plan that every trial generates; more than ``max_num_seqs`` of the largest value, several times."""
    trials: Count = 20
    """At most; each costs an engine start and the sample."""
    min_gain: Share = 0.03
    """A value replaces another only if it makes so many more tokens per second: below that, measurements differ by
    chance."""
    significance: Annotated[float, Field(gt=0, le=0.5)] = 0.05
    """A value whose share of accepted texts is lower than at the beginning, with a one-sided p-value (Fisher's exact
    test) below this, is not chosen however fast it is."""
    grid: dict[str, list[Any]] = {
        "tensor_parallel_size": [1, 2],
        "quantization": [None, "fp8"],
        "enforce_eager": [True, False],
        "max_num_seqs": [32, 64, 128, 256, 512, 1024],
        "max_num_batched_tokens": [4096, 8192, 16384, 32768],
        "gpu_memory_utilization": [0.9, 0.95],
        "prefix_caching": [True, False],
        "speculation": [None, {"tokens": 5}],
    }
    """Values by setting of ``engine``; the settings are gone through in this order, each with the best of those before.
    The order of size: one that changes what fits into memory comes before one that fills it."""

    @field_validator("grid")
    @classmethod
    def _values_are_allowed(cls, grid: dict[str, list[Any]]) -> dict[str, list[Any]]:
        for name, values in grid.items():
            if name not in TUNABLE:
                raise ValueError(f"{name!r} is not tuned; what can be is {', '.join(TUNABLE)}")
            for value in values:
                try:
                    EngineParams.model_validate({name: value})
                except ValidationError as error:
                    raise ValueError(f"{name} = {value!r}: {error.errors()[0]['msg']}") from None
        return grid
