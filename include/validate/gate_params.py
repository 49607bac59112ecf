"""Parameters of the gate on generations."""

from typing import Any

from include.ingest.contamination_params import ContaminationParams
from include.recipes.recipe import Bounds, CheckName
from include.sections import Section, Share
from include.validate.collapse_params import CollapseParams
from include.validate.drift_params import DriftParams


class SemanticsParams(Section):
    """Comparison of meanings by a sentence encoder (:mod:`include.validate.semantics`)."""

    enabled: bool = True
    """Without it the checks that need it are left out, and the gate needs no engine's environment."""
    languages: list[str] = ["en"]
    """ISO 639-1 codes of the languages that the encoder knows; texts of other documents are not measured."""


class GateParams(Section):
    """Bounds of row checks and of the expectations."""

    checks: dict[CheckName, Bounds] = {}
    """Bounds of row checks by name, for recipes that give none of their own; without either, those that stand with the
    check (:mod:`include.validate.checks`) hold."""
    semantics: SemanticsParams = SemanticsParams()
    contamination: ContaminationParams = ContaminationParams()
    """Benchmark items that no output may hold: a teacher may know what its source does not say. Those of
    ``ingest.contamination`` where params.yaml has none here."""
    max_failed_share: Share = 0.05
    """Critical: requests that ended without an output."""
    min_accepted_share: Share = 0.02
    """Critical: below it the teacher or the recipe is broken."""
    warn_accepted_share: Share = 0.2
    """Warning only."""
    drift: DriftParams = DriftParams()
    """Warnings: generations, languages, reasons, acceptance, lengths and sameness beside those of earlier dumps."""
    collapse: CollapseParams = CollapseParams()
    """Warnings: texts that are all alike."""

    def of_rows(self) -> dict[str, Any]:
        """What decides over rows: all but the bounds of expectations."""
        return self.model_dump(exclude=_OF_EXPECTATIONS)


_OF_EXPECTATIONS = {"max_failed_share", "min_accepted_share", "warn_accepted_share", "drift", "collapse"}
