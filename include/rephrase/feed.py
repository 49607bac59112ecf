"""Turns chains into requests and results into chains that go on: what the worker hands to the engine next."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from include.recipes.recipe import Recipe
from include.rephrase.chain import Next, advance
from include.rephrase.engines.base import Request, Result
from include.rephrase.replay import StoredChain, StoredChains


@dataclass
class OpenChain:
    """A chain that waits for results."""

    stored: StoredChain
    waits_for: set[str] = field(default_factory=set)
    generations: list[dict[str, Any]] = field(default_factory=list)
    """Its texts (rows of the table ``generations`` without the engine), once it is finished."""

    @property
    def root(self) -> str:
        return str(self.stored.row["generation_key"])

    @property
    def predicted_tokens(self) -> int:
        return int(self.stored.row["predicted_tokens"])


class Feed:
    """Requests in an order that keeps the engine's prefix cache warm: what follows on a result first, then new chains.

    No chain is opened before all that came out of the others is handed over, so memory is bounded by what is in flight.
    """

    def __init__(self, chains: StoredChains, recipes: dict[str, Recipe], claim: Callable[[str], bool]) -> None:
        """``claim`` takes a chain in hand by its root, or says that another worker has it."""
        self._chains = iter(chains)
        self._unseen = chains.count
        self.left_tokens = chains.predicted_tokens
        """That the plan expects of the chains that are not finished."""
        self._recipes = recipes
        self._claim = claim
        self._ready: deque[Request] = deque()
        self._waiting: dict[str, tuple[Request, OpenChain]] = {}
        """By generation key."""
        self.opened = 0
        self.put_off = 0
        """Chains that another worker has in hand."""

    @property
    def left(self) -> int:
        """Requests without a result, as far as they are known: at least one for a chain that was not looked at yet."""
        return len(self._waiting) + self._unseen

    def next(self) -> Request | None:
        """What to ask for next; None if there is nothing to ask for before a result comes (or at all)."""
        while not self._ready:
            stored = next(self._chains, None)
            if stored is None:
                return None
            self._open(stored)
        return self._ready.popleft()

    def take(self, result: Result) -> tuple[Request, OpenChain] | None:
        """Note a result. Returns what it answers and the chain, which is finished if it waits for nothing more.

        None if nobody waits for the result.
        """
        if result.generation_key not in self._waiting:
            return None
        request, chain = self._waiting.pop(result.generation_key)
        chain.stored.results[result.generation_key] = result
        chain.waits_for.remove(result.generation_key)
        then = self._advance(chain.stored)
        self._ask(chain, then.ready)
        if not chain.waits_for:
            chain.generations = then.generations
            self.left_tokens -= chain.predicted_tokens
        return request, chain

    def _open(self, stored: StoredChain) -> None:
        self._unseen -= 1
        chain = OpenChain(stored)
        ready = self._advance(stored).ready
        if ready and self._claim(chain.root):
            self.opened += 1
            self._ask(chain, ready)
        else:
            self.put_off += bool(ready)
            self.left_tokens -= chain.predicted_tokens

    def _advance(self, stored: StoredChain) -> Next:
        return advance(stored.row, self._recipes[stored.row["recipe"]], stored.results)

    def _ask(self, chain: OpenChain, ready: list[Request]) -> None:
        for request in ready:
            if request.generation_key not in chain.waits_for:
                chain.waits_for.add(request.generation_key)
                self._waiting[request.generation_key] = (request, chain)
                self._ready.append(request)
