"""One request for a file or a part of it: over HTTP(S), from S3 (as a signed HTTPS address) or from a folder.

Says which state of the file answered, so that no reader joins parts of two states, and watches the speed.
"""

import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from include.ingest.policy import FetchPolicy, FileChanged, SourceUnavailable, explain
from include.ingest.ratelimit import MAX_PAUSE, pause, wait_for_turn

if TYPE_CHECKING:
    import httpx

PIECE = 256 << 10
CONNECT_SECONDS = 30.0
TRANSIENT_STATUS = {403, 408, 425, 429, 500, 502, 503, 504}
"""403 too: Common Crawl answers with it when a client asks too fast."""
TOO_FAST_STATUS = {403, 429, 503}
SLOW_DOWN_SECONDS = 1.0
"""Pause of this machine after such an answer that names none: 'no more than once per second is polite enough'
(status.commoncrawl.org)."""
MISSING_STATUS = {404, 410}
_CONTENT_RANGE = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)")


class Broken(Exception):
    """This attempt failed in a way that the next one may not."""


class NotModified(Exception):
    """The file is still the one that the caller has in its cache."""


@dataclass(frozen=True)
class Version:
    """What tells one state of a file from another; empty where the server does not say."""

    length: int | None = None
    etag: str = ""
    modified: str = ""

    @property
    def validator(self) -> str:
        """For ``If-Range``, which takes no weak ETag (RFC 9110, 13.1.5)."""
        return self.etag if self.etag and not self.etag.startswith("W/") else self.modified

    def difference(self, later: "Version") -> str:
        """How ``later`` contradicts this; empty if it does not."""
        if None not in (self.length, later.length) and self.length != later.length:
            return f"{later.length} bytes instead of {self.length}"
        for name, old, new in (("ETag", self.etag, later.etag), ("Last-Modified", self.modified, later.modified)):
            if old and new:
                same = old.removeprefix("W/") == new.removeprefix("W/")
                return "" if same else f"{name} {new} instead of {old}"
        return ""


@dataclass(frozen=True)
class Answer:
    """The bytes of a file from ``start`` on, as they arrive; iterating raises Broken when the transfer breaks."""

    pieces: Iterator[bytes]
    start: int
    version: Version
    close: Callable[[], None]


@dataclass(frozen=True)
class Request:
    """Bytes ``start`` to ``end`` (exclusive; None is the file's end) of a file in the state ``known``."""

    url: str
    start: int = 0
    end: int | None = None
    known: Version = field(default_factory=Version)
    cached: Version | None = None
    """If given, the whole file is asked for, unless it is still in this state."""

    def headers(self) -> dict[str, str]:
        if self.cached:
            value = self.cached
            return {"If-None-Match": value.etag} if value.etag else {"If-Modified-Since": value.modified}
        if not self.start and self.end is None:
            return {}
        asked = {"Range": f"bytes={self.start}-{'' if self.end is None else self.end - 1}"}
        return asked | ({"If-Range": self.known.validator} if self.known.validator else {})


def ask(request: Request, policy: FetchPolicy) -> Answer:
    """Ask once. The answer may begin before the start (at 0) if the server knows no ranges.

    Raises:
        Broken: trying again can help. FileChanged: it is not the file that ``known`` describes any more.
        NotModified: it is the file that ``cached`` describes.
        FileNotFoundError, PermissionError, OSError: trying again cannot help.
        SourceUnavailable: the server asks for a pause that is too long to wait for.
    """
    if request.url.startswith("s3://"):
        from include.ingest.s3 import signed

        return _ask_http(signed(request.url, policy), request, policy)
    if request.url.startswith(("http://", "https://")):
        return _ask_http(request.url, request, policy)
    if "://" in request.url:
        raise OSError(f"no way to read {request.url}; use a folder, http(s):// or s3://")
    return _open_local(request)


def _open_local(request: Request) -> Answer:
    file = Path(request.url).open("rb", buffering=0)  # noqa: SIM115 - the answer closes it
    stat = os.fstat(file.fileno())
    version = Version(stat.st_size, f"{stat.st_size}-{stat.st_mtime_ns}")
    if difference := request.known.difference(version):
        file.close()
        raise _changed(request.url, difference)
    file.seek(request.start)
    return Answer(iter(lambda: file.read(PIECE), b""), request.start, version, file.close)


def _changed(url: str, difference: str) -> FileChanged:
    return FileChanged(f"{url} changed while it was read: {difference}. Run again to read it from its start")


