"""The worker: feeds an engine what the store lacks of a unit, and commits the results in chunks.

Killed at any moment, it has lost what was in flight and at most one chunk; run again, it makes that and what is left.
"""

import logging
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from include.errors import BudgetReached, EngineFailed
from include.lake import Lake
from include.recipes.recipe import Recipe
from include.rephrase.budget import Meter, budget_message
from include.rephrase.chain import is_one_step
from include.rephrase.claims import Claims, Newcomers, only_worker
from include.rephrase.engines.base import Engine, Request, Result
from include.rephrase.feed import Feed, OpenChain
from include.rephrase.params import RephraseParams
from include.rephrase.progress import Progress
from include.rephrase.replay import open_chains, planned_recipes
from include.rephrase.store import Store, explain_full_disk
from include.schemas import GENERATION, RESULT

if TYPE_CHECKING:
    from include.rephrase.units import Unit

log = logging.getLogger("rewrap.worker")

WAIT = 1.0
"""Seconds to wait for a result before looking at the clock and the budget."""
LOOK_AGAIN = 5.0
"""Seconds between two looks at chains that another worker has in hand."""


def generate_unit(
    lake: Lake,
    crawl: str,
    unit: "Unit",
    params: RephraseParams,
    start_engine: Callable[[], Engine],
    meter: Meter,
    accepted: Callable[[pa.Table], int],
) -> dict[str, Any]:
    """Generate what a unit of the dump's plan lacks. The engine is started once, and only if something is missing.

    Args:
        accepted: how many of these rows (schema GENERATION) the gate would accept.

    Returns:
        The counts of :class:`include.rephrase.progress.Progress`.

    Raises:
        BadInput: a recipe has changed since the plan was made.
        BudgetReached: the budget of the dump is spent.
        EngineFailed: the engine died more often than it may be restarted.
        RewrapError: the disk is full.
    """
    recipes = planned_recipes(lake, crawl)
    with only_worker(lake, crawl, str(unit)), explain_full_disk(lake), ExitStack() as life:
        return _Worker(lake, crawl, unit, params, recipes, start_engine, meter, accepted, life).run()


