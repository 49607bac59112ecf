"""Files as streams that survive a bad network: they reconnect where they were, and only to the same file."""

import logging
import random
import time
from collections.abc import Iterator

from include.errors import BadInput
from include.ingest.cache import Cache, Copy
from include.ingest.policy import FetchPolicy, FileChanged, SourceUnavailable, as_policy
from include.ingest.transport import PIECE, Answer, Broken, NotModified, Request, Version, ask

FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 60.0
PROGRESS = 1 << 20
"""Bytes after which earlier failures are forgotten. A file thus costs at most attempts x (1 + size / PROGRESS)
requests, however often its transfer breaks."""

log = logging.getLogger(__name__)


def open_file(root: str, path: str, policy: FetchPolicy | str) -> "RetryingStream":
    """A stream over one file of a listing; FileNotFoundError or PermissionError at its first read if it has none.

    Args:
        path: relative to ``root``, or complete.
        policy: manners; a contact alone stands for the default ones.
    """
    return RetryingStream(locate(root, path), as_policy(policy))


def locate(root: str, path: str) -> str:
    """The address of a listed path."""
    return path if is_remote(path) or path.startswith("/") else f"{root}/{path}"


def is_remote(source: str) -> bool:
    return "://" in source


def read_all(url: str, policy: FetchPolicy, max_bytes: int) -> bytes:
    """A whole small file. Raises BadInput if it is larger than ``max_bytes``, and what a stream raises."""
    stream = RetryingStream(url, policy)
    try:
        content = stream.read(max_bytes + 1)
    finally:
        stream.close()
    if len(content) > max_bytes:
        raise BadInput(f"{url} is larger than {max_bytes} bytes: it is not the small file that it should be.")
    return content


