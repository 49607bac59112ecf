"""Whether a person is asked about a gate's warnings (section ``approval``)."""

from typing import Annotated, Literal

from pydantic import Field

from include.sections import Section


class ApprovalParams(Section):
    """Airflow asks, after a gate that passed with warnings. A gate without warnings is never asked about."""

    ask: bool = False
    """Without it, warnings are reported and the run goes on."""
    hours: Annotated[float, Field(gt=0, le=24 * 365)] = 24.0
    """How long the question waits for an answer."""
    otherwise: Literal["approve", "reject"] = "reject"
    """What an unanswered question comes to."""
