"""The pages of all batches become ``documents`` and ``rejected_pages``: the only step that reads texts, as a stream.

One row group of one batch is in memory at a time, whatever the size of the dump.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from include.errors import BadInput
from include.ingest.dedup import clusters, exact, host_lines
from include.ingest.dedup.lines import contains, strip_lines
from include.ingest.dedup.narrow import Ordered, Shard, contents, look_up, signed_contents, signed_shards
from include.ingest.dedup.settings import DedupParams
from include.ingest.dedup.signatures import U64
from include.lake import Lake
from include.schemas import DOCUMENT, PAGE

PAGES = "pages"
Decide = Callable[[pa.Table], pa.Table]
Remeasure = Callable[[pa.Table], pa.Table]
"""Gets rows of schema PAGE whose text has changed, gives them back with what follows from the text measured again."""


@dataclass
class Assembled:
    """What became of the pages that had been kept."""

    documents: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    """By reason: exact_duplicate, near_duplicate, seen_before, repeated_lines."""
    lines_removed: int = 0
    """From the documents below."""
    documents_shortened: int = 0
    """By lines that their host repeats; those that became too short are rejected instead, with their whole text."""


def made_from(lake: Lake, crawl: str, parts: int) -> list[Any]:
    """For the caller's fingerprint: what decides, besides the pages. Raises BadInput if a step is missing."""
    lines = [host_lines.part_name(part, parts) for part in range(parts)]
    tables = [contents(lake, layer, crawl) for layer in (exact.LAYER, clusters.LAYER)]
    return [signed_contents(lake, crawl), *tables, contents(lake, host_lines.LAYER, crawl, lines)]


def assemble(
    lake: Lake,
    crawl: str,
    parts: int,
    params: DedupParams,
    min_words: int,
    remeasure: Remeasure,
    fingerprint: str,
    decide: Decide,
) -> Assembled:
    """Write ``documents/<crawl>`` and ``rejected_pages/<crawl>``, in the order of batches and rows.

    Args:
        parts: into how many parts the hosts were divided for :mod:`.host_lines`.
        min_words: a document that has fewer words left without the lines that its host repeats is rejected.
        fingerprint: of all that decides the two tables, :func:`made_from` included.
        decide: gives rows of ``pages`` the status by which they were signed.

    Raises:
        BadInput: an earlier step is missing, or pages and signatures are not of one extraction.
    """
    judge = _Judge(lake, crawl, parts, params, min_words, remeasure)
    place = {"crawl": crawl, "fingerprint": fingerprint}
    with (
        lake.stream(DOCUMENT, layer="documents", **place) as documents,
        lake.stream(PAGE, layer="rejected_pages", **place) as rejected,
    ):
        for pages, signed in _pages(lake, crawl, decide):
            rows = judge.shorten(judge.reject_duplicates(pages, signed), signed)
            kept = pc.equal(rows["status"], "kept")
            documents.write(rows.filter(kept).select(DOCUMENT.names).cast(DOCUMENT))
            rejected.write(rows.filter(pc.invert(kept)))
    judge.counts.documents = documents.rows
    return judge.counts


def _pages(lake: Lake, crawl: str, decide: Decide) -> Iterator[tuple[pa.Table, pa.Table]]:
    """Row group by row group: the pages, and of the kept ones (place in the group, lines, position in the dump)."""
    for shard in signed_shards(lake, crawl):
        signatures = Ordered(shard.files, ["row", "lines"])
        first, position = 0, shard.start
        for file in map(pq.ParquetFile, lake.files(PAGES, crawl, shard.name)):
            for group in range(file.num_row_groups):
                pages = decide(file.read_row_group(group)).cast(PAGE)
                signed = signatures.between(first, first + pages.num_rows)
                place = signed["row"].to_numpy() - first
                _check(np.array_equal(place, np.flatnonzero(pc.equal(pages["status"], "kept"))), crawl, shard)
                positions = np.arange(position, position + len(place))
                columns = {"place": place, "lines": signed["lines"].combine_chunks(), "position": positions}
                yield pages, pa.table(columns)
                first, position = first + pages.num_rows, position + len(place)
        _check(position == shard.start + shard.rows, crawl, shard)


def _check(fits: bool, crawl: str, shard: Shard) -> None:
    if not fits:
        raise BadInput(
            f"Crawl {crawl}: the signatures of {shard.name} are not of its pages; a killed extraction can leave that. "
            "Extract this batch again."
        )