class RetryingStream:
    """A readable file, or the part ``start`` to ``end`` of one, that reconnects where it was when the transfer breaks.

    ``position`` is the place in the file of the next byte that ``read`` gives. Memory: what one ``read`` asks for and
    one piece of the network.
    """

    TAIL = 1024

    def __init__(self, url: str, policy: FetchPolicy, start: int = 0, end: int | None = None) -> None:
        self.position = start
        self.version = Version()
        self._url, self._policy, self._start, self._end = url, policy, start, end
        self._answer: Answer | None = None
        self._pieces: Iterator[bytes] = iter(())
        self._left = b""
        self._buffer = bytearray()
        self._fetched = start
        self._recent = b""
        self._ended = False
        self._copy: Copy | None = None
        self._error: BaseException | None = None
        self._failures = _Failures(url, policy.attempts, start)

    def read(self, size: int = -1) -> bytes:
        """``size`` bytes, fewer only at the end; all of them if negative.

        Raises:
            SourceUnavailable: the network failed for good. FileChanged: it is another file than at the first read.
        """
        if self._error:  # a failed stream must not look like one that ended
            raise self._error
        try:
            while not self._ended and (size < 0 or len(self._buffer) < size):
                self._buffer += self._fetch()
        except BaseException as error:
            self._error = error
            self.close()
            raise
        with memoryview(self._buffer) as view:
            data = bytes(view if size < 0 else view[:size])
        del self._buffer[: len(data)]
        self.position += len(data)
        return data

    def tell(self) -> int:
        return self.position

    def close(self) -> None:
        self._disconnect()
        self._ended = True
        if self._copy:
            self._copy.discard()
            self._copy = None

    def _fetch(self) -> bytes:
        """The next piece; empty at the end."""
        while True:
            try:
                if self._answer is None:
                    self._answer = self._connect()
                piece = self._next_piece()
                if not piece:
                    self._refuse_early_end()
                return self._accept(piece)
            except Broken as error:
                self._disconnect()
                self._failures.add(error, self._fetched)

    def _connect(self) -> Answer:
        start = self._fetched - len(self._recent)
        answer = self._ask(start)
        self._pieces, self._left = answer.pieces, b""
        try:
            if answer.start < start:
                self._skip(start - answer.start)
            # Also tells two files apart where the server names no version.
            if self._take(len(self._recent)) != self._recent:
                raise FileChanged(
                    f"{self._url} holds other bytes before {self._fetched} than when they were read. Run again"
                )
        except BaseException:
            answer.close()
            raise
        old, new = self.version, answer.version
        length = old.length if old.length is not None else new.length
        self.version = Version(length, old.etag or new.etag, old.modified or new.modified)
        return answer

    def _ask(self, start: int) -> Answer:
        """One request, through the cache if this is the first one for a whole remote file."""
        whole = self._fetched == 0 and self._end is None and self._copy is None and is_remote(self._url)
        if whole and self._policy.cache:
            return self._ask_through(Cache(self._policy.cache, self._policy.cache_bytes))
        return ask(Request(self._url, start, self._end, self.version), self._policy)

    def _ask_through(self, cache: Cache) -> Answer:
        """The kept file if it is still current; else the server's answer, of which a copy begins."""
        kept = cache.find(self._url)
        if not kept:
            answer = ask(Request(self._url), self._policy)
        else:
            file, version = kept
            try:
                answer = ask(Request(self._url, cached=version), self._policy)
            except NotModified:
                return Answer(iter(lambda: file.read(PIECE), b""), 0, version, file.close)
            except BaseException:
                file.close()
                raise
            file.close()
        self._copy = cache.begin(self._url, answer.version)
        return answer

    def _skip(self, count: int) -> None:
        """Pass over what was read before: the server knows no ranges."""
        if self._start or self._end is not None:
            raise OSError(f"the server of {self._url} sends whole files where parts are asked for; it must know ranges")
        while count > 0:
            count -= len(self._take(min(count, PIECE)))

    def _take(self, size: int) -> bytes:
        """Exactly so many bytes of the answer, which are not given out. Raises Broken if there are fewer."""
        taken = b""
        while len(taken) < size:
            piece = self._next_piece()
            if not piece:
                raise Broken("the transfer ended before the place where it broke last time")
            taken += piece
        self._left = taken[size:]
        return taken[:size]

    def _next_piece(self) -> bytes:
        left, self._left = self._left, b""
        return left or next(self._pieces, b"")

    def _refuse_early_end(self) -> None:
        length = self.version.length
        if self._end is not None and length is not None and length < self._end:
            raise FileChanged(
                f"{self._url} has {length} bytes; bytes up to {self._end} were asked for. Is it the same file?"
            )
        expected = self._end if self._end is not None else length
        if expected is not None and self._fetched < expected:
            raise Broken(f"the transfer ended at byte {self._fetched} of {expected}")

    def _accept(self, piece: bytes) -> bytes:
        if self._end is not None:
            piece = piece[: self._end - self._fetched]
        self._fetched += len(piece)
        self._recent = _last(self._recent, piece)
        if self._copy:
            self._copy.write(piece)
        if not piece or self._fetched == self._end:
            self._ended = True
            self._disconnect()
            if self._copy:
                self._copy.finish()
                self._copy = None
        return piece

    def _disconnect(self) -> None:
        if self._answer is not None:
            self._answer.close()
            self._answer = None


class _Failures:
    """Failures in a row of one transfer, and the waits between its attempts."""

    def __init__(self, url: str, attempts: int, start: int) -> None:
        self._url, self._attempts = url, attempts
        self._count, self._since = 0, start

    def add(self, error: Broken, fetched: int) -> None:
        """Wait before the next attempt. Raises SourceUnavailable if there is none left."""
        if fetched - self._since >= PROGRESS:
            self._count, self._since = 0, fetched
        self._count += 1
        if self._count >= self._attempts:
            raise SourceUnavailable(
                f"{self._url}: no answer after {self._count} attempts, the last one ended with: {error}. "
                "What was done so far is kept; run again when the source answers"
            )
        # Up to half as much again is chance, so that the processes of a cluster do not come back all at once.
        seconds = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** (self._count - 1)) * random.uniform(1, 1.5)
        log.warning("%s: %s; attempt %d of %d in %.1f s", self._url, error, self._count + 1, self._attempts, seconds)
        time.sleep(seconds)


def _last(before: bytes, data: bytes) -> bytes:
    """The last bytes of ``before`` and ``data`` together."""
    return data[-RetryingStream.TAIL :] if len(data) >= RetryingStream.TAIL else (before + data)[-RetryingStream.TAIL :]
