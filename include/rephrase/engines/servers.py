"""Which server gets the next request, and what is done with one that is busy, broken or refuses.

A server that fails is tried out with a request for one token. If it answers, the request that failed may be at fault
itself. If not, the server is set aside and tried out again, at growing intervals, until it answers.
"""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_random_exponential

from include.errors import BadInput, EngineFailed
from include.rephrase.engines.chat_api import Broken, Busy, ChatApi, Refused
from include.rephrase.engines.params import EndpointParams

log = logging.getLogger("rewrap.endpoint")

TRY_OUT_SECONDS = 60.0
LONGEST_WAIT = 30.0
"""Seconds between two attempts, at most."""
JITTER = wait_random_exponential(multiplier=1, max=LONGEST_WAIT)
"""Drawn evenly from 0 on (full jitter), so that many who failed together do not come back together."""

Sleep = Callable[[float], Awaitable[None]]
Clock = Callable[[], float]


class Server:
    """One server, and how it is doing."""

    def __init__(self, url: str, concurrency: int) -> None:
        self.url = url
        self.most = concurrency
        self.limit = float(concurrency)
        """Requests at once. Halved when the server is busy, and grown by one per round of answers (as TCP does)."""
        self.outstanding = 0
        self.doubted = True
        """Whether it has still to show that it answers."""
        self.resting = False
        self.rests = 0
        """Since its last answer."""
        self.failing_since: float | None = None
        self.reason = ""
        """Of its last failure."""
        self.on_trial = False
        self.sound: asyncio.Future[bool]
        """What the first attempt of its last trial said."""

    @property
    def free(self) -> bool:
        return not self.doubted and not self.resting and self.outstanding < int(self.limit)


class Servers:
    """All servers of a run. Its tasks belong to ``group``; what cannot be waited out ends the group."""

    def __init__(
        self,
        params: EndpointParams,
        api: ChatApi,
        group: asyncio.TaskGroup,
        sleep: Sleep = asyncio.sleep,
        clock: Clock = time.monotonic,
    ) -> None:
        self.params = params
        self.api = api
        self.group = group
        self.sleep = sleep
        self.clock = clock
        self.all = [Server(url, params.concurrency) for url in params.urls]
        self._changed = asyncio.Condition()

    async def open(self) -> str:
        """Wait until a server answers; returns the versions that the answering ones give."""
        for server in self.all:
            self._begin_trial(server)
        async with self._changed:
            await self._changed.wait_for(lambda: any(server.free for server in self.all))
        urls = [server.url for server in self.all if server.free]
        return ", ".join(sorted({await self.api.version(url, TRY_OUT_SECONDS) for url in urls}))

    async def take(self) -> Server:
        """The server with the least to do; waits for one that is free. Give it back with :meth:`give_back`."""
        async with self._changed:
            await self._changed.wait_for(lambda: any(server.free for server in self.all))
            server = min((server for server in self.all if server.free), key=lambda server: server.outstanding)
            server.outstanding += 1
            return server

    async def give_back(self, server: Server) -> None:
        server.outstanding -= 1
        await self._wake()

    def answered(self, server: Server) -> None:
        """It gave a good answer."""
        server.failing_since, server.rests = None, 0
        server.limit = min(server.most, server.limit + 1 / server.limit)

    def rest(self, server: Server, busy: Busy) -> None:
        """Leave a busy server alone for a while, and ask it for less after that. Raises EngineFailed."""
        self._note(server, busy)
        if not server.resting:
            server.resting = True
            server.limit = max(1.0, server.limit / 2)
            server.rests += 1
            jitter = random.uniform(0, min(LONGEST_WAIT, 2.0**server.rests))
            seconds = jitter if busy.seconds is None else min(busy.seconds, self.params.give_up_seconds)
            log.info("%s is busy (%s): %d requests at once, after %.1f s", server.url, busy, server.limit, seconds)
            self.group.create_task(self._wake_after(server, seconds))

    async def is_sound(self, server: Server, failure: Broken | Refused) -> bool:
        """Whether a server that failed a request answers an easy one; if not, it is set aside until it does.

        Raises:
            EngineFailed: no server has answered for ``give_up_seconds``.
        """
        if isinstance(failure, Broken):
            self._note(server, failure)
            server.doubted = True
        if not server.on_trial:
            self._begin_trial(server)
        return await asyncio.shield(server.sound)

    def _begin_trial(self, server: Server) -> None:
        server.on_trial, server.sound = True, asyncio.get_running_loop().create_future()
        self.group.create_task(self._try_out(server))

    async def _try_out(self, server: Server) -> None:
        retry = retry_if_exception_type((Busy, Broken))
        async for attempt in AsyncRetrying(retry=retry, wait=self._wait, sleep=self.sleep):
            with attempt:
                await self._attempt(server)
        if server.sound.done():
            log.info("%s answers", server.url)
        else:
            server.sound.set_result(True)
        # At once, without a wait between: a failure that comes in later must find that it begins a new trial.
        server.on_trial, server.doubted, server.failing_since = False, False, None
        await self._wake()

    async def _attempt(self, server: Server) -> None:
        try:
            await self.api.try_out(server.url, TRY_OUT_SECONDS)
        except Refused as refused:
            raise await self._unusable(server, refused) from None
        except (Busy, Broken) as failure:
            self._note(server, failure)
            if not server.sound.done():
                log.warning("%s does not answer (%s) and is set aside until it does", server.url, failure)
                server.doubted = True
                server.sound.set_result(False)
            raise

    def _wait(self, state: RetryCallState) -> float:
        failure = state.outcome.exception() if state.outcome else None
        asked = failure.seconds if isinstance(failure, Busy) else None
        return JITTER(state) if asked is None else min(asked, self.params.give_up_seconds)

    async def _wake_after(self, server: Server, seconds: float) -> None:
        await self.sleep(seconds)
        server.resting = False
        await self._wake()

    async def _wake(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    def _note(self, server: Server, failure: Exception) -> None:
        now = self.clock()
        server.failing_since = now if server.failing_since is None else server.failing_since
        server.reason = str(failure)
        patience = self.params.give_up_seconds
        if all(other.failing_since is not None and now - other.failing_since >= patience for other in self.all):
            reasons = "; ".join(f"{other.url}: {other.reason}" for other in self.all)
            raise EngineFailed(
                f"No server has answered for {patience:g} s ({reasons}). What was made is kept: start the servers and "
                "run again, or raise rephrase.engine.endpoint.give_up_seconds."
            )

    async def _unusable(self, server: Server, refused: Refused) -> BadInput:
        """What is wrong with the settings if a server refuses even the easiest request."""
        if refused.status in (401, 403):
            state = "does not accept the key in" if self.api.headers else "wants a key; none is set in"
            return BadInput(f"{server.url} {state} REWRAP_ENDPOINT_KEY ({refused}).")
        models = await self.api.models(server.url, TRY_OUT_SECONDS)
        if models and self.api.model not in models:
            return BadInput(
                f"{server.url} does not serve {self.api.model!r} but {', '.join(models[:10])}. Set "
                "rephrase.engine.endpoint.model to the name that it is served under."
            )
        if refused.status in (404, 405) or 300 <= refused.status < 400:
            return BadInput(
                f"{server.url}/chat/completions is not there ({refused}). Give the address of an OpenAI-compatible "
                "server, up to and with '/v1', in rephrase.engine.endpoint.urls."
            )
        return BadInput(
            f"{server.url} refuses even a request for one token ({refused}). It must take system messages, "
            "temperature, top_p, seed and max_tokens."
        )
