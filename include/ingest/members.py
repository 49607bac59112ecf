"""The content of a file, plain or compressed, member by member; after a damaged gzip member, of the next sound one.

A member is what was compressed by itself: in most WARC files one record. No public reader goes on after a damaged one.
"""

import re
import zlib
from collections.abc import Callable
from typing import Any, Protocol

from fastwarc.stream_io import Lz4Reader, ZstdReader

from include.ingest.feed import Feed, Unreadable
from include.ingest.source import SourceUnavailable, explain

BROKEN: tuple[Any, ...]
"""What :func:`decompressobj`'s objects raise for damaged data."""
try:  # more than twice as fast as zlib, with the same interface
    from isal import igzip_lib, isal_zlib

    decompressobj: Callable[[int], Any] = isal_zlib.decompressobj
    BROKEN = (zlib.error, igzip_lib.IsalError)
except ImportError:  # no wheel for this machine
    decompressobj = zlib.decompressobj
    BROKEN = (zlib.error,)

GZIP = b"\x1f\x8b\x08"
_ZSTD = re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18", re.DOTALL)
_LZ4 = b"\x04\x22\x4d\x18"
_MEMBER = re.compile(re.escape(GZIP) + rb"[\x00-\x1f]")
"""With the flags' byte, whose upper three bits are not in use."""
LOOK = 4096
"""Compressed bytes that must show that a record begins."""
PIECE = 256 << 10
"""Content is handed on in pieces of at most this size."""
BOMB_BYTES, BOMB_RATIO = 1 << 30, 200
"""A member that has grown beyond both is given up: zeros shrink 1,000 to 1, a web page 3 to 20 to 1."""
VERSION = rb"\d\.\d{1,2}[ \t\r]{0,8}\n"
WARC = rb"WARC/" + VERSION
ARC = (
    rb"(?:filedesc|https?|ftp|dns|whois):[^\r\n]{0,8000} [0-9a-f.:]{3,45} \d{8,18} [^\r\n ]{1,200} [-0-9a-z]{1,20}\r?\n"
)
"""How a record begins: in a WARC file with its version, in an ARC file with address, IP, date, type and length."""
WARC_START, ARC_START, RECORD_START = (re.compile(start, re.IGNORECASE) for start in (WARC, ARC, WARC + rb"|" + ARC))


class Content(Protocol):
    start: int
    """Place in the file where the current member begins."""
    ended: bool
    """Whether all of the current member has been read."""
    framed: bool
    """Whether members were found: then the content of each can be checked, and lost, on its own."""

    def next_member(self) -> bool:
        """Go to the next member; False at the file's end. Unreadable if what follows is none."""

    def piece(self) -> bytes:
        """The next bytes of the current member; empty at its end. Unreadable if they cannot be read."""

    def recover(self) -> int:
        """After Damage, stand before the next member that can be read, or the end; returns the bytes passed over."""


def open_content(feed: Feed) -> Content:
    """The content of a file, by its first bytes (names lie: plain files are called ``.gz``)."""
    first = feed.read()
    feed.go_to(0, 0)
    if _ZSTD.match(first):
        return OtherCompressed(feed, ZstdReader)
    if first.startswith(_LZ4):
        return OtherCompressed(feed, Lz4Reader)
    if first.startswith(GZIP):
        return GzipMembers(feed)
    # Something stands before the first record, or there is none.
    member, line = find_member(first, len(first)), re.search(rb"\nWARC/\d", first)
    return GzipMembers(feed) if member >= 0 and not (line and line.start() < member) else Plain(feed)


def find_member(data: bytes, until: int) -> int:
    """Where before ``until`` the first gzip member stands in whose content a record begins; -1 if there is none."""
    for found in _MEMBER.finditer(data):
        if found.start() >= until:
            break
        if _begins_record(data[found.start() : found.start() + LOOK]):
            return found.start()
    return -1


def _begins_record(data: bytes) -> bool:
    inflate = zlib.decompressobj(31)
    try:
        # As little as needed: the member is to be tried even if it is damaged a little further on.
        begin = inflate.decompress(data, 64)
        if WARC_START.match(begin.lstrip()):
            return True
        begin += inflate.decompress(inflate.unconsumed_tail, 2 * LOOK)
    except zlib.error:
        return False
    return ARC_START.match(begin.lstrip()) is not None


class Plain:
    """A file that is not compressed: one member without an end of its own."""

    framed = False
    ended = False

    def __init__(self, feed: Feed) -> None:
        self.start = 0
        self._feed = feed
        self._opened = False

    def next_member(self) -> bool:
        first, self._opened = not self._opened, True
        return first

    def piece(self) -> bytes:
        return self._feed.read()

    def recover(self) -> int:
        return 0


