"""Which files a dump has: a folder, an http(s):// or s3:// address in Common Crawl's layout, or a list of paths."""

import hashlib
import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from include.errors import BadInput
from include.ingest.fetch import RetryingStream, is_remote, locate, open_file, read_all
from include.ingest.policy import FetchPolicy, FileChanged, SourceUnavailable, as_policy, explain

__all__ = [
    "KINDS", "FetchPolicy", "FileChanged", "Listing", "RetryingStream", "Sample", "SourceUnavailable", "WarcFile",
    "explain", "is_remote", "list_files", "open_file",
]  # fmt: skip

KINDS = {
    "warc": (".warc", ".warc.gz", ".warc.zst", ".warc.lz4"),
    "wet": (".warc.wet", ".warc.wet.gz"),
    "arc": (".arc", ".arc.gz"),
}
"""Suffixes of the files of each kind; Common Crawl lists them in ``<kind>.paths.gz``. Its dumps before 2013 are ARC."""
LIST_SUFFIXES = (".paths", ".paths.gz", ".txt", ".txt.gz")
MAX_LIST_BYTES = 256 << 20
"""Unpacked. A dump of 90,000 files has a list of 13 MB."""
_SEGMENT = re.compile(r"(?:^|/)segments?/([^/]+)/")


@dataclass(frozen=True)
class WarcFile:
    """One file of a dump. ``version`` changes with its content; empty where asking would cost a request."""

    path: str
    version: str

    @property
    def segment(self) -> str:
        """The segment of the crawl that the file belongs to, such as ``1715971057216.39``; empty outside of one."""
        found = _SEGMENT.search(self.path)
        return found[1] if found else ""


@dataclass(frozen=True)
class Sample:
    """A part of a dump: its first files, or a share of them that is the same on every machine.

    A larger share with the same seed holds the smaller one.
    """

    first: int | None = None
    share: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if (self.first is None) == (self.share is None):
            raise BadInput("A sample is either a number of first files or a share of the files: give exactly one.")
        if self.first is not None and self.first < 1:
            raise BadInput(f"A sample of the first {self.first} files is empty: give 1 or more.")
        if self.share is not None and not 0 < self.share <= 1:
            raise BadInput(f"A sample's share is {self.share}: give a number above 0, at most 1.")

    def take(self, files: list[WarcFile]) -> list[WarcFile]:
        """The chosen files in the listing's order; at least one of a share."""
        if self.share is None:
            return files[: self.first]
        ranked = sorted(files, key=lambda file: hashlib.sha256(f"{self.seed}\n{file.path}".encode()).digest())
        chosen = {file.path for file in ranked[: max(1, round(self.share * len(files)))]}
        return [file for file in files if file.path in chosen]

    def describe(self, taken: int, total: int) -> str:
        """For every report: what was left out is never silent."""
        if self.share is None:
            return f"first {taken} of {total}"
        return f"{taken} of {total}, a share of {self.share:g} with seed {self.seed}"


@dataclass(frozen=True)
class Listing:
    """A dump's files; their paths are relative to ``root``, or complete."""

    root: str
    files: list[WarcFile]
    sampled: str = ""
    """Which part of the dump this is, such as ``first 10 of 90000``; empty for all of it."""


def list_files(
    source: str, crawl: str, policy: FetchPolicy | str, kind: str = "warc", sample: Sample | None = None
) -> Listing:
    """The files of ``crawl`` at ``source``, in the listing's order or by name.

    Tried in this order: ``source`` as one WARC file, as a list of paths (its name ends in .paths, .txt or these with
    .gz), ``<source>/crawl-data/<crawl>/<kind>.paths.gz`` (Common Crawl's layout), ``<source>/<kind>.paths.gz``, every
    file of the kind below the folder ``source``.

    Args:
        policy: manners towards the source; a contact alone stands for the default ones.
        kind: a key of :data:`KINDS`.

    Raises:
        BadInput: nothing of that exists or can be read, or there are no files of the kind.
    """
    if kind not in KINDS:
        raise BadInput(f"There are no files of kind {kind!r}; the kinds are {', '.join(KINDS)}.")
    root = source.rstrip("/") if is_remote(source) else str(Path(source).expanduser().absolute())
    try:
        root, paths = _list_paths(root, crawl, as_policy(policy), kind)
    except (SourceUnavailable, OSError) as error:
        raise BadInput(
            f"Source {source} of {crawl} cannot be read: {explain(error)}. Check the address, that this machine may "
            "read it and that it is reachable, then run again."
        ) from None
    files = [_warc_file(root, path) for path in dict.fromkeys(paths)]
    if not files:
        raise BadInput(
            f"Source {source} holds no {kind.upper()} files of {crawl}: neither crawl-data/{crawl}/{kind}.paths.gz nor "
            f"{kind}.paths.gz lists any, and no file there ends in {', '.join(KINDS[kind])}. Give a folder, an "
            "http(s):// or an s3:// address in Common Crawl's layout, a folder of such files, one file, or a list "
            f"of paths (ending in {', '.join(LIST_SUFFIXES)})."
        )
    if sample is None:
        return Listing(root, files)
    taken = sample.take(files)
    return Listing(root, taken, sample.describe(len(taken), len(files)))


