"""Which tables a lake has, and what a take-down does to each: by their columns, so that a new table is no loophole."""

from collections.abc import Iterator
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from include.ingest.dedup import clusters, exact, host_lines, narrow
from include.ingest.dedup.bands import INDEX
from include.ingest.dedup.bands import LAYER as PAIRS
from include.lake import MANIFEST, Lake

EMPTIED = ("pages", "rejected_pages")
"""Their rows stay, without content: each stands for a record of the dump."""
NUMBERED = (exact.LAYER, PAIRS, clusters.LAYER, host_lines.LAYER)
"""They count on the places of rows in the signatures. Ingest makes them again, from hashes."""
SIGNATURES, INDEXED = narrow.LAYER, INDEX
PUBLISHED = ("documents", "planned", "requests", "generations", "accepted", "mix", "real", "heldout")
"""Rows in one of these may stand in a release."""


class Table(NamedTuple):
    layer: str
    crawl: str
    shard: str | None


def tables(lake: Lake) -> Iterator[Table]:
    """Every finished table of the lake, in order of names."""
    for depth in ("*/*", "*/*/*"):
        for manifest in sorted(lake.root.glob(f"{depth}/{MANIFEST}")):
            layer, crawl, *shard = manifest.parent.relative_to(lake.root).parts
            if not layer.startswith("."):
                yield Table(layer, crawl, shard[0] if shard else None)


def schema(lake: Lake, table: Table) -> pa.Schema:
    """Columns of a finished table."""
    return pq.read_schema(lake.files(*table)[0])
