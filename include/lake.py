"""The lake: the only builder of paths, atomic writes, and manifests that readers trust.

Layout: ``<root>/<layer>/<crawl>[/<shard>]/{manifest.json, <name>-<digest>.parquet}``. A write puts new files beside the
old ones under names made from their content, then replaces ``manifest.json``, then deletes what the manifest no longer
names. Killed at any moment, a reader sees either the old table or the new one.
"""

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from include.errors import BadInput
from include.parquet import ROW_GROUP, ParquetStream, sync

if TYPE_CHECKING:
    import duckdb

MANIFEST = "manifest.json"


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
    cut_from: tuple[DataFile, ...] = ()
    """The files as their stage wrote them, if rows were taken out since (:mod:`include.take_down`)."""

    @property
    def origin(self) -> tuple[DataFile, ...]:
        """What the stage wrote: for what was made from it, a table that lost rows is still the same table."""
        return self.cut_from or self.files

    @property
    def identity(self) -> dict[str, Any]:
        """For fingerprints of what is made from the table: equal while it is the same table."""
        return {"fingerprint": self.fingerprint, "files": [asdict(file) for file in self.origin]}

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
        sync(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def _require_columns(schema: pa.Schema, columns: list[str], name: str) -> None:
    if missing := [column for column in columns if column not in schema.names]:
        raise BadInput(
            f"The {name} have no {', '.join(missing)}: an older version wrote them. Run the stage that makes them "
            "again (see 'python -m include.cli')."
        )


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
        files, cut_from = (tuple(DataFile(**file) for file in content.get(key, ())) for key in ("files", "cut_from"))
        return Manifest(content["fingerprint"], files, cut_from)

    def finished(self, layer: str, crawl: str, shard: str | None = None) -> Manifest:
        """The manifest of a finished table.

        Raises:
            BadInput: the table was never finished.
        """
        manifest = self.manifest(layer, crawl, shard)
        if manifest is None:
            raise BadInput(
                f"Crawl {crawl} has no {layer} yet. Run the stage that makes them first (see 'python -m include.cli')."
            )
        return manifest

    def is_current(self, fingerprint: str, layer: str, crawl: str, shard: str | None = None) -> bool:
        """Whether the table was made from exactly these inputs, so that its stage may be skipped."""
        manifest = self.manifest(layer, crawl, shard)
        return manifest is not None and manifest.fingerprint == fingerprint

    def write(self, table: pa.Table, *, layer: str, crawl: str, fingerprint: str, shard: str | None = None) -> Manifest:
        """Replace a table. Row order is kept; equal rows give equal bytes."""
        with self.stream(table.schema, layer=layer, crawl=crawl, fingerprint=fingerprint, shard=shard) as stream:
            stream.write(table)
        return self.finished(layer, crawl, shard)

    @contextmanager
    def stream(
        self, schema: pa.Schema, *, layer: str, crawl: str, fingerprint: str, shard: str | None = None
    ) -> Iterator[ParquetStream]:
        """Replace a table a piece at a time; readers see the old one until the context is left without an exception."""
        folder = self.path(layer, crawl, shard)
        with _staged(folder, schema) as stream:
            yield stream
        _commit(folder, [(stream.path, stream.rows)], {"fingerprint": fingerprint})

    @contextmanager
    def cut(self, layer: str, crawl: str, shard: str | None = None) -> Iterator[ParquetStream]:
        """Replace a finished table by what is left of it; for what was made from it, it stays the same table."""
        manifest = self.finished(layer, crawl, shard)
        folder = self.path(layer, crawl, shard)
        with _staged(folder, pq.read_schema(self.files(layer, crawl, shard)[0])) as stream:
            yield stream
        origin = [asdict(file) for file in manifest.origin]
        _commit(folder, [(stream.path, stream.rows)], {"fingerprint": manifest.fingerprint, "cut_from": origin})

    def commit(self, staged: Sequence[tuple[Path, int]], *, layer: str, crawl: str, fingerprint: str) -> None:
        """Replace a table by finished files of its folder, each with its number of rows, in this order.

        ``part.parquet`` becomes ``part-<digest>.parquet``; what else lies in the folder is deleted.
        """
        _commit(self.path(layer, crawl), staged, {"fingerprint": fingerprint})

    def remove(self, layer: str, crawl: str) -> None:
        """Delete a table that was only a step on the way. Nothing happens where there is none."""
        folder = self.path(layer, crawl)
        (folder / MANIFEST).unlink(missing_ok=True)  # first: what is half deleted must not look finished
        shutil.rmtree(folder, ignore_errors=True)

    def write_query(
        self,
        connection: "duckdb.DuckDBPyConnection",
        query: str,
        schema: pa.Schema,
        *,
        layer: str,
        crawl: str,
        fingerprint: str,
        shard: str | None = None,
    ) -> Manifest:
        """Replace a table by a query's rows as they come. Equal bytes need a query with an order."""
        with self.stream(schema, layer=layer, crawl=crawl, fingerprint=fingerprint, shard=shard) as stream:
            for batch in connection.sql(query).to_arrow_reader(ROW_GROUP):
                stream.write(pa.Table.from_batches([batch]).cast(schema))
        return self.finished(layer, crawl, shard)

    def files(self, layer: str, crawl: str, shard: str | None = None) -> list[Path]:
        """The Parquet files of a finished table.

        Raises:
            BadInput: the table was never finished.
        """
        return [self.path(layer, crawl, shard) / file.name for file in self.finished(layer, crawl, shard).files]

    def read(self, layer: str, crawl: str, shard: str | None = None, columns: list[str] | None = None) -> pa.Table:
        """A finished table, in memory.

        Raises:
            BadInput: it was never finished, or by a version that did not write these columns yet.
        """
        files = self.files(layer, crawl, shard)
        for path in files:
            _require_columns(pq.read_schema(path), columns or [], f"{layer} of {crawl}")
        return pa.concat_tables(pq.read_table(path, columns=columns) for path in files)

    def row_groups(self, layer: str, crawl: str, columns: list[str]) -> Iterator[pa.Table]:
        """A finished table in its order, a piece at a time: at most ROW_GROUP rows or about TEXT_GROUP bytes of text.

        Raises:
            BadInput: as in :meth:`read`.
        """
        for path in self.files(layer, crawl):
            with pq.ParquetFile(path) as file:
                _require_columns(file.schema_arrow, columns, f"{layer} of {crawl}")
                for group in range(file.num_row_groups):
                    yield file.read_row_group(group, columns).select(columns)

    def shards(self, layer: str, crawl: str) -> Iterator[str]:
        """Names of the finished shards of a table, in order."""
        for manifest in sorted(self.path(layer, crawl).glob(f"*/{MANIFEST}")):
            yield manifest.parent.name

    def crawls(self, layer: str) -> list[str]:
        """The crawls of which this table is finished, in order of their names."""
        return sorted(manifest.parent.name for manifest in (self.root / layer).glob(f"*/{MANIFEST}"))

    @contextmanager
    def scratch(self, stage: str, crawl: str) -> Iterator[Path]:
        """An empty folder on the lake's disk, for as long as the stage works; a killed one's is emptied by the next."""
        folder = self.root / ".scratch" / stage / crawl
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def query(self) -> "duckdb.DuckDBPyConnection":
        """A fresh in-memory DuckDB connection with the memory limit set; query Parquet in place with it."""
        import duckdb

        # A folder for each connection: DuckDB gives the files of every process the same names.
        spill = self.root / ".duckdb" / f"{os.getpid()}-{secrets.token_hex(4)}"
        spill.parent.mkdir(parents=True, exist_ok=True)
        return duckdb.connect(config={"memory_limit": self.query_memory, "temp_directory": str(spill)})


@contextmanager
def _staged(folder: Path, schema: pa.Schema) -> Iterator[ParquetStream]:
    folder.mkdir(parents=True, exist_ok=True)
    with ParquetStream(folder / "part.parquet", schema) as stream:
        yield stream


def _commit(folder: Path, staged: Sequence[tuple[Path, int]], head: dict[str, Any]) -> None:
    files: list[DataFile] = []
    for path, rows in staged:
        with path.open("rb") as written:
            digest = hashlib.file_digest(written, "sha256").hexdigest()
        final = path.with_name(f"{path.stem}-{digest[:16]}.parquet")
        path.replace(final)
        files.append(DataFile(name=final.name, rows=rows, bytes=final.stat().st_size, sha256=digest))
    content = {**head, "files": [asdict(file) for file in files]}
    write_atomically(folder / MANIFEST, json.dumps(content, indent=1).encode())
    names = {file.name for file in files}
    for stale in [*folder.glob("*.parquet"), *folder.glob(".part*.parquet.*.tmp")]:
        if stale.name not in names:
            stale.unlink(missing_ok=True)
