"""One expectation of ours, and how Great Expectations Core 1.24 is asked for it."""

from collections.abc import Callable
from dataclasses import dataclass
from numbers import Integral
from typing import Any, Literal

from include.validate.outcome import Finding, Observed

NONE = "none"
"""What a figure that names culprits says when there are none."""


@dataclass(frozen=True)
class Expected:
    """One expectation of ours, and how Great Expectations is asked for it."""

    name: str
    frame: Literal["rows", "dump"]
    severity: Literal["critical", "warning"]
    claim: str
    bound: str
    advice: str
    type: str
    """Class in ``great_expectations.expectations``."""
    arguments: dict[str, Any]

    def build(self) -> Any:
        """The library's expectation; ``meta`` carries our name to its result."""
        import great_expectations.expectations as gxe

        make: Callable[..., Any] = getattr(gxe, self.type)
        return make(severity=self.severity, meta={"name": self.name}, description=self.claim, **self.arguments)

    def finding(self, result: Any | None) -> Finding:
        """What came of it. Without a result, or with an exception in it, the expectation has failed."""
        error = "Great Expectations returned no result for it" if result is None else _exception(result)
        return Finding(
            name=self.name,
            severity=self.severity,
            claim=self.claim,
            passed=error is None and result is not None and bool(result.success),
            observed=None if error or result is None else self._observed(result.result),
            bound=self.bound,
            advice=self.advice,
            error=error,
        )

    def _observed(self, result: dict[str, Any]) -> Observed:
        if "observed_value" in result:
            value = result["observed_value"]
            return int(value) if isinstance(value, Integral) else round(float(value), 6)
        examples = [str(example) for example in result.get("partial_unexpected_list", [])[:3]]
        if self.frame == "dump":
            return examples[0] if examples else NONE
        found = f"{result['unexpected_count']} of {result['element_count']} rows"
        return f"{found}, such as {'; '.join(examples)}" if examples else found


def _exception(result: Any) -> str | None:
    """The first exception of a result. It is flat, or nested by metric, as the library pleases."""
    info = result.exception_info or {}
    for part in (info, *info.values()):
        if isinstance(part, dict) and part.get("raised_exception"):
            return str(part.get("exception_message"))
    return None
