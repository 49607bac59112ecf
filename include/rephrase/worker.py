"""The worker: feeds an engine what the store lacks and commits results in chunks."""

import json
import logging
import time
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa

from include.lake import Lake, write_atomically
from include.rephrase.engines.base import Engine, Request, Result
from include.rephrase.store import Store
from include.schemas import RESULT

log = logging.getLogger("rewrap.worker")

REPORT_EVERY = 10.0
"""Seconds between two lines of progress."""


def generate(lake: Lake, crawl: str, chunk_size: int, start_engine: Callable[[], Engine]) -> dict[str, Any]:
    """Generate what the dump's plan asks for and the store lacks; commit every ``chunk_size`` results.

    The engine is started only if something is missing. Killed at any moment, at most one chunk must be made again.

    Returns:
        Counts: ``requests`` to make, ``generated``, ``failed``, ``tokens`` (output), ``seconds`` (generation alone).
    """
    store = Store(lake)
    missing = store.missing(crawl)
    if missing.num_rows == 0:
        return nothing_to_generate(lake, crawl)
    progress = Progress(lake, crawl, missing.num_rows)
    engine = start_engine()
    progress.start()
    chunk: list[Result] = []
    for result in engine.generate(_requests(missing)):
        chunk.append(result)
        if len(chunk) == chunk_size:
            store.commit(_table(chunk, engine))
            progress.add(chunk)
            chunk = []
    if chunk:
        store.commit(_table(chunk, engine))
        progress.add(chunk)
    return progress.finish()


def nothing_to_generate(lake: Lake, crawl: str) -> dict[str, Any]:
    """Say so, and count zero."""
    log.info("every generation of %s is in the store: no engine is started, nothing is generated", crawl)
    return Progress(lake, crawl, requests=0).finish()


def progress_of(lake: Lake, crawl: str) -> dict[str, Any] | None:
    """The newest progress of the dump's generation, or None."""
    path = _progress_file(lake, crawl)
    content: dict[str, Any] | None = json.loads(path.read_bytes()) if path.exists() else None
    return content


def _requests(missing: pa.Table) -> Iterator[Request]:
    for batch in missing.to_batches(max_chunksize=1024):
        for row in batch.to_pylist():
            yield Request(**{**row, "messages": json.loads(row["messages"])})


def _table(results: list[Result], engine: Engine) -> pa.Table:
    rows = [{**vars(result), "engine": engine.name, "engine_version": engine.version} for result in results]
    return pa.Table.from_pylist(rows, schema=RESULT)


def _progress_file(lake: Lake, crawl: str) -> Any:
    return lake.path("progress", crawl) / "generate.json"


class Progress:
    """Counts, rate and time left; in the log and in a file that the live display reads."""

    def __init__(self, lake: Lake, crawl: str, requests: int) -> None:
        self.file = _progress_file(lake, crawl)
        self.counts: dict[str, Any] = {"requests": requests, "generated": 0, "failed": 0, "tokens": 0, "seconds": 0.0}
        self.start()

    def start(self) -> None:
        """The engine is warm: seconds count from here."""
        self.began = self.reported = time.monotonic()
        self._write()

    def add(self, results: list[Result]) -> None:
        self.counts["generated"] += len(results)
        self.counts["failed"] += sum(result.finish_reason == "error" for result in results)
        self.counts["tokens"] += sum(result.completion_tokens for result in results)
        self.counts["seconds"] = round(time.monotonic() - self.began, 1)
        self._write()
        if time.monotonic() - self.reported > REPORT_EVERY or self.counts["generated"] == self.counts["requests"]:
            self.reported = time.monotonic()
            rate = self.counts["tokens"] / max(self.counts["seconds"], 0.1)
            left = self.counts["requests"] - self.counts["generated"]
            eta = left * self.counts["seconds"] / self.counts["generated"]
            log.info(
                "%d of %d generations, %.0f tokens/s, about %.0f s left",
                self.counts["generated"], self.counts["requests"], rate, eta,
            )  # fmt: skip

    def finish(self) -> dict[str, Any]:
        self._write()
        return self.counts

    def _write(self) -> None:
        write_atomically(self.file, json.dumps(self.counts).encode())
