"""What an HTTP body becomes once its codings are undone, whatever its headers claim, and its digest."""

import base64
import hashlib
import io
import re
import zlib
from typing import Any

from fastwarc.stream_io import BrotliReader, WarcReader, ZstdReader

from include.ingest.members import BROKEN, GZIP, decompressobj

CODINGS = ("chunked", "gzip", "x-gzip", "deflate", "br", "zstd")
MAX_CODINGS = 4
"""Codings undone on one body; more are an attack."""
STEP, GIVEN = 64 << 10, 16 << 10
"""Decoded and coded bytes worked on at once."""
_CHUNK_HEADER = re.compile(rb"(?:\r?\n)?([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]{0,200})?\r?\n")
_HASHES = {"sha1": hashlib.sha1, "sha256": hashlib.sha256, "md5": hashlib.md5}


def undo_codings(body: bytes, codings: list[str], max_bytes: int) -> tuple[bytes, str]:
    """The decoded body and, where it would be larger than ``max_bytes``, the coding that made it so (and no body).

    Args:
        codings: as the headers name them, in the order in which they are undone.
        max_bytes: no more than this (and one step) is ever decoded.
    """
    for coding in [name for name in codings if name in CODINGS][:MAX_CODINGS]:
        body = _undo(body, coding, max_bytes)
        if len(body) > max_bytes:
            return b"", coding
    return body, ""


def matches_digest(body: bytes, declared: str) -> bool | None:
    """Whether a body has the digest that its record declares (``sha1:<base32 or hex>``); None if that cannot be said.

    Args:
        body: as it came over the wire, before any coding was undone. Writers disagree whether the digest is of the
            chunks or of what they carry; either is right here.
    """
    name, _, value = declared.partition(":")
    make = _HASHES.get(name.strip().lower())
    if make is None or not value.strip():
        return None
    wanted = value.strip().rstrip("=").lower()

    def matches(data: bytes) -> bool:
        digest = make(data, usedforsecurity=False).digest()
        return wanted in (base64.b32encode(digest).decode().rstrip("=").lower(), digest.hex())

    return matches(body) or matches(join_chunks(body))


def join_chunks(body: bytes) -> bytes:
    """A chunked body without its chunk headers; the body itself where it has none. A cut last chunk is kept."""
    joined, position, view = bytearray(), 0, memoryview(body)
    while (header := _CHUNK_HEADER.match(body, position)) and (size := int(header[1], 16)):
        joined += view[header.end() : header.end() + size]
        position = header.end() + size
    return bytes(joined) or body


def _undo(body: bytes, coding: str, max_bytes: int) -> bytes:
    """At most ``max_bytes`` and a step of the decoded body; the body itself where it is not what its header claims."""
    match coding:
        case "chunked":
            return join_chunks(body)
        case "gzip" | "x-gzip":
            return _inflate(body, 31, max_bytes) or body
        case "deflate":
            # Many servers leave its zlib header out.
            return _inflate(body, 15, max_bytes) or _inflate(body, -15, max_bytes) or body
        case "br":
            return _read(BrotliReader(io.BytesIO(body)), max_bytes) or body
    return _read(ZstdReader(io.BytesIO(body)), max_bytes) or body


def _inflate(body: bytes, window: int, max_bytes: int) -> bytes:
    """What can be decompressed before damage or the end, over as many gzip members as follow each other."""
    parts: list[bytes] = []
    size, at, view = 0, 0, memoryview(body)
    inflate: Any = decompressobj(window)
    while size <= max_bytes:
        given = view[at : at + GIVEN]
        try:
            part: bytes = inflate.decompress(given, STEP)
        except BROKEN:
            break
        if part:
            parts.append(part)
            size += len(part)
        at += len(given) - len(inflate.unused_data if inflate.eof else inflate.unconsumed_tail)
        if inflate.eof:
            if body[at : at + len(GZIP)] != GZIP:
                break
            inflate = decompressobj(window)
        elif not given and not part:
            break
    return b"".join(parts)


def _read(reader: WarcReader, max_bytes: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    try:
        while size <= max_bytes and (part := reader.read(STEP)):
            parts.append(part)
            size += len(part)
    except (OSError, zlib.error):  # cut or false: what was decoded is kept, as browsers do
        pass
    return b"".join(parts)
