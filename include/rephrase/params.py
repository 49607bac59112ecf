"""From documents to generations: the section ``rephrase`` of params.yaml."""

from typing import Any

from pydantic import ValidationInfo, field_validator

from include.rephrase.autotune.params import AutotuneParams
from include.rephrase.cost_params import BudgetParams, RatesParams
from include.rephrase.engines.params import EngineParams
from include.rephrase.routing_params import Genre, RecipeIds, Routing, all_known, check_genres
from include.sections import Count, Natural, Section


class RephraseParams(Section):
    """From documents to generations."""

    genres: dict[str, Genre] = {}
    """Kinds of documents by their stored signals, for the rules of routings."""
    routings: dict[str, Routing] = {}
    """The ready ones stand in the project's params.yaml and nowhere else."""
    routing: str = "wrap"
    """Which of ``routings`` decides what recipes a document gets."""
    recipes: RecipeIds | None = None
    """These recipes for every document, instead of a routing."""
    teacher: str = "smollm2-135m-instruct"
    """A bundled model's name, a Hugging Face id (``org/name``), or a folder."""
    teacher_revision: str | None = None
    """Commit of a Hugging Face model; None takes the newest and records which one that was."""
    allow_unlisted_teacher: bool = False
    """Plan with a teacher whose terms the catalogue does not know. Recorded in every row and on the dataset card."""
    max_segment_tokens: Count | None = None
    """Cut segments shorter than the recipes ask for."""
    max_documents: Count | None = None
    """Rephrase this many documents of a dump (those with the lowest content hash); None means all."""
    units: Count = 1
    """Pieces of equal predicted work; as many as there are engines to run at once."""
    chunk_size: Count = 64
    """Results committed together: what a killed worker may have to repeat."""
    retry_failed: bool = False
    """Generate again what is stored as failed."""
    seed: Natural = 0
    engine: EngineParams = EngineParams()
    models: dict[str, dict[str, Any]] = {}
    """Settings of ``engine`` that differ for a teacher, by its name; what ``autotune`` writes."""
    budget: BudgetParams = BudgetParams()
    rates: RatesParams = RatesParams()
    autotune: AutotuneParams = AutotuneParams()

    @field_validator("routings")
    @classmethod
    def _known_genres(cls, routings: dict[str, Routing], before: ValidationInfo) -> dict[str, Routing]:
        check_genres(routings, before.data.get("genres", {}))
        return routings

    @field_validator("routing")
    @classmethod
    def _known_routing(cls, routing: str, before: ValidationInfo) -> str:
        if routings := before.data.get("routings"):
            all_known([routing], sorted(routings), "routing")
        return routing

    def engine_for(self, teacher: str) -> EngineParams:
        """``engine`` with what ``models`` says of this teacher."""
        return EngineParams.model_validate(self.engine.model_dump() | self.models.get(teacher, {}))
