"""A web server over a folder, with faults that are switched on per path, for every path (``"*"``) or at random by seed.

    with serving(folder) as server:
        server.fault("a.warc.gz", statuses=[503, 503], retry_after="1")
        server.chaos = Chaos(seed=7, share=0.4)
        list_files(server.address, ...)
        server.count("a.warc.gz")

It records every request with the moment of its arrival, so that tests can bound their number and their pace.
"""

import hashlib
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote


@dataclass
class Fault:
    """What goes wrong with a path. Lists are used up, one entry per request (``cuts``: per transfer)."""

    statuses: list[int] = field(default_factory=list)
    """Answered instead of the file; 0 lets one request through."""
    retry_after: str = ""
    cuts: list[int] = field(default_factory=list)
    """The connection breaks after so many bytes of the answer."""
    silences: list[int] = field(default_factory=list)
    """After so many bytes nothing more comes, and the connection stays open."""
    drip: float = 0.0
    """Bytes per second, in pieces of a tenth of a second; 0 sends as fast as possible."""
    ranges: bool = True
    content_ranges: list[str] = field(default_factory=list)
    """Sent as ``Content-Range`` instead of the true one."""
    contents: list[bytes] = field(default_factory=list)
    """What the file holds at each request; the last one stays."""
    etag: str | None = "auto"
    """``auto`` is made from the content; None sends none; another text is sent as it is."""
    length: bool = True
    """Whether ``Content-Length`` is sent."""


@dataclass(frozen=True)
class Chaos:
    """Random faults, the same for every run with the seed: a path's n-th request decides. Every third one is sound."""

    seed: int
    share: float
    """Of the requests that end in a fault."""

    def draw(self, path: str, number: int) -> tuple[str, float]:
        """(``status``, ``cut`` or ``sound``; a number from 0 to 1 that says which)."""
        digest = hashlib.sha256(f"{self.seed} {path} {number}".encode()).digest()
        first, second = (int.from_bytes(digest[i : i + 4], "big") / 2**32 for i in (0, 4))
        if number % 3 == 2 or first >= self.share:
            return "sound", second
        return ("status" if first < self.share / 2 else "cut"), second


@dataclass(frozen=True)
class Seen:
    """One request, as it arrived."""

    path: str
    time: float
    range: str
    agent: str


class FaultyServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folder = folder
        self.faults: dict[str, Fault] = {}
        self.chaos: Chaos | None = None
        self.too_fast: float = 0.0
        """Requests per second above which the server answers 403; 0 is no bound."""
        self.seen: list[Seen] = []
        self.closing = threading.Event()
        self.lock = threading.Lock()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def fault(self, path: str, **changes: object) -> Fault:
        """Switch on faults of one path, or of every path that has none of its own (``"*"``)."""
        self.faults[path] = Fault(**changes)  # type: ignore[arg-type]
        return self.faults[path]

    def count(self, path: str) -> int:
        return sum(seen.path == path for seen in self.seen)

    def times(self) -> list[float]:
        return sorted(seen.time for seen in self.seen)

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    server: FaultyServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        server, path = self.server, unquote(self.path.partition("?")[0]).lstrip("/")
        with server.lock:
            seen = Seen(path, time.time(), self.headers.get("Range", ""), self.headers.get("User-Agent", ""))
            server.seen.append(seen)
            number = server.count(path) - 1
            fault = server.faults.get(path) or server.faults.get("*") or Fault()
            status = self._status(fault, path, number)
            content = self._content(fault, path)
        if status or content is None:
            self._refuse(status or 404, fault.retry_after if status else "")
        else:
            self._send(fault, path, number, content)

    def _status(self, fault: Fault, path: str, number: int) -> int:
        times = [seen.time for seen in self.server.seen[-50:]]
        if self.server.too_fast and sum(times[-1] - 1 < moment for moment in times) > self.server.too_fast:
            return 403
        if fault.statuses and (status := fault.statuses.pop(0)):
            return status
        kind, choice = self.server.chaos.draw(path, number) if self.server.chaos else ("sound", 0.0)
        return [403, 408, 429, 500, 502, 503, 504][int(choice * 7)] if kind == "status" else 0

    def _content(self, fault: Fault, path: str) -> bytes | None:
        if fault.contents:
            return fault.contents.pop(0) if len(fault.contents) > 1 else fault.contents[0]
        file = self.server.folder / path
        return file.read_bytes() if file.is_file() else None

    def _refuse(self, status: int, retry_after: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        if retry_after:
            self.send_header("Retry-After", retry_after)
        self.end_headers()

    def _send(self, fault: Fault, path: str, number: int, content: bytes) -> None:
        etag = f'"{hashlib.sha256(content).hexdigest()[:16]}"' if fault.etag == "auto" else fault.etag
        if etag and self.headers.get("If-None-Match") == etag:
            self._refuse(304, "")
            return
        part = self._asked_part(fault, etag, len(content))
        body = content[part[0] : part[1]] if part else content
        if part and part[0] >= len(content):
            self._refuse(416, "")
            return
        self.send_response(206 if part else 200)
        if part:
            true = f"bytes {part[0]}-{part[0] + len(body) - 1}/{len(content)}"
            self.send_header("Content-Range", fault.content_ranges.pop(0) if fault.content_ranges else true)
        if etag:
            self.send_header("ETag", etag)
        if fault.length:
            self.send_header("Content-Length", str(len(body)))
        else:
            self.close_connection = True
        self.end_headers()
        self._write(fault, path, number, body)

    def _asked_part(self, fault: Fault, etag: str | None, length: int) -> tuple[int, int] | None:
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        condition = self.headers.get("If-Range")
        if not asked or not fault.ranges or (condition and condition != etag):
            return None
        return int(asked[1]), min(int(asked[2]) + 1 if asked[2] else length, length)

    def _write(self, fault: Fault, path: str, number: int, body: bytes) -> None:
        kind, choice = self.server.chaos.draw(path, number) if self.server.chaos else ("sound", 0.0)
        cut = fault.cuts.pop(0) if fault.cuts else int(choice * len(body)) if kind == "cut" else len(body)
        silent = fault.silences.pop(0) if fault.silences else len(body)
        end = min(cut, silent, len(body))
        step = max(1, int(fault.drip / 10)) if fault.drip else max(1, end)
        for start in range(0, end, step):
            self.wfile.write(body[start : min(start + step, end)])
            if fault.drip and self.server.closing.wait(0.1):
                break
        if silent < len(body):
            self.server.closing.wait(60)
        if end < len(body):
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: the tests read what the server recorded."""


@contextmanager
def serving(folder: Path) -> Iterator[FaultyServer]:
    """A running server; ends, with its silent and dripping connections, when the block is left."""
    server = FaultyServer(folder)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()
