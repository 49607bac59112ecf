"""Texts with planted near-duplicates of known similarity, and dumps made of them."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from include.ingest.dedup.assemble import Assembled, assemble, made_from
from include.ingest.dedup.bands import find_pairs
from include.ingest.dedup.clusters import build_clusters
from include.ingest.dedup.exact import find_exact
from include.ingest.dedup.host_lines import find_host_lines
from include.ingest.dedup.index import add_to_index
from include.ingest.dedup.narrow import sign_pages
from include.ingest.dedup.settings import DedupParams
from include.ingest.page import content_hash
from include.lake import Lake, fingerprint
from include.schemas import PAGE

LETTERS = "etaoinshrdlucmfwypvbgk"


class Writer:
    """Random texts, and copies of them with some words replaced."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.words = ["".join(self.random.choices(LETTERS, k=self.random.randint(3, 9))) for _ in range(20_000)]

    def text(self, words: int = 300) -> str:
        return " ".join(self.random.choices(self.words, k=words))

    def edited(self, text: str, edits: int) -> str:
        words = text.split()
        for place in self.random.sample(range(len(words)), edits):
            words[place] = self.random.choice(self.words)
        return " ".join(words)


def jaccard(one: str, other: str, length: int = 5) -> float:
    """Exact similarity of the sets of word n-grams."""
    mine, theirs = (_ngrams(text.split(), length) for text in (one, other))
    return len(mine & theirs) / len(mine | theirs)


def _ngrams(words: list[str], length: int) -> set[tuple[str, ...]]:
    return {tuple(words[start : start + length]) for start in range(len(words) - length + 1)}


def found_with_probability(similarity: float, params: DedupParams) -> float:
    """That two texts of this similarity share at least one band hash."""
    return 1 - (1 - similarity**params.band_rows) ** params.bands


@dataclass
class Page:
    text: str
    id: int
    host: str = "www.example.org"
    path: str = "segments/1/a.warc.gz"
    status: str = "kept"
    offset: int | None = None
    reason: str | None = field(default=None)

    def row(self) -> dict[str, object]:
        return {
            "doc_id": f"{self.id:032x}",
            "host": self.host,
            "url": f"https://{self.host}/{self.id}",
            "warc_path": self.path,
            "warc_offset": self.id * 1000 if self.offset is None else self.offset,
            "text": self.text if self.status == "kept" else None,
            "content_hash": content_hash(self.text) if self.status == "kept" else None,
            "words": len(self.text.split()),
            "status": self.status,
            "reason": self.reason if self.status == "kept" else "http_status",
        }


def extract(lake: Lake, crawl: str, batches: Sequence[Iterable[Page]], params: DedupParams) -> None:
    """Write pages and signatures as the extract step does."""
    for number, batch in enumerate(batches):
        pages = pa.Table.from_pylist([{**page.row(), "crawl": crawl} for page in batch], schema=PAGE)
        place = {"crawl": crawl, "shard": f"batch-{number:04d}", "fingerprint": fingerprint(pages.to_pylist())}
        lake.write(pages, layer="pages", **place)
        lake.write(sign_pages(pages, params), layer="signatures", **place)


def cluster(lake: Lake, crawl: str, earlier: list[str], params: DedupParams) -> list[dict[str, object]]:
    """The rows of ``duplicate_clusters``, after all steps that come before it."""
    find_exact(lake, crawl)
    for band in range(params.bands):
        find_pairs(lake, crawl, band, earlier, params)
    build_clusters(lake, crawl, earlier, params)
    rows: list[dict[str, object]] = lake.read("duplicate_clusters", crawl).to_pylist()
    return rows


def deduplicate(
    lake: Lake, crawl: str, earlier: list[str], params: DedupParams, parts: int = 2, min_words: int = 5
) -> Assembled:
    """All steps after the extraction."""
    cluster(lake, crawl, earlier, params)
    for part in range(parts):
        find_host_lines(lake, crawl, part, parts, params)
    decided_by = fingerprint(made_from(lake, crawl, parts), min_words)
    counts = assemble(lake, crawl, parts, params, min_words, count_words, decided_by, lambda rows: rows)
    add_to_index(lake, crawl, params)
    return counts


def count_words(rows: pa.Table) -> pa.Table:
    words = pa.array([len(text.split()) for text in rows["text"].to_pylist()], pa.int32())
    return rows.set_column(rows.schema.get_field_index("words"), "words", words)
