"""Tables of the lake in several Parquet files, for those that outgrow one."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from include.lake import Lake
from include.parquet import ParquetStream


class Parts:
    """Writes rows into one file until it is cut, then into the next. A table without rows is one file without rows."""

    def __init__(self, folder: Path, schema: pa.Schema) -> None:
        self.staged: list[tuple[Path, int]] = []
        self._folder = folder
        self._schema = schema
        self._open: ParquetStream | None = None

    def write(self, rows: pa.Table | pa.RecordBatch) -> None:
        """Append rows; the schema must be the table's."""
        if self._open is None:
            self._open = ParquetStream(self._folder / f"part-{len(self.staged):05d}.parquet", self._schema)
        self._open.write(rows)

    def cut(self) -> None:
        """Finish the file, if it has been begun."""
        if self._open is not None:
            self._open.__exit__(None)
            self.staged.append((self._open.path, self._open.rows))
            self._open = None

    def end(self) -> None:
        if not self.staged and self._open is None:
            self.write(self._schema.empty_table())
        self.cut()

    def abandon(self, error: BaseException) -> None:
        """Remove what was written."""
        if self._open is not None:
            self._open.__exit__(type(error))
        for path, _ in self.staged:
            path.unlink(missing_ok=True)


@contextmanager
def parts(lake: Lake, schema: pa.Schema, *, layer: str, crawl: str, fingerprint: str) -> Iterator[Parts]:
    """Replace a table file by file; readers see the old one until the context is left without an exception.

    Equal rows that are cut at the same places give equal bytes.
    """
    folder = lake.path(layer, crawl)
    folder.mkdir(parents=True, exist_ok=True)
    table = Parts(folder, schema)
    try:
        yield table
        table.end()
    except BaseException as error:
        table.abandon(error)
        raise
    lake.commit(table.staged, layer=layer, crawl=crawl, fingerprint=fingerprint)
