"""Keeps an engine alive: restarts it when it dies or hangs, and finds the request that it dies of."""

import logging
import time
from collections import deque
from collections.abc import Callable

from include.errors import BadInput, EngineFailed
from include.rephrase.engines.base import Engine, EngineDied, Request, Result

log = logging.getLogger("rewrap.supervise")

MAX_FAILED_STARTS = 3
"""One after the other: an engine that cannot start will not at the fourth try either."""
PAUSE = 2.0
"""Seconds before the second try; longer before the third."""


class Supervised:
    """An engine that does not die.

    When the one inside does, all that was in flight is suspect. It is asked for again in halves, each alone in the
    engine, and a half that the engine dies of again is halved in its turn. What is alone when the engine dies, and was
    there when it died before, is to blame: it gets an error as its result. A death that does not come again blames
    nobody. New requests wait meanwhile.
    """

    def __init__(self, start: Callable[[], Engine], max_restarts: int) -> None:
        self._start = start
        self._max_restarts = max_restarts
        self._restarts = 0
        self._waiting: deque[Request] = deque()
        """Not in the engine yet."""
        self._suspects: deque[list[Request]] = deque()
        """Groups that are to be tried, each alone."""
        self._trial = False
        """Whether what is in flight is such a group."""
        self._in_flight: dict[str, Request] = {}
        """In the order in which they were submitted."""
        self._blamed: list[Result] = []
        self._failed: EngineFailed | None = None
        self._engine = self._started(EngineDied)
        self.name, self.version, self.capacity = self._engine.name, self._engine.version, self._engine.capacity

    def submit(self, request: Request) -> None:
        self._waiting.append(request)
        self._try(self._hand_over)

    def results(self, timeout: float) -> list[Result]:
        """What has finished, and what was found to kill the engine.

        Raises:
            EngineFailed: the engine died more than ``max_restarts`` times, or cannot be started again.
        """
        if self._failed and not self._blamed:
            raise self._failed
        results: list[Result] = []
        if not self._blamed:
            self._try(self._hand_over)
            self._try(lambda: results.extend(self._engine.results(timeout)))
        for result in results:
            self._in_flight.pop(result.generation_key, None)
        results += self._blamed
        self._blamed = []
        return results

    def close(self) -> None:
        self._engine.close()

    def _try(self, action: Callable[[], None]) -> None:
        if self._failed is None:
            try:
                action()
            except EngineDied as death:
                self._recover(death)

    def _hand_over(self) -> None:
        """Give the engine what it may have now: one group of suspects alone, or all that waits."""
        if self._in_flight and (self._trial or self._suspects):
            return
        self._trial = bool(self._suspects)
        requests = self._suspects.popleft() if self._trial else list(self._waiting)
        if not self._trial:
            self._waiting.clear()
        # Noted first: an engine that dies while it is told them has them all.
        self._in_flight |= {request.generation_key: request for request in requests}
        for request in requests:
            self._engine.submit(request)

    def _recover(self, death: EngineDied) -> None:
        """Draw a conclusion about what was in flight, and start anew."""
        self._engine.close()
        dead = list(self._in_flight.values())
        self._in_flight = {}
        log.warning("%s (%d requests were in flight)", death, len(dead))
        if self._trial and len(dead) == 1:
            log.warning("request %s is recorded as failed: the engine died of it again, alone", dead[0].generation_key)
            self._blamed.append(Result(dead[0].generation_key, "", "error", f"kills the engine: {death}", 0, 0))
        else:
            half = (len(dead) + 1) // 2
            self._suspects.extendleft(group for group in (dead[half:], dead[:half]) if group)
        self._trial = False
        self._restarts += 1
        try:
            if self._restarts > self._max_restarts:
                raise EngineFailed(
                    f"The engine died {self._restarts} times; rephrase.engine.max_restarts is {self._max_restarts}. "
                    f"The last time, {death}."
                )
            log.info("starting the engine again (%d of at most %d times)", self._restarts, self._max_restarts)
            self._engine = self._started((EngineDied, BadInput))
        except EngineFailed as failure:
            self._failed = failure  # raised as soon as those to blame have been handed out

    def _started(self, passing: type[Exception] | tuple[type[Exception], ...]) -> Engine:
        """A started engine, in spite of errors that may pass: memory that a dead one held comes back late."""
        for failed in range(1, MAX_FAILED_STARTS + 1):
            try:
                return self._start()
            except passing as error:
                log.warning("the engine does not start: %s", error)
                last = error
                time.sleep(PAUSE * failed)
        raise EngineFailed(f"The engine did not start {MAX_FAILED_STARTS} times one after the other. {last}.") from last
