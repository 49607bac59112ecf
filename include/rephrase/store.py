"""The store of generations: content-addressed, shared by all crawls, only ever added to.

A chunk of results is one Parquet file, named after its content and put there by one rename. So each file is complete,
two workers cannot disturb each other, and a worker that dies loses at most the chunk it had not yet committed. It has
no manifest: nothing in it depends on a second file. Each worker commits to a folder of its own, so that the others see
by that folder's time alone whether it has, however many chunks there are.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from include.errors import RewrapError
from include.lake import Lake, fingerprint
from include.parquet import write_parquet
from include.schemas import RESULT

if TYPE_CHECKING:
    import duckdb


LEFT_OVER = 3600.0
"""Seconds after which a file that did not get its name never will."""


class Store:
    """Results by generation key, and by the root of their chain."""

    def __init__(self, lake: Lake) -> None:
        self.lake = lake
        self.folder = lake.root / "store"

    def commit(self, results: pa.Table, worker: str) -> None:
        """Add a chunk of results (schema RESULT) to the worker's folder. It would survive a power cut from then on.

        Raises:
            OSError: the disk is full or failing; nothing of the chunk is there then.
        """
        digest = fingerprint(results.column("generation_key").to_pylist(), results.column("output").to_pylist())
        write_parquet(self.folder / worker / f"results-{digest}.parquet", results.cast(RESULT))

    def clear_leftovers(self) -> None:
        """Remove what workers that were killed in a commit had half written, long ago."""
        for file in self.folder.glob("*/.results-*.tmp"):
            with suppress(FileNotFoundError):
                if time.time() - file.stat().st_mtime > LEFT_OVER:
                    file.unlink()

    def chunks(self, worker: str = "*") -> list[Path]:
        """All chunks, or those of one worker."""
        return list(self.folder.glob(f"{worker}/results-*.parquet"))

    def workers(self) -> list[tuple[str, float]]:
        """All workers that ever committed, and when each did so last, in seconds since 1970."""
        try:
            with os.scandir(self.folder) as found:
                return [(entry.name, entry.stat().st_mtime) for entry in found if entry.is_dir()]
        except FileNotFoundError:
            return []

    @contextmanager
    def query(self) -> "Iterator[duckdb.DuckDBPyConnection]":
        """A connection with all results as view ``result``."""
        with self.lake.query() as query:
            query.execute(f"CREATE VIEW result AS {self.results_sql()}")
            yield query

    def results_sql(self) -> str:
        """A query for all results: RESULT's columns, and ``chunk`` and ``place`` in it. An empty store has none."""
        if any(self.folder.glob("*/results-*.parquet")):
            pattern = str(self.folder / "*" / "results-*.parquet").replace("'", "''")
            return (
                "SELECT * EXCLUDE (filename, file_row_number), filename AS chunk, file_row_number AS place "
                f"FROM read_parquet('{pattern}', filename = true, file_row_number = true)"
            )
        columns = ", ".join(f"CAST(NULL AS {_SQL[field.type]}) AS {field.name}" for field in RESULT)
        return f"SELECT {columns}, '' AS chunk, CAST(0 AS BIGINT) AS place WHERE false"


@contextmanager
def explain_full_disk(lake: Lake) -> Iterator[None]:
    """Say what to do where the disk is full: pyarrow, DuckDB and Python each raise an error of their own."""
    try:
        yield
    except Exception as error:
        if "No space left on device" in str(error) or "Disk quota exceeded" in str(error):
            raise RewrapError(
                f"The disk under {lake.root} is full. What was committed is kept and nothing is half written: free "
                "some space and run the generate step again, and it goes on from there."
            ) from error
        raise


_SQL = {pa.string(): "VARCHAR", pa.int32(): "INTEGER"}
