"""What generation may cost, and what it costs: the sections ``rephrase.budget`` and ``rephrase.rates``."""

from typing import Annotated

from pydantic import Field

from include.sections import Section

Amount = Annotated[float, Field(ge=0)]


class BudgetParams(Section):
    """Where generation for one dump stops, resumable; None sets no bound."""

    tokens: Amount | None = None
    """Prompt and output tokens together."""
    gpu_hours: Amount | None = None
    money: Amount | None = None
    """In ``rates.currency``."""


class RatesParams(Section):
    """Prices and, until there are measured ones, speeds."""

    currency: str = "USD"
    gpu_hour: Amount = 2.5
    million_prompt_tokens: Amount = 0.0
    """Of an endpoint that charges by tokens; 0 for engines of your own."""
    million_output_tokens: Amount = 0.0
    tokens_per_second: Annotated[float, Field(gt=0)] | None = None
    """Output tokens of one engine, until it has been measured; None takes the catalogue's or says unknown."""
