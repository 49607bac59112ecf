"""HTTP to Airflow's API: logs in, tries again what is safe to try again, turns pages, and explains refusals."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_random_exponential

from include.errors import RewrapError

POLL = 0.5
PAGE = 100
RETRY_FOR = 60.0
"""Seconds to try again when SQLite is locked or the API server does not answer."""
HARMLESS_POSTS = ("/token", "/dry_run")


class AirflowRefused(RewrapError):
    """Airflow answered that it will not do this; ``status`` is the HTTP status."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class Client:
    """One login at one Airflow. Raises AirflowRefused, or RewrapError when Airflow cannot be reached."""

    def __init__(self, url: str, user: str, password: str) -> None:
        self.url = url
        self._login = {"username": user, "password": password}
        # trust_env: a proxy meant for the internet must not be asked for 127.0.0.1.
        self._client = httpx.Client(base_url=url, timeout=60, trust_env=False)

    def close(self) -> None:
        self._client.close()

    def get(self, path: str, **params: Any) -> Any:
        return self.call("GET", path, params=params)

    def pages(self, path: str, field: str, **params: Any) -> Iterator[dict[str, Any]]:
        """All entries of a collection."""
        offset = 0
        while True:
            answer = self.get(path, limit=PAGE, offset=offset, **params)
            yield from answer[field]
            offset += PAGE
            if offset >= answer["total_entries"]:
                return

    def call(self, method: str, path: str, **request: Any) -> Any:
        """The decoded answer of ``/api/v2<path>``; ``request`` as for httpx (``params``, ``json``)."""
        response = self._send(method, f"/api/v2{path}", **request)
        if response.status_code == httpx.codes.UNAUTHORIZED:  # no token yet, or one that has run out
            token = self._send("POST", "/auth/token", json=self._login)
            _refuse_errors("POST", "/auth/token", token)
            self._client.headers["Authorization"] = f"Bearer {token.json()['access_token']}"
            response = self._send(method, f"/api/v2{path}", **request)
        _refuse_errors(method, path, response)
        return response.json() if response.content else None

    def _send(self, method: str, path: str, **request: Any) -> httpx.Response:
        repeatable = method != "POST" or path.endswith(HARMLESS_POSTS)
        attempts = Retrying(
            retry=retry_if_exception(lambda error: _is_transient(error, repeatable)),
            wait=wait_random_exponential(multiplier=0.3, max=5),
            stop=stop_after_delay(RETRY_FOR),
            reraise=True,
        )
        try:
            return attempts(self._send_once, method, path, **request)
        except httpx.HTTPStatusError as error:
            return error.response
        except httpx.TransportError as error:
            raise RewrapError(
                f"Airflow at {self.url} does not answer ({type(error).__name__}: {error}). Start it with 'make up'; "
                "if it is up, its logs are in <home>/airflow/logs/services."
            ) from error

    def _send_once(self, method: str, path: str, **request: Any) -> httpx.Response:
        response = self._client.request(method, path, **request)
        if response.is_server_error:
            response.raise_for_status()
        return response


def wait_until(condition: Callable[[], bool], deadline: float) -> bool:
    """Ask every half second, for ``deadline`` seconds at most, and return the last answer."""
    until = time.monotonic() + deadline
    while not (met := condition()) and time.monotonic() < until:
        time.sleep(POLL)
    return met


def _is_transient(error: BaseException, repeatable: bool) -> bool:
    """Whether sending again may help, and is safe: what may have been carried out is not asked for twice."""
    if isinstance(error, httpx.HTTPStatusError):
        # Airflow undoes a backfill that met a locked database before it answers 503.
        return repeatable or error.response.status_code == httpx.codes.SERVICE_UNAVAILABLE
    return isinstance(error, httpx.TransportError) and (repeatable or isinstance(error, httpx.ConnectError))


def _refuse_errors(method: str, path: str, response: httpx.Response) -> None:
    if response.is_success:
        return
    try:
        detail = response.json()["detail"]
    except (ValueError, KeyError, TypeError):
        detail = response.text[:500]
    raise AirflowRefused(f"Airflow refused {method} {path} ({response.status_code}): {detail}", response.status_code)
