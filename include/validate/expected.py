"""One expectation of ours, and how Great Expectations Core 1.24 is asked for it."""

from collections.abc import Callable
from dataclasses import dataclass
from numbers import Integral
from typing import Any, Literal

from include.validate.figures import NONE, Figures
from include.validate.outcome import Finding, Observed

Severity = Literal["critical", "warning"]


@dataclass(frozen=True)
class Expected:
    """A claim about one figure of a dump."""

    name: str
    severity: Severity
    claim: str
    bound: str
    advice: str
    type: str
    """Class in ``great_expectations.expectations``."""
    arguments: dict[str, Any]
    figure: str

    def build(self) -> Any:
        """The library's expectation; ``meta`` carries our name to its result."""
        import great_expectations.expectations as gxe

        make: Callable[..., Any] = getattr(gxe, self.type)
        return make(
            column=self.figure,
            severity=self.severity,
            meta={"name": self.name},
            description=self.claim,
            **self.arguments,
        )

    def finding(self, result: Any | None, figures: Figures, broken: str | None = None) -> Finding:
        """What came of it. Without a figure, without a result, or with an exception in it, it has failed.

        Args:
            broken: why the library as a whole gave no results.
        """
        error = figures.errors.get(self.figure) or broken
        if error is None:
            error = "Great Expectations returned no result for it" if result is None else _exception(result)
        return Finding(
            name=self.name,
            severity=self.severity,
            claim=self.claim,
            passed=error is None and result is not None and bool(result.success),
            observed=None if error or result is None else self._observed(result.result, figures),
            bound=self.bound,
            advice=self.advice,
            error=error,
        )

    def _observed(self, result: dict[str, Any], figures: Figures) -> Observed:
        if "observed_value" not in result:
            culprits = result.get("partial_unexpected_list", [])
            return str(culprits[0]) if culprits else NONE
        value = result["observed_value"]
        if examples := figures.examples.get(self.figure):
            return f"{int(value)}, such as {'; '.join(examples)}"
        return int(value) if isinstance(value, Integral) else round(float(value), 6)


@dataclass(frozen=True)
class Suite:
    """Makes the expectations of one layer; bounds are told with the section of params.yaml that sets them."""

    section: str

    def least(
        self, name: str, bound: float, setting: str, claim: str, advice: str,
        severity: Severity = "critical", figure: str = "",
    ) -> Expected:  # fmt: skip
        """The figure is ``bound`` or more."""
        return Expected(
            name, severity, claim, self._told(f"at least {bound}", setting), advice,
            "ExpectColumnMinToBeBetween", {"min_value": bound}, figure or name,
        )  # fmt: skip

    def most(
        self, name: str, bound: float, setting: str, claim: str, advice: str,
        severity: Severity = "critical", figure: str = "",
    ) -> Expected:  # fmt: skip
        """The figure is ``bound`` or less."""
        return Expected(
            name, severity, claim, self._told(f"at most {bound}", setting), advice,
            "ExpectColumnMaxToBeBetween", {"max_value": bound}, figure or name,
        )  # fmt: skip

    def between(
        self, name: str, low: float, high: float, settings: str, claim: str, advice: str,
        severity: Severity = "critical",
    ) -> Expected:  # fmt: skip
        """The figure lies in the closed interval."""
        return Expected(
            name, severity, claim, self._told(f"{low} to {high}", settings), advice,
            "ExpectColumnMinToBeBetween", {"min_value": low, "max_value": high}, name,
        )  # fmt: skip

    def no_rows(self, name: str, claim: str, advice: str) -> Expected:
        """The figure counts rows that must not be there."""
        return self.most(name, 0, "", claim, advice)

    def nobody(
        self, name: str, bound: str, setting: str, claim: str, advice: str, severity: Severity = "critical"
    ) -> Expected:
        """The figure names those that are out of bounds, or says NONE."""
        return Expected(
            name, severity, claim, self._told(bound, setting), advice,
            "ExpectColumnValuesToBeInSet", {"value_set": [NONE]}, name,
        )  # fmt: skip

    def _told(self, bound: str, settings: str) -> str:
        if not settings:
            return bound
        return f"{bound} ({', '.join(f'{self.section}.{setting}' for setting in settings.split(', '))})"


def _exception(result: Any) -> str | None:
    """The first exception of a result. It is flat, or nested by metric, as the library pleases."""
    info = result.exception_info or {}
    for part in (info, *info.values()):
        if isinstance(part, dict) and part.get("raised_exception"):
            return str(part.get("exception_message"))
    return None
