"""OpenAI-compatible servers as one engine: requests go to the one with the least to do, and to others if it fails.

What may pass is tried again until it does: a busy server (429, 503) is asked for less, a broken one (500, a cut
connection, garbage, no answer in time) is set aside and its requests go elsewhere. A request becomes an error only if a
server says that it is at fault, or if it fails again and again while the server that failed it answers others.
"""

import asyncio
import logging
import os
import queue
import threading
import time
from concurrent.futures import Future

from tenacity import AsyncRetrying, retry_if_exception_type

from include.errors import BadInput, RewrapError
from include.rephrase.engines.base import EngineDied, Request, Result
from include.rephrase.engines.chat_api import Answer, Broken, Busy, ChatApi, Refused
from include.rephrase.engines.params import EngineParams
from include.rephrase.engines.servers import JITTER, Clock, Servers, Sleep
from include.rephrase.teacher import Teacher

log = logging.getLogger("rewrap.endpoint")

KEY = "REWRAP_ENDPOINT_KEY"
STRIKES = 6
"""Attempts of one request that may fail on servers which answer an easy one right afterwards."""
CONNECT_SECONDS = 30.0


class EndpointEngine:
    """Its network traffic runs in a thread of its own; what is said there: :mod:`.chat_api`."""

    name = "endpoint"

    def __init__(
        self, teacher: Teacher, params: EngineParams, sleep: Sleep = asyncio.sleep, clock: Clock = time.monotonic
    ) -> None:
        """Wait until a server answers. A key for them is taken from the environment (``REWRAP_ENDPOINT_KEY``).

        Raises:
            BadInput: no server is named, or one refuses every request.
            EngineFailed: none has answered for ``give_up_seconds``.
        """
        if not params.endpoint.urls:
            raise BadInput("rephrase.engine.kind is endpoint, but rephrase.engine.endpoint.urls names no server.")
        self.params = params.endpoint
        # Twice what the servers take at once: while results are put into the store, nothing is handed over.
        self.capacity = 2 * len(self.params.urls) * self.params.concurrency
        self._model = self.params.model or teacher.name
        self._count_tokens = teacher.count_tokens()
        self._sleep, self._clock = sleep, clock
        self._results: queue.SimpleQueue[Result | None] = queue.SimpleQueue()
        self._error: BaseException | None = None
        self._inbox: asyncio.Queue[Request] = asyncio.Queue()
        self._opened: Future[str] = Future()
        self._loop = asyncio.new_event_loop()
        self._task = self._loop.create_task(self._main(_key()))
        self._thread = threading.Thread(target=self._run, name="endpoint", daemon=True)
        self._thread.start()
        try:
            self.version = self._opened.result()
        except BaseException:  # also when a signal interrupts the wait
            self.close()
            raise

    def submit(self, request: Request) -> None:
        """Hand over a request."""
        try:
            self._loop.call_soon_threadsafe(self._inbox.put_nowait, request)
        except RuntimeError:  # the loop has ended
            raise self._error or EngineDied("The endpoint engine was closed.") from None

    def results(self, timeout: float) -> list[Result]:
        """What has finished. What ended the engine is raised after the last result."""
        found: list[Result] = []
        try:
            item = self._results.get(timeout=0 if self._error else timeout)
            while item is not None:
                found.append(item)
                item = self._results.get_nowait()
        except queue.Empty:
            pass
        if self._error and not found:
            raise self._error
        return found

    def close(self) -> None:
        """Break off what is in flight."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join()

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._task)
        except asyncio.CancelledError:
            self._error = EngineDied("The endpoint engine was closed.")
        except BaseExceptionGroup as group:
            ours = [error for error in group.exceptions if isinstance(error, RewrapError)]
            self._error = [*ours, *group.exceptions][0]
        except BaseException as error:
            self._error = error
        finally:
            self._loop.close()
            if not self._opened.done():
                self._opened.set_exception(self._error or EngineDied("The endpoint engine was closed."))
            self._results.put(None)

    async def _main(self, key: str | None) -> None:
        import httpx

        timeout = httpx.Timeout(None, connect=CONNECT_SECONDS)  # answers are timed as a whole
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=self.capacity)
        async with httpx.AsyncClient(timeout=timeout, limits=limits) as client, asyncio.TaskGroup() as group:
            api = ChatApi(client, self._model, key)
            servers = Servers(self.params, api, group, self._sleep, self._clock)
            self._opened.set_result(await servers.open())
            while True:
                group.create_task(self._generate(servers, await self._inbox.get()))

    async def _generate(self, servers: Servers, request: Request) -> None:
        strikes = 0
        retry = retry_if_exception_type((Busy, Broken))
        async for attempt in AsyncRetrying(retry=retry, wait=JITTER, sleep=self._sleep):
            with attempt:
                server = await servers.take()
                try:
                    answer = await servers.api.generate(server.url, request, self.params.timeout_seconds)
                except Busy as busy:
                    servers.rest(server, busy)
                    raise
                except (Broken, Refused) as failure:
                    if await servers.is_sound(server, failure):
                        strikes += STRIKES if isinstance(failure, Refused) else 1
                    if strikes < STRIKES:
                        raise Broken(str(failure)) from None
                    self._results.put(_failed(request, failure))
                else:
                    servers.answered(server)
                    self._results.put(self._result(request, answer))
                finally:
                    await servers.give_back(server)

    def _result(self, request: Request, answer: Answer) -> Result:
        prompt, completion = answer.prompt_tokens, answer.completion_tokens
        if prompt is None:
            prompt = sum(self._count_tokens([message["content"] for message in request.messages]))
        if completion is None:
            completion = sum(self._count_tokens([answer.text]))
        if answer.finish_reason not in ("stop", "length"):
            error = f"finished by {answer.finish_reason}"
            return Result(request.generation_key, "", "error", error, prompt, completion)
        return Result(request.generation_key, answer.text, answer.finish_reason, None, prompt, completion)


def _key() -> str | None:
    key = os.environ.get(KEY, "").strip()
    if not (key.isascii() and key.isprintable()):
        raise BadInput(f"{KEY} holds characters that no key has. Set it again.")
    return key or None


def _failed(request: Request, failure: Broken | Refused) -> Result:
    again = (
        "" if isinstance(failure, Refused) else f"{STRIKES} attempts failed on servers that answer others; the last: "
    )
    return Result(request.generation_key, "", "error", f"{again}{failure}", 0, 0)
