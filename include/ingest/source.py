"""Where a dump's WARC files are: a folder or an http(s):// or s3:// address, listed and streamed through fsspec."""

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from include import __version__
from include.errors import BadInput, RewrapError

if TYPE_CHECKING:
    from tenacity import Retrying

WARC_SUFFIXES = (".warc", ".warc.gz", ".warc.zst", ".warc.lz4")
ATTEMPTS = 6
TRANSIENT_STATUS = {403, 408, 429, 500, 502, 503, 504}
"""403 too: Common Crawl answers with it when a client asks too fast."""
NETWORK_MODULES = ("aiohttp.", "botocore.", "urllib3.")


class SourceUnavailable(RewrapError):
    """The source did not answer after several attempts; running the stage again later can help."""


@dataclass(frozen=True)
class WarcFile:
    """One file of a dump. ``version`` changes with its content; empty where asking would cost a request."""

    path: str
    version: str


@dataclass(frozen=True)
class Listing:
    """A dump's files; their paths are relative to ``root``."""

    root: str
    files: list[WarcFile]


def list_files(source: str, crawl: str, contact: str) -> Listing:
    """All WARC files of ``crawl`` at ``source``, in the listing's order or by name.

    Tried in this order: ``source`` as one WARC file, ``<source>/crawl-data/<crawl>/warc.paths.gz`` (Common Crawl's
    layout), ``<source>/warc.paths.gz``, every WARC file below the folder ``source``.

    Raises:
        BadInput: nothing of that exists or can be read, or there are no WARC files.
    """
    root = source.rstrip("/") if is_remote(source) else str(Path(source).expanduser().absolute())
    try:
        listing = _list_files(root, crawl, contact)
    except (SourceUnavailable, OSError) as error:
        raise BadInput(
            f"Source {source} of {crawl} cannot be read: {explain(error)}. Check the address, that this machine may "
            "read it and that it is reachable, then run again."
        ) from None
    if not listing.files:
        raise BadInput(
            f"Source {source} holds no WARC files of {crawl}: neither crawl-data/{crawl}/warc.paths.gz nor "
            f"warc.paths.gz lists any, and no file there ends in {', '.join(WARC_SUFFIXES)}. Give a folder, an "
            "http(s):// or an s3:// address in Common Crawl's layout, a folder of WARC files, or one WARC file."
        )
    return listing


def open_file(root: str, path: str, contact: str) -> "RetryingStream":
    """A stream over one file of a listing. FileNotFoundError or PermissionError at its first read if it has none."""
    return RetryingStream(_filesystem(root, contact), f"{root}/{path}")


def is_remote(source: str) -> bool:
    return "://" in source