class GzipMembers:
    """Gzip members one after the other; what lies between them is damage, but for zeros that pad a tape block."""

    framed = True
    SLICE = 32 << 10
    """Compressed bytes given to the decompressor at once: it copies what it did not need."""

    def __init__(self, feed: Feed) -> None:
        self.start = 0
        self._feed = feed
        self._chunk = b""
        self._view = memoryview(b"")
        self._at = 0
        self._inflate: Any = None
        self.ended = True
        self._expanded = 0

    def next_member(self) -> bool:
        self.start = self._feed.offset - len(self._chunk) + self._at
        if not self._chunk.startswith(GZIP, self._at):
            if len(self._chunk) - self._at < len(GZIP):
                self._load(self._chunk[self._at :] + self._feed.read())
            if self._only_padding():
                return False
            if not self._chunk.startswith(GZIP, self._at):
                raise Unreadable("garbage", f"no gzip member begins at {self.start}")
            self.start = self._offset
        self._inflate = decompressobj(31)
        self.ended, self._expanded = False, 0
        return True

    def _only_padding(self) -> bool:
        """Whether nothing follows but zeros, which are passed over; so are zeros before a member."""
        while self._at < len(self._chunk) and self._chunk[self._at] == 0:
            rest = self._chunk[self._at :].lstrip(b"\0")
            self._load(rest if len(rest) >= len(GZIP) else rest + self._feed.read())
        return self._at == len(self._chunk)

    def piece(self) -> bytes:
        while not self.ended:
            if self._at == len(self._chunk):
                self._load(self._feed.read())
            given = self._view[self._at : self._at + self.SLICE]
            try:
                piece: bytes = self._inflate.decompress(given, PIECE)
            except BROKEN as error:
                raise Unreadable("corrupt", f"the gzip member at {self.start} is damaged: {explain(error)}") from None
            if self._inflate.eof:
                self.ended = True
                self._at += len(given) - len(self._inflate.unused_data)
            else:
                self._at += len(given) - len(self._inflate.unconsumed_tail)
                if not piece and not given:
                    raise Unreadable("cut", f"the file ends in the middle of the gzip member at {self.start}")
            self._expanded += len(piece)
            if self._expanded > BOMB_BYTES and self._expanded > BOMB_RATIO * (self._offset - self.start):
                raise Unreadable("bomb", f"the gzip member at {self.start} expands to more than {BOMB_BYTES} bytes")
            if piece:
                return piece
        return b""

    def recover(self) -> int:
        """From the byte after the damaged member's first: where its data broke may lie far inside a sound one."""
        lost_from, self.ended = self.start, True
        base = self._feed.go_to(self.start + 1, max(self._offset, self.start + 1))
        window, at_end = b"", False
        while not at_end:
            chunk = self._feed.read()
            window, at_end = window + chunk, not chunk
            found = find_member(window, len(window) if at_end else max(0, len(window) - LOOK))
            if found >= 0:
                self._load(window[found:])
                return base + found - lost_from
            passed = len(window) if at_end else max(0, len(window) - LOOK)
            window, base = window[passed:], base + passed
        self._load(b"")
        return base - lost_from

    @property
    def _offset(self) -> int:
        return self._feed.offset - len(self._chunk) + self._at

    def _load(self, chunk: bytes) -> None:
        self._chunk, self._view, self._at = chunk, memoryview(chunk), 0


class OtherCompressed:
    """zstd and lz4 through fastwarc's readers: their frames follow each other as one stream, damage ends it."""

    framed = False
    ended = False

    def __init__(self, feed: Feed, reader: Callable[[Any], Any]) -> None:
        self.start = 0
        self._feed = feed
        self._reader = reader(_AsFile(feed))
        self._opened = self._over = False
        self._expanded = 0

    def next_member(self) -> bool:
        first, self._opened = not self._opened, True
        return first

    def piece(self) -> bytes:
        if self._over:
            return b""
        try:
            piece: bytes = self._reader.read(PIECE)
        except SourceUnavailable:
            raise
        except Exception as error:
            raise Unreadable("corrupt", f"the compressed data cannot be read on: {explain(error)}") from None
        self.start = self._reader.frame_start_position()
        self._expanded += len(piece)
        if self._expanded > BOMB_BYTES and self._expanded > BOMB_RATIO * self._feed.offset:
            raise Unreadable("bomb", f"the file expands to more than {BOMB_BYTES} bytes")
        return piece

    def recover(self) -> int:
        lost_from, self._over = self.start, True
        while self._feed.read():
            pass
        return self._feed.offset - lost_from


class _AsFile:
    """A feed as the file object that fastwarc asks for."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._rest = b""

    def read(self, size: int) -> bytes:
        data = self._rest or self._feed.read()
        self._rest = data[size:]
        return data[:size]

    def tell(self) -> int:
        return self._feed.offset - len(self._rest)