def list_index_files(source: str, crawl: str, policy: FetchPolicy) -> list[str]:
    """The addresses of the Parquet files of a dump's columnar index of pages (subset ``warc``); none if it has none.

    Raises:
        SourceUnavailable: no answer after all attempts. BadInput: their list is damaged.
    """
    root = source.rstrip("/") if is_remote(source) else str(Path(source).expanduser().absolute())
    name = f"{root}/crawl-data/{crawl}/cc-index-table.paths.gz"
    try:
        paths = [_inside(path, name) for path in _read_lines(name, policy) if "/subset=warc/" in path]
    except (FileNotFoundError, NotADirectoryError):
        folder = f"{root}/cc-index/table/cc-main/warc/crawl={crawl}/subset=warc"
        is_there = is_remote(folder) or Path(folder).is_dir()
        below = folder.removeprefix(f"{root}/")
        paths = [f"{below}/{path}" for path in (_walk(folder, crawl, policy) if is_there else ())]
    return [locate(root, path) for path in paths if path.endswith(".parquet")]


def stays_inside(path: str) -> bool:
    """Whether a listed path is relative and stays below its root."""
    return not (path.startswith("/") or ".." in path.split("/") or is_remote(path))


def _list_paths(root: str, crawl: str, policy: FetchPolicy, kind: str) -> tuple[str, Iterable[str]]:
    """The root and the paths below it."""
    is_file = is_remote(root) or Path(root).is_file()
    if is_file and root.endswith(tuple(suffix for suffixes in KINDS.values() for suffix in suffixes)):
        parent, _, name = root.rpartition("/")
        return parent, [name]
    if is_file and root.endswith(LIST_SUFFIXES):
        return _read_own_list(root, policy)
    for name in (f"crawl-data/{crawl}/{kind}.paths.gz", f"{kind}.paths.gz"):
        try:
            lines = _read_lines(f"{root}/{name}", policy)
        except (FileNotFoundError, NotADirectoryError):
            continue
        return root, [_inside(path, f"{root}/{name}") for path in lines if path.endswith(KINDS[kind])]
    return root, [path for path in _walk(root, crawl, policy) if path.endswith(KINDS[kind])]


def _walk(root: str, crawl: str, policy: FetchPolicy) -> list[str]:
    """Every file below a folder; none on the web, which has no folders to look through."""
    if root.startswith("s3://"):
        from include.ingest.s3 import list_keys

        return list(list_keys(root, policy))
    if is_remote(root):
        return []
    if not Path(root).is_dir():
        what = "is neither a WARC file nor a list of paths" if Path(root).exists() else "does not exist"
        raise BadInput(
            f"Source {root} of {crawl} {what}. Give a folder, an http(s):// or s3:// address, one WARC file (ending in "
            f"{', '.join(KINDS['warc'])}), or a list of paths (ending in {', '.join(LIST_SUFFIXES)})."
        )
    return sorted(str(found.relative_to(root)) for found in Path(root).rglob("*") if found.is_file())


def _read_own_list(name: str, policy: FetchPolicy) -> tuple[str, list[str]]:
    """A list that somebody made: paths relative to its folder, complete paths and addresses; '#' begins a comment.

    Common Crawl's own lists are relative to the place that holds ``crawl-data``, wherever they lie below it.
    """
    lines = [line for line in _read_lines(name, policy) if not line.startswith("#")]
    place = name.find("/crawl-data/") if all(line.startswith("crawl-data/") for line in lines) else -1
    root = name[:place] if place >= 0 else name.rpartition("/")[0]
    for line in lines:
        if line.startswith("/") and is_remote(name):
            raise BadInput(f"{name} lists {line!r}; a list from the network must not name files of this machine.")
        if not (is_remote(line) or line.startswith("/")):
            _inside(line, name)
    return root, lines


def _read_lines(name: str, policy: FetchPolicy) -> list[str]:
    """The lines of a list, unpacked if it is gzipped; BadInput if it is no such list."""
    content = read_all(name, policy, MAX_LIST_BYTES)
    try:
        text = _unpack(content) if name.endswith(".gz") else content
        lines = [line.strip() for line in text.decode().splitlines()]
    except (zlib.error, EOFError, UnicodeDecodeError) as error:
        raise BadInput(f"{name} is not a gzipped list of paths ({error}). Fetch it again.") from None
    for line in lines:
        if not line.isprintable():
            raise BadInput(f"{name} lists {line!r}, which has control characters: it is not a list of paths.")
    return [line for line in lines if line]


def _unpack(content: bytes) -> bytes:
    """The members of a gzip file, at most MAX_LIST_BYTES of them. Raises EOFError if the last one is cut."""
    unpacked = b""
    while content:
        member = zlib.decompressobj(31)
        unpacked += member.decompress(content, MAX_LIST_BYTES - len(unpacked) + 1)
        if not member.eof or len(unpacked) > MAX_LIST_BYTES:
            raise EOFError(f"it is cut off or unpacks to more than {MAX_LIST_BYTES} bytes")
        content = member.unused_data
    return unpacked


def _inside(path: str, name: str) -> str:
    """The path itself, if it stays below its root."""
    if not stays_inside(path):
        raise BadInput(f"{name} lists {path!r}; paths must be relative to the source and stay inside it.")
    return path


def _warc_file(root: str, path: str) -> WarcFile:
    place = locate(root, path)
    if is_remote(place) or not Path(place).is_file():  # a listed file that is missing is reported by who reads it
        return WarcFile(path, "")
    stat = Path(place).stat()
    return WarcFile(path, f"{stat.st_size}-{stat.st_mtime_ns}")
