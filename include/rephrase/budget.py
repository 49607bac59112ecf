"""Counts what an engine costs while it runs, and says when a dump's budget is reached (DESIGN.md 7.6)."""

import secrets
import time
from collections.abc import Callable, Iterable
from typing import Self

from include.errors import BadInput
from include.lake import Lake
from include.rephrase.cost_params import BudgetParams, RatesParams
from include.rephrase.engines.base import Result
from include.rephrase.params import RephraseParams
from include.rephrase.spend import Session, Spent, session_files

WRITE_SECONDS = 10.0
"""So old may the own file be while nothing finishes: what a killed worker may fail to count."""
READ_SECONDS = 5.0
"""So old may the knowledge of other workers' files be."""


class Meter:
    """A context around the life of one engine. The budget is the dump's: of all units and all tries together."""

    def __init__(
        self,
        lake: Lake,
        crawl: str,
        unit: str,
        params: RephraseParams,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        engine = params.engine_for(params.teacher)
        self._lake, self._crawl = lake, crawl
        self._budget, self._rates = params.budget, params.rates
        self._clock = clock
        self._session = Session(
            unit=unit,
            teacher=params.teacher,
            kind=engine.kind,
            gpus=engine.tensor_parallel_size if engine.kind == "vllm" else 0,
            currency=params.rates.currency,
            started=time.time(),
        )
        self._file = lake.path("spend", crawl) / f"{unit}-{secrets.token_hex(6)}.json"
        self._began: float | None = None
        self._written = 0.0
        self._others = Spent()
        self._read: float | None = None

    def __enter__(self) -> Self:
        """The engine is about to be started: its time counts from here."""
        self._began = self._clock()
        self._write()
        return self

    def ready(self, engine: str) -> None:
        """The engine, of this name and version, is up: speeds are measured from here. Call it once at most."""
        self._session.engine = engine
        self._session.start_seconds = self._seconds()
        self._write()

    def add(self, results: Iterable[Result]) -> None:
        """Count results that were committed; durable when this returns."""
        for result in results:
            self._session.results += 1
            self._session.prompt_tokens += result.prompt_tokens
            self._session.tokens += result.completion_tokens
        self._write()

    def reason_to_stop(self) -> str | None:
        """Which budget is reached, in words; None while there is some left. Cheap enough to be asked all the time.

        Raises:
            BadInput: other workers' files cannot be added up.
        """
        if self._budget == BudgetParams():
            return None
        now = self._clock()
        if self._began is not None and now - self._written >= WRITE_SECONDS:
            self._write()
        if self._read is None or now - self._read >= READ_SECONDS:
            self._others, self._read = self._spent_by_others(), now
        self._measure()
        return reason_to_stop(self._others + self._session.spent, self._budget, self._rates.currency)

    def __exit__(self, *_: object) -> None:
        self._write()
        self._began = None

    def _seconds(self) -> float:
        return self._session.seconds if self._began is None else self._clock() - self._began

    def _measure(self) -> None:
        session = self._session
        session.seconds = self._seconds()
        session.money = price(session.spent, self._rates)

    def _write(self) -> None:
        self._measure()
        self._session.write(self._file)
        self._written = self._clock()

    def _spent_by_others(self) -> Spent:
        total = Spent()
        for path in session_files(self._lake, self._crawl):
            if path != self._file:
                session = Session.read(path)
                if self._budget.money is not None and session.money and session.currency != self._rates.currency:
                    raise BadInput(
                        f"rephrase.budget.money is in {self._rates.currency}, but {path} counts {session.currency}. "
                        "Set rephrase.rates.currency as it was, or set rephrase.budget.gpu_hours or tokens instead."
                    )
                total += session.spent
        return total


def price(spent: Spent, rates: RatesParams) -> float:
    """What GPU time and tokens cost, in ``rates.currency``."""
    per_prompt_token, per_token = rates.million_prompt_tokens / 1e6, rates.million_output_tokens / 1e6
    return spent.gpu_hours * rates.gpu_hour + spent.prompt_tokens * per_prompt_token + spent.tokens * per_token


def reason_to_stop(spent: Spent, budget: BudgetParams, currency: str) -> str | None:
    """Which bound of the budget is reached, in words."""
    bounds = (
        ("tokens", budget.tokens, spent.all_tokens, ""),
        ("gpu_hours", budget.gpu_hours, spent.gpu_hours, ""),
        ("money", budget.money, spent.money, f" {currency}"),
    )
    for name, bound, used, unit in bounds:
        if bound is not None and used >= bound:
            return f"rephrase.budget.{name} is {number(bound)}{unit} and {number(used)} are spent"
    return None


def number(value: float) -> str:
    """``2,000,000`` or ``0.1234``: as many places as say something."""
    return f"{value:,.0f}" if value >= 1000 else f"{value:.4g}"


def budget_message(crawl: str, unit: str, reason: str, made: int, left: int) -> str:
    """What BudgetReached says: ``made`` requests of the unit have their result, about ``left`` have none yet."""
    return (
        f"The budget of {crawl} is reached: {reason}. In unit {unit}, {made:,} generations are in the store and about "
        f"{left:,} are missing. Nothing is lost: raise the bound in params.yaml (or --set rephrase.budget...) and run "
        "the generate step again, and it goes on from there."
    )