class _Worker:
    def __init__(
        self,
        lake: Lake,
        crawl: str,
        unit: "Unit",
        params: RephraseParams,
        recipes: dict[str, Recipe],
        start_engine: Callable[[], Engine],
        meter: Meter,
        accepted: Callable[[pa.Table], int],
        life: ExitStack,
    ) -> None:
        self.lake, self.crawl, self.unit, self.params, self.recipes = lake, crawl, unit, params, recipes
        self.start_engine, self.meter, self.accepted = start_engine, meter, accepted
        self.life = life
        self.store = Store(lake)
        self.name = f"{crawl}-{unit}"
        self.claims = Claims(lake)
        life.callback(self.claims.close)
        self.store.clear_leftovers()
        self.progress = Progress(lake, crawl, str(unit))
        self.engine: Engine | None = None
        self.in_flight = 0
        self.chunk: list[tuple[Request, Result]] = []
        self.finished: list[OpenChain] = []
        """Chains whose last result is in the chunk."""

    def run(self) -> dict[str, Any]:
        try:
            turn, later, retry_failed = 1, True, self.params.retry_failed
            while later:
                later = self.go_through(turn, retry_failed)
                turn += not self.feed.put_off
                retry_failed = False
        except EngineFailed as error:
            self.commit()
            raise EngineFailed(
                f"{error} {self.progress.counts['generated']} generations of unit {self.unit} were made and committed, "
                f"about {self.left} are missing: run the generate step again, and it goes on from there."
            ) from error
        except BaseException:
            self.commit()
            raise
        if self.engine is None:
            log.info(
                "every generation of unit %s of %s is in the store: no engine is started, nothing is generated",
                self.unit, self.crawl,
            )  # fmt: skip
        else:
            self.progress.report()
        self.progress.write()
        return self.progress.counts

    def go_through(self, turn: int, retry_failed: bool) -> bool:
        """Make what chains whose turn it is lack; returns whether some are left: of a later turn, or put off."""
        self.newcomers = Newcomers(self.store, self.name)  # before the listing: what comes while it is made is new
        one_step = {name for name, recipe in self.recipes.items() if is_one_step(recipe)}
        positions = range(self.unit.start, self.unit.stop)
        with open_chains(self.lake, self.crawl, positions, turn, one_step, retry_failed) as chains:
            self.roots_in = chains.roots_in
            self.feed = Feed(chains, self.recipes, self.claim)
            self.progress.begin(self.feed)
            self.generate()
            self.commit()
        if self.feed.put_off and not self.feed.opened:
            log.info("%d chains are in the hands of another dump's worker; waiting for it", self.feed.put_off)
            time.sleep(LOOK_AGAIN)
        return bool(chains.later or self.feed.put_off)

    def generate(self) -> None:
        while True:
            self.fill()
            if self.engine is None or not self.in_flight:
                return
            for result in self.engine.results(WAIT):
                self.take(result)
            self.stop_if_spent()
            self.progress.tick()

    def fill(self) -> None:
        """Give the engine as much as it can hold."""
        while self.in_flight < (self.engine.capacity if self.engine else 1) and (request := self.feed.next()):
            self.engine = self.engine or self.start()
            self.engine.submit(request)
            self.in_flight += 1

    def start(self) -> Engine:
        self.stop_if_spent()
        self.life.enter_context(self.meter)
        began = time.monotonic()
        engine = self.start_engine()
        self.life.callback(engine.close)
        log.info("%s %s is ready after %.0f s", engine.name, engine.version, time.monotonic() - began)
        self.meter.ready(f"{engine.name} {engine.version}")
        self.progress.start()
        return engine

    def stop_if_spent(self) -> None:
        if reason := self.meter.reason_to_stop():
            made = self.progress.counts["generated"]
            raise BudgetReached(budget_message(self.crawl, str(self.unit), reason, made, self.left))

    def claim(self, root: str) -> bool:
        """Take a chain in hand; False if another worker has it, or had it since the chains were listed."""
        if not self.claims.take(root):
            return False
        if self.newcomers.have(root, self.roots_in):
            self.claims.release(root)
            return False
        return True

    def take(self, result: Result) -> None:
        answered = self.feed.take(result)
        if answered is None:
            log.warning("the engine answered %s, which nobody waits for; that is left out", result.generation_key)
            return
        assert self.engine is not None
        request, chain = answered
        chain.stored.made_by[result.generation_key] = (self.engine.name, self.engine.version)
        self.in_flight -= 1
        self.chunk.append((request, result))
        if not chain.waits_for:
            self.finished.append(chain)
        self.progress.add(result)
        if len(self.chunk) >= self.params.chunk_size:
            self.commit()

    def commit(self) -> None:
        """Make the chunk durable, count it, and let go of the chains that it finished."""
        chunk, self.chunk = self.chunk, []
        finished, self.finished = self.finished, []
        if not chunk:
            return
        assert self.engine is not None
        made_by = {"engine": self.engine.name, "engine_version": self.engine.version}
        rows = [{**vars(result), "root": ask.root, "step": ask.step, **made_by} for ask, result in chunk]
        self.store.commit(pa.Table.from_pylist(rows, schema=RESULT), self.name)
        self.meter.add([result for _, result in chunk])
        for chain in finished:
            self.claims.release(chain.root)
        texts = [text for chain in finished for text in chain.stored.signed(chain.generations)]
        accepted = self.accepted(pa.Table.from_pylist(texts, schema=GENERATION)) if texts else 0
        self.progress.judged(finished, len(texts), accepted)
        self.progress.write()

    @property
    def left(self) -> int:
        return int(self.progress.counts["requests"]) - int(self.progress.counts["generated"])
