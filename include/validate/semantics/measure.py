"""Writes the table ``semantics`` of a dump. Runs in the engine's environment (``engine embed``)."""

import logging
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from include.lake import Lake
from include.recipes.registry import load_recipe
from include.schemas import IDENTITY, SEMANTICS
from include.validate.gate_params import GateParams
from include.validate.semantics.benchmarks import Benchmarks, load_benchmarks
from include.validate.semantics.encoder import Encoder, Integers
from include.validate.semantics.figures import compare
from include.validate.semantics.request import LAYER, semantics_key
from include.validate.semantics.units import split_units
from include.validate.texts import read_texts

log = logging.getLogger("rewrap.semantics")

COLUMNS = ["generation_key", *IDENTITY, "source", "source_tokens", "made_of", "stopped_at", "output"]
PARTS = "semantics_parts"
BATCH_BYTES = 2**19
"""Of sources and outputs that are encoded together: the vectors of their words take 300 MB at most."""
PROGRESS_SECONDS = 15.0
DIGITS = 4
"""What is stored: how numbers are summed differs between machines in the seventh digit."""


def write_semantics(lake: Lake, crawl: str, params: GateParams, languages: list[str]) -> None:
    """Write the table ``semantics``, a row for each of ``generations`` in its order.

    A group of rows (a few thousand) is kept as soon as it is measured: killed at any moment and run again, this goes on
    from there. Memory does not grow with the dump.

    Raises:
        BadInput: as :func:`semantics_key`, or the encoder is not installed.
    """
    key = semantics_key(lake, crawl, params, languages)
    if lake.is_current(key, LAYER, crawl):
        return
    encoder = Encoder()
    benchmarks = load_benchmarks(lake, params.contamination.files, encoder)
    total = lake.finished("generations", crawl).rows
    log.info("%s: %d generations to measure on %s", crawl, total, encoder.device)
    progress = _Progress(crawl, total)
    shards = []
    for number, group in enumerate(_groups(lake, crawl, languages)):
        shards.append(f"{number:06d}")
        if not lake.is_current(key, PARTS, crawl, shards[-1]):
            measured = []
            for batch in batches(group):
                measured.append(measure(batch, params.semantics.languages, encoder, benchmarks))
                progress.tell(len(batch))
            lake.write(pa.concat_tables(measured), layer=PARTS, crawl=crawl, fingerprint=key, shard=shards[-1])
    with lake.stream(SEMANTICS, layer=LAYER, crawl=crawl, fingerprint=key) as table:
        for shard in shards:
            table.write(lake.read(PARTS, crawl, shard))
    lake.remove(PARTS, crawl)


def measure(generations: pa.Table, known: list[str], encoder: Encoder, benchmarks: Benchmarks) -> pa.Table:
    """The rows (SEMANTICS) of generations (COLUMNS and ``language``); what is in no ``known`` language stays null."""
    recipes = [load_recipe(name) for name in generations["recipe"].to_pylist()]
    languages = generations["language"].to_pylist()
    texts = read_texts(generations, recipes).text
    rows = [row for row, text in enumerate(texts) if text and languages[row] in known]
    sources = generations["source"].take(pa.array(rows, pa.int64())).to_pylist()
    units = _Units()
    of_text = [units.of(texts[row], languages[row]) for row in rows]
    of_source = [units.of(source, languages[row]) for row, source in zip(rows, sources, strict=True)]
    found: list[dict[str, Any]] = [{} for _ in texts]
    if rows:
        meanings = encoder.encode(units.distinct)
        closest = benchmarks.closest(meanings, of_text)
        for row, text, source, (benchmark, item) in zip(rows, of_text, of_source, closest, strict=True):
            found[row] = {"benchmark_similarity": round(benchmark, DIGITS), "benchmark_item": item}
            if figures := compare(meanings, text, source):
                found[row]["similarity"] = round(figures.similarity, DIGITS)
                found[row]["support"] = round(figures.support, DIGITS)
                found[row]["least_supported"] = encoder.spell(meanings, figures.run)
    values = pa.Table.from_pylist(found, pa.schema(list(SEMANTICS)[len(IDENTITY) + 1 :]))
    identity = generations.select(["generation_key", *IDENTITY])
    return pa.Table.from_arrays([*identity.columns, *values.columns], schema=SEMANTICS)


class _Units:
    """Distinct units of a batch: a source comes again with each recipe, and is encoded once."""

    def __init__(self) -> None:
        self._index: dict[str, int] = {}
        self._known: dict[tuple[str, str], Integers] = {}

    @property
    def distinct(self) -> list[str]:
        return list(self._index)

    def of(self, text: str, language: str) -> Integers:
        """The units of a text, as places in ``distinct``."""
        if (text, language) not in self._known:
            units = [self._index.setdefault(unit, len(self._index)) for unit in split_units(text, language)]
            self._known[text, language] = np.array(units, np.int64)
        return self._known[text, language]


def _groups(lake: Lake, crawl: str, languages: list[str]) -> Iterator[pa.Table]:
    """The table ``generations`` with the language of each row's document, a group of rows at a time.

    Where the dump has one language alone, it is that; else it is looked up: the only column held in memory as a whole.
    """
    looked_up = None if len(languages) == 1 else _languages(lake, crawl)
    start = 0
    for group in lake.row_groups("generations", crawl, COLUMNS):
        end = start + len(group)
        of_rows = pa.repeat(languages[0], len(group)) if looked_up is None else looked_up.slice(start, len(group))
        yield group.append_column("language", of_rows.cast(pa.string()))
        start = end


def _languages(lake: Lake, crawl: str) -> pa.ChunkedArray:
    found = []
    with lake.query() as db:
        documents = [str(file) for file in lake.files("documents", crawl)]
        db.read_parquet(documents).select("doc_id, language").create_view("documents")
        for file in lake.files("generations", crawl):
            db.read_parquet(str(file), file_row_number=True).create_view("generations", replace=True)
            query = "FROM generations LEFT JOIN documents USING (doc_id) SELECT language ORDER BY file_row_number"
            found += pc.dictionary_encode(db.sql(query).to_arrow_table()["language"]).chunks
    return pa.chunked_array(found, pa.dictionary(pa.int32(), pa.string()))


def batches(group: pa.Table) -> Iterator[pa.Table]:
    """Pieces of about BATCH_BYTES of text."""
    lengths = [pc.fill_null(pc.binary_length(group[name]), 0).to_numpy() for name in ("source", "output")]
    piece = np.cumsum(np.sum(lengths, axis=0)) // BATCH_BYTES
    for number in np.unique(piece):
        first, end = np.searchsorted(piece, [number, number + 1])
        yield group.slice(int(first), int(end - first))


class _Progress:
    """Tells the log how far it has come."""

    def __init__(self, crawl: str, total: int) -> None:
        self._crawl, self._total, self._done = crawl, total, 0
        self._began = self._told = time.monotonic()

    def tell(self, rows: int) -> None:
        self._done += rows
        now = time.monotonic()
        if now - self._told >= PROGRESS_SECONDS:
            self._told = now
            rate = self._done / (now - self._began)
            log.info("%s: %d of %d measured, %.0f a second", self._crawl, self._done, self._total, rate)
