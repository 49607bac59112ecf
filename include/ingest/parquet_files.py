"""Remote Parquet files for DuckDB, read with the manners of :mod:`include.ingest.fetch`.

DuckDB's own way to the network (httpfs) is an extension that it downloads, and knows neither our pace nor our retries.
"""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from fsspec import AbstractFileSystem
from fsspec.spec import AbstractBufferedFile

from include.errors import RewrapError
from include.ingest.fetch import RetryingStream
from include.ingest.policy import FetchPolicy
from include.ingest.transport import Version

FOOTER = 512 << 10
"""Bytes at a file's end that are fetched together: DuckDB asks for the footer's length first, then for the footer."""


class PoliteFiles(AbstractFileSystem):  # type: ignore[misc]
    """A read-only file system over http(s):// and s3:// addresses."""

    protocol = ("http", "https", "s3")
    cachable = False

    def __init__(self, policy: FetchPolicy) -> None:
        super().__init__()
        self.policy = policy
        self.error: BaseException | None = None
        """What the last failed reading raised: DuckDB turns it into a text."""
        self._versions: dict[str, Version] = {}
        # DuckDB opens a file several times.
        self.footer = lru_cache(maxsize=16)(self.read)

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return path

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        if path not in self._versions:
            self.read(path, 0, 4)
        return {"name": path, "size": self._versions[path].length, "type": "file"}

    def modified(self, path: str) -> datetime:
        """The same for every file: DuckDB wants it for a cache that outlives a query, and ours ends with the query."""
        return datetime.fromtimestamp(0, UTC)

    def read(self, path: str, start: int, end: int) -> bytes:
        """Bytes ``start`` to ``end`` of a file, which must be the one that it was at the first reading."""
        stream = RetryingStream(path, self.policy, start, end)
        stream.version = self._versions.get(path, stream.version)
        try:
            content = stream.read()
            if stream.version.length is None:
                raise OSError(f"the server does not say how long {path} is")
        except (OSError, RewrapError) as error:
            self.error = error
            raise
        self._versions[path] = stream.version
        return content

    def _open(self, path: str, mode: str = "rb", **_: Any) -> "PoliteFile":
        return PoliteFile(self, path, mode, size=self.info(path)["size"], cache_type="none")


class PoliteFile(AbstractBufferedFile):  # type: ignore[misc]
    """One remote file; its end is fetched once."""

    def _fetch_range(self, start: int, end: int) -> bytes:
        first = max(0, self.size - FOOTER)
        if start < first:
            return bytes(self.fs.read(self.path, start, end))
        return bytes(self.fs.footer(self.path, first, self.size)[start - first : end - first])
