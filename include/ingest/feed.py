"""A file's bytes in order, the last of them kept, so that a damaged place can be looked at a second time."""

from collections import deque
from typing import Protocol

from include.ingest.source import SourceUnavailable, explain


class Readable(Protocol):
    """What a source gives: at most ``size`` bytes per call, none at the end. ``seek`` is used where it exists."""

    def read(self, size: int, /) -> bytes: ...


class Damage(Exception):
    """A place where the file cannot be read on; ``cause`` is one of ``CAUSES``."""

    def __init__(self, cause: str, detail: str) -> None:
        super().__init__(detail)
        self.cause = cause
        self.detail = detail


class Unreadable(Damage):
    """Damage below the records: the file's bytes cannot be decompressed from here on."""


CAUSES = {
    "empty": "the file has no bytes, or blank lines alone",
    "unreachable": "the file does not exist or may not be read",
    "corrupt": "compressed data is damaged (bit flips, a wrong checksum)",
    "cut": "the file ends in the middle of a member or a record",
    "garbage": "bytes that belong to no record",
    "wrong_length": "a record's Content-Length is missing, not a number, or does not lead to the record's end",
    "endless_header": "a header without an end within its bound",
    "bomb": "compressed data that expands beyond all measure",
}


class Feed:
    """Chunks of a stream. At most ``KEPT`` bytes are held for going back; streams that can seek go back any way.

    All going back together costs at most ``SPARE`` bytes more than reading the file twice, so that no file, however
    it is made, takes more than linear time.
    """

    CHUNK = 256 << 10
    AT_LEAST = 64 << 10
    """Smaller parts, as a slow network gives them, are put together."""
    KEPT = 4 << 20
    SPARE = 64 << 20

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._kept: deque[bytes] = deque()
        self._kept_bytes = 0
        self._again: deque[bytes] = deque()
        start = stream.tell() if hasattr(stream, "tell") else 0  # a single record stands somewhere in its file
        self._end = start
        self._repeated = 0
        self.offset = start
        """Place in the file of the next byte that :meth:`read` gives."""
        self.error = ""
        """Why the stream ended before the file did."""
        self.size: int | None = None
        """The file's size, once its end has been seen."""
        self.furthest = 0
        """How many of the file's bytes have been seen."""

    def read(self) -> bytes:
        """The next bytes, about a chunk; empty at the file's end."""
        if self._again:
            chunk = self._again.popleft()
        else:
            chunk = self._read(self.CHUNK)
            while 0 < len(chunk) < self.AT_LEAST and (part := self._read(self.CHUNK - len(chunk))):
                chunk += part
            self._end += len(chunk)
            if not chunk:
                self.size = self._end
            self.furthest = max(self.furthest, self._end)
            self._keep(chunk)
        self.offset += len(chunk)
        return chunk

    def affords(self, repeated: int) -> bool:
        """Whether that many bytes may be worked through once more; if so, they are counted as spent."""
        if self._repeated + repeated > self.furthest + self.SPARE:
            return False
        self._repeated += repeated
        return True

    def go_to(self, wanted: int, current: int) -> int:
        """Read on from ``wanted``, or as near after it as can be had; returns that place.

        Args:
            wanted: place in the file, at or before ``current``.
            current: how far the reader's own work has come; going back to it is free.
        """
        target = wanted if self.affords(current - wanted) else current
        start = self._end - self._kept_bytes
        seek = getattr(self._stream, "seek", None)
        if target < start and seek is not None:
            seek(target)
            self._kept.clear()
            self._kept_bytes, self._end = 0, target
        target = max(target, self._end - self._kept_bytes)
        self._again.clear()
        at = self._end
        for chunk in reversed(self._kept):
            if at <= target:
                break
            self._again.appendleft(chunk)
            at -= len(chunk)
        if at < target:
            self._again[0] = self._again[0][target - at :]
        self.offset = target
        return target

    def _read(self, size: int) -> bytes:
        if self.error:
            return b""
        try:
            return self._stream.read(size)
        except SourceUnavailable:
            raise
        except Exception as error:  # whatever a file system's library raises for a file that is not there
            self.error = explain(error)
            return b""

    def _keep(self, chunk: bytes) -> None:
        self._kept.append(chunk)
        self._kept_bytes += len(chunk)
        while self._kept_bytes > self.KEPT and len(self._kept) > 1:
            self._kept_bytes -= len(self._kept.popleft())
