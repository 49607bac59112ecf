"""One exchange with an OpenAI-compatible server (``/chat/completions``), and what became of it."""

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from include.ingest.policy import explain
from include.ingest.transport import retry_after
from include.rephrase.engines.base import Request

if TYPE_CHECKING:
    import httpx

MAX_BODY = 8 << 20
"""Bytes. No answer of a few thousand tokens is longer."""
BUSY_STATUS = {429, 503}
TRANSIENT_STATUS = {408, 409, 425, 500, 502, 504}
LONGEST_MESSAGE = 300


class Busy(Exception):
    """The server asks for fewer requests."""

    def __init__(self, reason: str, seconds: float | None) -> None:
        super().__init__(reason)
        self.seconds = seconds
        """The pause that it asks for, if it names one."""


class Broken(Exception):
    """No usable answer came; another attempt may get one."""


class Refused(Exception):
    """The server says that the request is at fault."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"refused with status {status}: {message}")
        self.status = status


@dataclass(frozen=True)
class Answer:
    """What a server made of a request; token counts are None where it did not tell."""

    text: str
    finish_reason: str
    prompt_tokens: int | None
    completion_tokens: int | None


class ChatApi:
    """Speaks for one model. The key goes to the servers, and into no message."""

    def __init__(self, client: "httpx.AsyncClient", model: str, key: str | None) -> None:
        self.client = client
        self.model = model
        self.headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._key = key

    async def generate(self, url: str, request: Request, seconds: float) -> Answer:
        """Ask the server at ``url`` for one generation. Raises Busy, Broken, Refused."""
        sampling: dict[str, Any] = {"temperature": request.temperature, "top_p": request.top_p, "seed": request.seed}
        if request.top_k:
            sampling["top_k"] = request.top_k  # not OpenAI's, but vLLM's and others'
        content = await self._chat(url, request.messages, request.max_tokens, sampling, seconds)
        return self._answer(content)

    async def try_out(self, url: str, seconds: float) -> None:
        """Ask for a single token, as every sound server can give. Raises Busy, Broken, Refused."""
        messages = [{"role": "system", "content": "Answer with yes."}, {"role": "user", "content": "Are you there?"}]
        await self._chat(url, messages, 1, {"temperature": 0.0, "top_p": 1.0, "seed": 0}, seconds)

    async def models(self, url: str, seconds: float) -> list[str]:
        """Names of the models that are served there; none if it does not tell."""
        content = await self._look(f"{url}/models", seconds)
        try:
            return sorted(str(model["id"]) for model in content["data"])
        except (KeyError, TypeError):
            return []

    async def version(self, url: str, seconds: float) -> str:
        """What the server says that it is: vLLM's ``/version``, else a server that names itself, else ``unknown``."""
        content = await self._look(f"{url.removesuffix('/v1')}/version", seconds)
        found = content.get("version") or content.get("server header")
        return self.cleaned(found) if isinstance(found, str) else "unknown"

    def cleaned(self, text: str) -> str:
        """On one line, not endless, and without the key, which some servers repeat."""
        text = " ".join(text.split())
        return (text.replace(self._key, "***") if self._key else text)[:LONGEST_MESSAGE]

    async def _chat(
        self, url: str, messages: list[dict[str, str]], max_tokens: int, sampling: dict[str, Any], seconds: float
    ) -> dict[str, Any]:
        import httpx

        content = {"model": self.model, "messages": messages, "max_tokens": max_tokens, **sampling}
        try:
            async with (
                asyncio.timeout(seconds),
                self.client.stream("POST", f"{url}/chat/completions", json=content, headers=self.headers) as response,
            ):
                body = await _read(response)
        except TimeoutError:
            raise Broken(f"no answer within {seconds:g} s") from None
        except (httpx.TransportError, httpx.StreamError, httpx.DecodingError) as error:
            raise Broken(self.cleaned(explain(error))) from None
        self._check(response, body)
        return self._content(body)

    def _check(self, response: "httpx.Response", body: bytes) -> None:
        """Pass if the status says that there is an answer."""
        status = response.status_code
        if status == 200:
            return
        reason = self.cleaned(f"status {status}: {_message(body)}")
        if status in BUSY_STATUS:
            raise Busy(reason, retry_after(response))
        if status in TRANSIENT_STATUS or status > 500:
            raise Broken(reason)
        if response.has_redirect_location:
            raise Refused(status, self.cleaned(f"it moved to {response.headers['Location']}"))
        raise Refused(status, self.cleaned(_message(body)))

    def _content(self, body: bytes) -> dict[str, Any]:
        try:
            content = json.loads(body)
            if isinstance(content["choices"][0], dict):
                return dict(content)
        except (ValueError, LookupError, TypeError):
            pass
        raise Broken(self.cleaned(f"the answer has no choices: {body.decode(errors='replace')}"))

    def _answer(self, content: dict[str, Any]) -> Answer:
        choice, usage = content["choices"][0], content.get("usage")
        message = choice.get("message")
        text = message.get("content") if isinstance(message, dict) else None
        reason = choice.get("finish_reason")
        if not isinstance(text, str) or not isinstance(reason, str):
            raise Broken(self.cleaned(f"the answer lacks a text or why it ended: {json.dumps(choice)}"))
        if reason == "abort":
            raise Broken("the server broke it off")
        counts = usage if isinstance(usage, dict) else {}
        return Answer(text, reason, _count(counts.get("prompt_tokens")), _count(counts.get("completion_tokens")))

    async def _look(self, address: str, seconds: float) -> dict[str, Any]:
        """The JSON object at an address, with the name that the server gives itself; empty if there is none."""
        import httpx

        try:
            response = await self.client.get(address, headers=self.headers, timeout=seconds)
        except (httpx.TransportError, httpx.DecodingError):
            return {}
        try:
            content = response.json() if response.status_code == 200 else {}
        except ValueError:
            content = {}
        named = {"server header": response.headers.get("Server")}
        return named | content if isinstance(content, dict) else named


async def _read(response: "httpx.Response") -> bytes:
    body = bytearray()
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) > MAX_BODY:
            raise Broken(f"the answer is longer than {MAX_BODY >> 20} MiB")
    return bytes(body)


def _message(body: bytes) -> str:
    """What a server says of an error: OpenAI's ``error.message``, FastAPI's ``detail``, or its text."""
    try:
        content = json.loads(body)
        found = content.get("error") or content.get("message") or content.get("detail")
        found = found.get("message") if isinstance(found, dict) else found
    except (ValueError, AttributeError):
        found = None
    return str(found) if found else body[:LONGEST_MESSAGE].decode(errors="replace") or "no message"


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
