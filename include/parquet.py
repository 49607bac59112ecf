"""Parquet files that are whole as soon as they have their name, and whose bytes depend on their rows alone."""

import os
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

ROW_GROUP = 4096
TEXT_GROUP = 32 * 2**20
"""A row group ends early, at a multiple of STEP rows, once its strings have this many bytes."""
STEP = 64


def write_parquet(path: Path, table: pa.Table) -> None:
    """Write one Parquet file: temporary name, read back and verified, then renamed; durable when this returns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with ParquetStream(path, table.schema) as stream:
        stream.write(table)
    sync(path.parent)


def sync(path: Path) -> None:
    """Wait until a file's bytes, or a folder's names, would survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class ParquetStream:
    """Writes one Parquet file a piece at a time; equal rows give equal bytes, however they are cut into pieces.

    Leave the context well and the file is verified and gets its name; leave it by an exception and nothing remains.
    """

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.path = path
        self.schema = schema
        self.rows = 0
        self._temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        self._writer = pq.ParquetWriter(self._temporary, schema, compression="zstd", compression_level=3)
        self._group: list[pa.Table] = []  # STEP rows each, but for the last
        self._group_bytes = 0
        self._loose = schema.empty_table()

    def write(self, rows: pa.Table | pa.RecordBatch) -> None:
        """Append rows; the schema must be the stream's."""
        table = pa.Table.from_batches([rows]) if isinstance(rows, pa.RecordBatch) else rows
        self.rows += table.num_rows
        table = pa.concat_tables([self._loose, table])
        whole = table.num_rows - table.num_rows % STEP
        for start in range(0, whole, STEP):
            self._add(table.slice(start, STEP))
        self._loose = table.slice(whole)

    def _add(self, step: pa.Table) -> None:
        self._group.append(step)
        self._group_bytes += _string_bytes(step)
        if len(self._group) * STEP >= ROW_GROUP or self._group_bytes >= TEXT_GROUP:
            self._flush()

    def _flush(self) -> None:
        if self._group:
            # One chunk per column: where chunks end must not show in the bytes.
            self._writer.write_table(pa.concat_tables(self._group).combine_chunks())
        self._group, self._group_bytes = [], 0

    def __enter__(self) -> "ParquetStream":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._group += [self._loose] if self._loose.num_rows else []
                self._flush()
            self._writer.close()
            if kind is None:
                self._verify()
                sync(self._temporary)  # before it gets its name, and long before a manifest names it
                self._temporary.replace(self.path)
        finally:
            self._temporary.unlink(missing_ok=True)

    def _verify(self) -> None:
        written = pq.ParquetFile(self._temporary).metadata.num_rows
        if written != self.rows:
            raise OSError(f"{self.path}: {written} of {self.rows} rows reached the disk. Is it full or failing?")


def _string_bytes(table: pa.Table) -> int:
    sizes = (pc.sum(pc.binary_length(column)).as_py() for column in table.columns if pa.types.is_string(column.type))
    return sum(size or 0 for size in sizes)
