"""Whether the teacher that the parameters name may teach (DESIGN.md 7.5); asked before it is fetched or used."""

from include.rephrase.params import RephraseParams
from include.teachers.catalogue import refuse_forbidden, require_allowed


def refuse_forbidden_teacher(params: RephraseParams) -> None:
    """Before the teacher's weights are fetched. Raises BadInput if its terms are known to forbid it."""
    refuse_forbidden(params.teacher, served_as=_served_as(params), urls=_urls(params))


def require_allowed_teacher(params: RephraseParams, license: str) -> str:
    """Why its outputs may train a model, for ``teacher_terms`` of every row.

    Args:
        license: what the teacher's card states.

    Raises:
        BadInput: its terms forbid it, or nobody knows them and the parameters do not override that.
    """
    return require_allowed(
        params.teacher,
        license,
        params.allow_unlisted_teacher,
        served_as=_served_as(params),
        urls=_urls(params),
    )


def _served_as(params: RephraseParams) -> str | None:
    engine = params.engine_for(params.teacher)
    return engine.endpoint.model if engine.kind == "endpoint" else None


def _urls(params: RephraseParams) -> list[str]:
    engine = params.engine_for(params.teacher)
    return engine.endpoint.urls if engine.kind == "endpoint" else []
