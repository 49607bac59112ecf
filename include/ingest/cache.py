"""Whole files that were read to their end, kept in a bounded folder for the next reading.

Any number of processes may share the folder. The server is asked before a kept file is used (its 304 costs one small
request), so the cache never gives an old state. Files that are being written count with their full size.
"""

import fcntl
import hashlib
import json
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import BinaryIO

from include.ingest.transport import Version
from include.lake import write_atomically

ABANDONED_SECONDS = 24 * 3600.0
"""A part that was not written to for so long belongs to a process that was killed."""

log = logging.getLogger(__name__)


class Cache:
    """Files by their address. The least recently used one goes when room is needed."""

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self.folder = folder
        self.max_bytes = max_bytes
        folder.mkdir(parents=True, exist_ok=True)

    def find(self, url: str) -> tuple[BinaryIO, Version] | None:
        """The kept file, open for reading, and the state it was in."""
        try:
            version = Version(**json.loads(self._note(url).read_bytes()))
            file = self._body(url, version).open("rb")
        except (OSError, ValueError, TypeError):
            return None
        if os.fstat(file.fileno()).st_size != version.length:
            file.close()
            return None
        os.utime(file.fileno())
        return file, version

    def begin(self, url: str, version: Version) -> "Copy | None":
        """Room for one more file; None if it does not fit, or nothing could tell later whether it is still current."""
        if not version.length or not (version.etag or version.modified):
            return None
        part = self.folder / f"{_hashed(url)}-{os.getpid()}-{time.monotonic_ns()}.part"
        with self._locked():
            if not self._make_room(version.length):
                return None
            with part.open("wb") as file:
                file.truncate(version.length)
        return Copy(self, url, version, part)

    def keep(self, url: str, version: Version, part: Path) -> None:
        with self._locked():
            part.replace(self._body(url, version))
            write_atomically(self._note(url), json.dumps(asdict(version)).encode())

    def forget(self, url: str) -> bool:
        """Remove the kept file of an address, in whatever state; whether there was one."""
        with self._locked():
            kept = list(self.folder.glob(f"{_hashed(url)}-*.body"))
            for file in (*kept, self._note(url)):
                file.unlink(missing_ok=True)
        return bool(kept)

    def _make_room(self, wanted: int) -> bool:
        now = time.time()
        entries = self.entries()
        total = sum(stat.st_size for _, stat in entries)
        for entry, stat in sorted(entries, key=lambda pair: pair[1].st_mtime):
            if total + wanted <= self.max_bytes:
                break
            if entry.suffix == ".body" or now - stat.st_mtime > ABANDONED_SECONDS:
                entry.unlink(missing_ok=True)
                entry.with_name(f"{entry.name.partition('-')[0]}.json").unlink(missing_ok=True)
                total -= stat.st_size
        return total + wanted <= self.max_bytes

    def entries(self) -> list[tuple[Path, os.stat_result]]:
        """All that counts towards the bound; a part may vanish meanwhile."""
        found = []
        for entry in self.folder.iterdir():
            with suppress(FileNotFoundError):
                if entry.suffix in (".body", ".part"):
                    found.append((entry, entry.stat()))
        return found

    def _note(self, url: str) -> Path:
        return self.folder / f"{_hashed(url)}.json"

    def _body(self, url: str, version: Version) -> Path:
        return self.folder / f"{_hashed(url)}-{_hashed(repr(version))}.body"

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


class Copy:
    """One file on its way into the cache."""

    def __init__(self, cache: Cache, url: str, version: Version, part: Path) -> None:
        self._cache, self._url, self._version, self._part = cache, url, version, part
        self._file = part.open("r+b")

    def write(self, data: bytes) -> None:
        """A copy that cannot be written is given up; the reading goes on."""
        try:
            self._file.write(data)
        except OSError as error:
            log.warning("%s is not kept in %s: %s", self._url, self._cache.folder, error)
            self._version = replace(self._version, length=-1)

    def finish(self) -> None:
        """Keep the file if it is complete."""
        complete = self._file.tell() == self._version.length
        if complete:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._cache.keep(self._url, self._version, self._part)
        self.discard()

    def discard(self) -> None:
        self._file.close()
        self._part.unlink(missing_ok=True)


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