class _Judge:
    """Rejects duplicates and takes out repeated lines, and counts both."""

    def __init__(
        self, lake: Lake, crawl: str, parts: int, params: DedupParams, min_words: int, remeasure: Remeasure
    ) -> None:
        self.counts = Assembled()
        self._equal = Ordered(lake.files(exact.LAYER, crawl))
        self._alike = Ordered(lake.files(clusters.LAYER, crawl))
        self._repeated = host_lines.repeated_lines(lake, crawl, parts)
        self._params = params
        self._min_words = min_words
        self._remeasure = remeasure

    def reject_duplicates(self, pages: pa.Table, signed: pa.Table) -> pa.Table:
        """The pages, with the duplicates among them rejected."""
        if not signed.num_rows:
            return pages
        positions = signed["position"].combine_chunks()
        between = positions[0].as_py(), positions[-1].as_py() + 1
        detail = look_up(positions, self._equal.between(*between), "detail")
        alike = self._alike.between(*between)
        near = pc.invert(pc.fill_null(look_up(positions, alike, "is_representative"), True))
        seen = pc.and_(pc.fill_null(look_up(positions, alike, "seen_before"), False), self._params.drop_seen_before)
        reason = pc.case_when(
            pc.make_struct(pc.is_valid(detail), near, seen), "exact_duplicate", "near_duplicate", "seen_before"
        )
        whom = (look_up(positions, alike, name) for name in ("cluster_id", "first_crawl"))
        detail = pc.coalesce(detail, pc.binary_join_element_wise("much like the document", *whom, " "))
        return self._reject(pages, signed["place"].combine_chunks(), reason, detail)

    def shorten(self, pages: pa.Table, signed: pa.Table) -> pa.Table:
        """The pages, those that are still kept without the lines that their host repeats."""
        places = _with_repeated_lines(pages, signed, self._repeated)
        if not len(places):
            return pages
        found = pages.take(places)
        texts, lost = strip_lines(found["text"], found["host"], self._repeated, self._params)
        left = [len(text.split()) for text in texts]
        enough = pa.array([words >= self._min_words for words in left])
        short = pc.invert(enough)
        self.counts.lines_removed += sum(lines for lines, stays in zip(lost, enough.to_pylist(), strict=True) if stays)
        self.counts.documents_shortened += pc.sum(enough).as_py()
        shortened = _set(found, "text", pa.array(texts, pa.string())).filter(enough)
        pages = _replace(pages, places.filter(enough), self._remeasure(shortened).cast(PAGE))
        detail = [
            f"{words} words are left without {lines} lines that its host repeats; {self._min_words} are needed"
            for words, lines in zip(left, lost, strict=True)
        ]
        reason = pa.repeat("repeated_lines", pc.sum(short).as_py())
        return self._reject(pages, places.filter(short), reason, pa.array(detail).filter(short))

    def _reject(self, pages: pa.Table, places: pa.Array, reason: pa.Array, detail: pa.Array) -> pa.Table:
        """The pages, those at ``places`` whose reason is not null rejected with it."""
        valid = pc.is_valid(reason)
        self.counts.rejected.update(reason.filter(valid).to_pylist())
        at = pc.index_in(pa.array(np.arange(pages.num_rows)), value_set=places.filter(valid))
        hit = pc.is_valid(at)
        for name, values in {"reason": reason, "detail": detail}.items():
            column = pc.if_else(hit, values.filter(valid).take(at), pages[name].combine_chunks())
            pages = _set(pages, name, column)
        return _set(pages, "status", pc.if_else(hit, "rejected", pages["status"].combine_chunks()))


def _with_repeated_lines(pages: pa.Table, signed: pa.Table, repeated: U64) -> pa.Array:
    """Places of the kept pages that have at least one of these lines."""
    lines = signed["lines"].combine_chunks()
    hits = contains(repeated, lines.flatten().to_numpy(zero_copy_only=False))
    owners = pc.list_parent_indices(lines).to_numpy(zero_copy_only=False)[hits]
    places = signed["place"].combine_chunks().take(pa.array(np.unique(owners)))
    return places.filter(pc.equal(pages["status"].take(places).combine_chunks(), "kept"))


def _replace(pages: pa.Table, places: pa.Array, rows: pa.Table) -> pa.Table:
    """The pages, those at ``places`` replaced by ``rows``."""
    order = np.arange(pages.num_rows)
    order[places.to_numpy()] = pages.num_rows + np.arange(rows.num_rows)
    return pa.concat_tables([pages, rows]).take(pa.array(order))


def _set(table: pa.Table, name: str, column: pa.Array) -> pa.Table:
    return table.set_column(table.schema.get_field_index(name), PAGE.field(name), column)
