"""The lake: the only builder of paths, atomic writes, and manifests that readers trust.

Layout: ``<root>/<layer>/<crawl>[/<shard>]/{manifest.json, <name>-<digest>.parquet}``. A write puts new files beside the
old ones under names made from their content, then replaces ``manifest.json``, then deletes what the manifest no longer
names. Killed at any moment, a reader sees either the old table or the new one.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from include.errors import BadInput

if TYPE_CHECKING:
    import duckdb

MANIFEST = "manifest.json"
ROW_GROUP = 4096


@dataclass(frozen=True)
class DataFile:
    name: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a finished table consists of, and the fingerprint of all that decided it."""

    fingerprint: str
    files: tuple[DataFile, ...]

    @property
    def rows(self) -> int:
        return sum(file.rows for file in self.files)


def fingerprint(*parts: Any) -> str:
    """128-bit hex hash of JSON-serialisable ``parts``; equal parts give equal fingerprints on every machine."""
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def write_atomically(path: Path, content: bytes) -> None:
    """Write ``content`` so that ``path`` holds either the old bytes or the new ones, also after a power cut."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_parquet(path: Path, table: pa.Table) -> None:
    """Write one Parquet file: temporary name, read back and verified, then renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        pq.write_table(table, temporary, compression="zstd", compression_level=3, row_group_size=ROW_GROUP)
        written = pq.ParquetFile(temporary).metadata.num_rows
        if written != table.num_rows:
            raise OSError(f"{path}: {written} of {table.num_rows} rows reached the disk. Is it full or failing?")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


class Lake:
    """All tables of all crawls below one folder."""

    def __init__(self, root: Path, query_memory: str = "2GB") -> None:
        self.root = root
        self.query_memory = query_memory

    def path(self, layer: str, crawl: str, shard: str | None = None) -> Path:
        """Folder of a table. Names that would leave the lake are refused."""
        names = [layer, crawl] + ([shard] if shard else [])
        for name in names:
            if not name or name.startswith(".") or not all(c.isalnum() or c in "-_." for c in name):
                raise BadInput(f"{name!r} cannot name a folder of the lake: use letters, digits, '-', '_' and '.'.")
        return self.root.joinpath(*names)

    def manifest(self, layer: str, crawl: str, shard: str | None = None) -> Manifest | None:
        """The table's manifest, or None if it was never finished."""
        try:
            content = json.loads((self.path(layer, crawl, shard) / MANIFEST).read_bytes())
        except FileNotFoundError:
            return None
        files = tuple(DataFile(**file) for file in content["files"])
        return Manifest(fingerprint=content["fingerprint"], files=files)

    def is_current(self, fingerprint: str, layer: str, crawl: str, shard: str | None = None) -> bool:
        """Whether the table was made from exactly these inputs, so that its stage may be skipped."""
        manifest = self.manifest(layer, crawl, shard)
        return manifest is not None and manifest.fingerprint == fingerprint

    def write(self, table: pa.Table, *, layer: str, crawl: str, fingerprint: str, shard: str | None = None) -> Manifest:
        """Replace a table. Row order is kept; equal rows give equal bytes."""
        folder = self.path(layer, crawl, shard)
        folder.mkdir(parents=True, exist_ok=True)
        staged = folder / "part.parquet"
        write_parquet(staged, table)
        digest = hashlib.sha256(staged.read_bytes()).hexdigest()
        final = staged.with_name(f"part-{digest[:16]}.parquet")
        staged.replace(final)
        file = DataFile(name=final.name, rows=table.num_rows, bytes=final.stat().st_size, sha256=digest)
        content = {"fingerprint": fingerprint, "files": [asdict(file)]}
        write_atomically(folder / MANIFEST, json.dumps(content, indent=1).encode())
        for stale in folder.glob("*.parquet"):
            if stale.name != final.name:
                stale.unlink()
        return Manifest(fingerprint=fingerprint, files=(file,))

    def files(self, layer: str, crawl: str, shard: str | None = None) -> list[Path]:
        """The Parquet files of a finished table.

        Raises:
            BadInput: the table was never finished.
        """
        manifest = self.manifest(layer, crawl, shard)
        if manifest is None:
            raise BadInput(
                f"Crawl {crawl} has no {layer} yet. Run the stage that makes them first (see 'python -m include.cli')."
            )
        return [self.path(layer, crawl, shard) / file.name for file in manifest.files]

    def read(self, layer: str, crawl: str, shard: str | None = None, columns: list[str] | None = None) -> pa.Table:
        """A finished table, in memory. Raises BadInput if it was never finished."""
        return pa.concat_tables(pq.read_table(f, columns=columns) for f in self.files(layer, crawl, shard))

    def shards(self, layer: str, crawl: str) -> Iterator[str]:
        """Names of the finished shards of a table, in order."""
        for manifest in sorted(self.path(layer, crawl).glob(f"*/{MANIFEST}")):
            yield manifest.parent.name

    def query(self) -> "duckdb.DuckDBPyConnection":
        """A fresh in-memory DuckDB connection with the memory limit set; query Parquet in place with it."""
        import duckdb

        spill = self.root / ".duckdb"
        return duckdb.connect(config={"memory_limit": self.query_memory, "temp_directory": str(spill)})