def explain(error: BaseException) -> str:
    """An error in one line, also if the library gave it no message."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _list_files(root: str, crawl: str, contact: str) -> Listing:
    if root.endswith(WARC_SUFFIXES) and (is_remote(root) or Path(root).is_file()):
        parent, _, name = root.rpartition("/")
        return Listing(parent, [_warc_file(parent, name)])
    fs = _filesystem(root, contact)
    for name in (f"crawl-data/{crawl}/warc.paths.gz", "warc.paths.gz"):
        try:
            content = _retry(partial(fs.cat_file, f"{root}/{name}"))
        except (FileNotFoundError, NotADirectoryError):
            continue
        return Listing(root, [_warc_file(root, path) for path in _parse_paths(content, f"{root}/{name}")])
    if root.startswith(("http://", "https://")):  # the web has no folders to look through
        return Listing(root, [])
    if not is_remote(root) and not Path(root).is_dir():
        what = "is no WARC file" if Path(root).exists() else "does not exist"
        raise BadInput(
            f"Source {root} of {crawl} {what}. Give a folder, an http(s):// or s3:// address, or one WARC file "
            f"(ending in {', '.join(WARC_SUFFIXES)})."
        )
    prefix = fs._strip_protocol(root)
    paths = (str(found)[len(prefix) + 1 :] for found in _retry(partial(fs.find, prefix)))
    return Listing(root, [_warc_file(root, path) for path in sorted(paths) if path.endswith(WARC_SUFFIXES)])


def _parse_paths(content: bytes, name: str) -> list[str]:
    """The WARC paths of a ``warc.paths.gz``; BadInput if it is not one."""
    try:
        paths = gzip.decompress(content).decode().split()
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise BadInput(f"{name} is not a gzipped list of paths ({error}). Fetch it again.") from None
    for path in paths:
        if path.startswith("/") or ".." in path.split("/") or "://" in path:
            raise BadInput(f"{name} lists {path!r}; paths must be relative to the source and stay inside it.")
    return [path for path in paths if path.endswith(WARC_SUFFIXES)]


def _warc_file(root: str, path: str) -> WarcFile:
    local = Path(root, path)
    if is_remote(root) or not local.is_file():  # a listed file that is missing is reported by the batch that reads it
        return WarcFile(path, "")
    stat = local.stat()
    return WarcFile(path, f"{stat.st_size}-{stat.st_mtime_ns}")


def _filesystem(root: str, contact: str) -> Any:
    import fsspec

    options: dict[str, Any] = {}
    if root.startswith(("http://", "https://")):
        import aiohttp

        # WARC files are compressed already; a transparent second layer would change every offset.
        headers = {"User-Agent": f"Rewrap/{__version__} (+{contact})", "Accept-Encoding": "identity"}
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=30, sock_read=120)
        options = {
            "headers": headers,
            "client_kwargs": {"timeout": timeout, "auto_decompress": False, "trust_env": True},
        }
    elif root.startswith("s3://"):
        from botocore.session import get_session  # type: ignore[import-untyped]

        options = {"anon": get_session().get_credentials() is None}
    try:
        return fsspec.core.url_to_fs(root, **options)[0]
    except (ValueError, ImportError) as error:
        raise OSError(f"no way to read such an address ({error}); use a folder, http(s):// or s3://") from None


def _retry(call: Callable[[], Any]) -> Any:
    """The call's result; SourceUnavailable when transient errors outlast the attempts."""
    from tenacity import RetryError

    try:
        return _policy()(call)
    except RetryError as error:
        last = error.last_attempt.exception()
        raise SourceUnavailable(
            f"No answer after {ATTEMPTS} attempts, the last one ended with {explain(last) if last else 'nothing'}. "
            "What was done so far is kept; run again when the source answers"
        ) from None


@lru_cache(maxsize=1)
def _policy() -> "Retrying":
    from tenacity import Retrying, retry_if_exception, wait_exponential_jitter

    return Retrying(
        retry=retry_if_exception(_is_transient),
        wait=wait_exponential_jitter(multiplier=0.5, max=30, jitter=0.5),
        stop=lambda state: state.attempt_number >= ATTEMPTS,
    )


def _is_transient(error: BaseException) -> bool:
    status = getattr(error, "status", None)
    if isinstance(status, int):
        return status in TRANSIENT_STATUS
    if isinstance(error, FileNotFoundError | PermissionError | NotADirectoryError | IsADirectoryError):
        return False
    of_network = f"{type(error).__module__}.".startswith(NETWORK_MODULES)
    return of_network or isinstance(error, ConnectionError | TimeoutError)


class RetryingStream:
    """A readable file that reconnects where it was when the connection breaks. Counts the bytes it gave out.

    ``tail`` holds the last bytes, so that a cut can be recognised once the end is reached.
    """

    TAIL = 1024

    def __init__(self, fs: Any, path: str) -> None:
        self._fs = fs
        self._path = path
        self._file: Any = None
        self.position = 0
        self.tail = b""

    def read(self, size: int = -1) -> bytes:
        data: bytes = _retry(partial(self._read, size))
        self.position += len(data)
        self.tail = (self.tail + data)[-self.TAIL :] if len(data) < self.TAIL else data[-self.TAIL :]
        return data

    def tell(self) -> int:
        return self.position

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _read(self, size: int) -> bytes:
        try:
            if self._file is None:
                self._file = self._open()
            return bytes(self._file.read(size))
        except Exception:
            self.close()
            raise

    def _open(self) -> Any:
        if not self._path.startswith(("http://", "https://")):
            file = self._fs.open(self._path, "rb")
            file.seek(self.position)
            return file
        # One streamed request: not every server knows ranges, and fsspec's ranged file asks for the size first.
        if self.position == 0:
            return self._fs.open(self._path, "rb", block_size=0, size=1)
        headers = {**self._fs.kwargs["headers"], "Range": f"bytes={self.position}-"}
        file = self._fs.open(self._path, "rb", block_size=0, size=1, headers=headers)
        skip = 0 if file.r.status == 206 else self.position
        while skip > 0:
            skipped = len(file.read(min(skip, 1 << 20)))
            if not skipped:
                raise ConnectionError(f"{self._path} ended before byte {self.position}, where it was cut off before")
            skip -= skipped
        return file