def _ask_http(address: str, request: Request, policy: FetchPolicy) -> Answer:
    """Messages name the request's URL: the address may hold a signature."""
    import httpx

    url = request.url
    client = _client(policy, os.getpid())
    try:
        response = client.send(client.build_request("GET", address, headers=request.headers()), stream=True)
    except httpx.TransportError as error:
        raise Broken(explain(error)) from None
    except (httpx.InvalidURL, httpx.RequestError) as error:
        raise OSError(f"{url} cannot be asked: {explain(error)}") from None
    try:
        _refuse_status(response, request)
        version = Version(
            _length(response), response.headers.get("ETag", ""), response.headers.get("Last-Modified", "")
        )
        if difference := request.known.difference(version):
            raise _changed(url, difference)
        start = _begin(response, request.start)
    except BaseException:
        response.close()
        raise
    return Answer(_watched(_raw_pieces(response), policy), start, version, response.close)


@lru_cache(maxsize=8)
def _client(policy: FetchPolicy, process: int) -> "httpx.Client":
    """One pool of connections per process: a forked one must not share its parent's sockets."""
    import httpx

    def take_turn(request: httpx.Request) -> None:
        wait_for_turn(request.url.netloc.decode(), policy.requests_per_second)

    return httpx.Client(
        # WARC files are compressed already; a transparent second layer would change every offset.
        headers={"User-Agent": policy.user_agent, "Accept-Encoding": "identity", "Accept": "*/*"},
        timeout=httpx.Timeout(CONNECT_SECONDS, read=policy.stall_seconds, pool=None),
        limits=httpx.Limits(max_connections=None, max_keepalive_connections=4),
        follow_redirects=True,
        event_hooks={"request": [take_turn]},
    )


def _refuse_status(response: "httpx.Response", request: Request) -> None:
    """Raise what a status other than 200 and 206 means; make the machine pause where the server asks for it."""
    status, url, start = response.status_code, request.url, request.start
    if status in (200, 206):
        return
    if status in TRANSIENT_STATUS:
        seconds = retry_after(response)
        if seconds is not None and seconds > MAX_PAUSE:
            raise SourceUnavailable(f"{url} answered {status} and asks for a pause of {seconds:.0f} s. Run again then")
        if seconds is None and status in TOO_FAST_STATUS:
            seconds = SLOW_DOWN_SECONDS
        if seconds:
            pause(response.request.url.netloc.decode(), seconds)
        hint = " (asked too fast, or the file is not public)" if status == 403 else ""
        raise Broken(f"HTTP status {status}{hint}")
    if status == 304 and request.cached:
        raise NotModified
    if status in MISSING_STATUS:
        raise FileNotFoundError(f"{url} does not exist (HTTP status {status})")
    if status == 401:
        raise PermissionError(f"{url} asks for a login (HTTP status 401)")
    if status == 416:
        raise FileChanged(
            f"{url} ends before byte {start}, which was asked for (HTTP status 416). Is it the same file?"
        )
    raise OSError(f"{url} answered with HTTP status {status}")


def retry_after(response: "httpx.Response") -> float | None:
    """Seconds that the server asks to wait, given as a number or as a date (RFC 9110, 10.2.3)."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _length(response: "httpx.Response") -> int | None:
    """Of the whole file, as far as the answer tells."""
    if response.status_code == 206:
        matched = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
        return int(matched[3]) if matched and matched[3].isdigit() else None
    declared = response.headers.get("Content-Length", "")
    return int(declared) if declared.isascii() and declared.isdigit() else None


def _begin(response: "httpx.Response", start: int) -> int:
    """The place in the file where the answer's bytes begin. Raises Broken for a range nobody asked for."""
    if response.status_code == 200:
        return 0
    header = response.headers.get("Content-Range", "")
    matched = _CONTENT_RANGE.fullmatch(header)
    if not matched or matched[1] is None or int(matched[1]) != start:
        raise Broken(f"asked for bytes from {start} on, answered with Content-Range {header!r}")
    return start


def _raw_pieces(response: "httpx.Response") -> Iterator[bytes]:
    import httpx

    try:
        yield from response.iter_raw()
    except (httpx.TransportError, httpx.StreamError) as error:
        raise Broken(explain(error)) from None


def _watched(pieces: Iterator[bytes], policy: FetchPolicy) -> Iterator[bytes]:
    """The same pieces, until they trickle. Only the time spent waiting counts: a slow reader is no stall."""
    waited, size = 0.0, 0
    while True:
        began = time.monotonic()
        piece = next(pieces, b"")
        waited += time.monotonic() - began
        size += len(piece)
        if not piece:
            return
        yield piece
        if waited >= policy.stall_seconds:
            if size < waited * policy.min_bytes_per_second:
                raise Broken(f"only {size} bytes came in {waited:.1f} s")
            waited, size = 0.0, 0
