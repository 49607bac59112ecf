"""Which files of a dump are read, in which batches: the plan that every later step keeps to."""

import json
import shutil
from dataclasses import asdict, dataclass
from math import ceil
from pathlib import Path
from typing import Any

from include.errors import BadInput
from include.ingest import language
from include.ingest.columnar_index import Wanted, plan_ranges
from include.ingest.opt_outs.lists import settle_lists
from include.ingest.policy import FetchPolicy
from include.ingest.source import Listing, Sample, WarcFile, is_remote, list_files
from include.lake import Lake, write_atomically
from include.params import IngestParams

MAX_BATCHES = 1_000
"""A dump of Common Crawl has 90,000 files, and Airflow maps a task over at most 1,024 values."""
RANGES = "ranges.parquet"


@dataclass(frozen=True)
class Batch:
    """A few files that are read together, by one task."""

    source: str
    batches: int
    """Of the whole plan."""
    files: list[dict[str, str]]
    """path and version of each."""
    sampled: str
    """Which part of the dump the plan is; empty for all of it."""
    ranges: str | None
    """The plan of byte ranges, if only some pages of these files are wanted."""

    @property
    def identity(self) -> list[Any]:
        """What decides the content. A local folder may move: its files carry their own versions."""
        return [self.source if is_remote(self.source) else "", self.files, self.ranges]


def plan_batches(lake: Lake, crawl: str, source: str, params: IngestParams, policy: FetchPolicy) -> list[str]:
    """List the dump's files and write one file list per batch to ``batches/<crawl>``; returns the batches' names.

    Batches (and their tables and reports) that an earlier plan had and this one has not are removed.

    Raises:
        BadInput: the source cannot be read or has no files, no page is wanted, a language is not known, or a list of
            opt-outs is unusable.
        SourceUnavailable: a list of opt-outs, or the source, does not answer.
    """
    language.check_languages(params.languages, params.language_model)
    settle_lists(lake, crawl, params.opt_out_lists, policy, params.opt_out_lists_unreachable)
    listing, ranges = _list(lake, crawl, source, params, policy)
    files = [asdict(file) for file in listing.files]
    size = max(params.files_per_batch, ceil(len(files) / MAX_BATCHES))
    groups = [files[start : start + size] for start in range(0, len(files), size)]
    names = [f"batch-{index:04d}" for index in range(len(groups))]
    folder = lake.path("batches", crawl)
    for name, group in zip(names, groups, strict=True):
        batch = Batch(listing.root, len(names), group, listing.sampled, ranges)
        write_atomically(folder / f"{name}.json", json.dumps(asdict(batch), indent=1).encode())
    for stale in sorted({path.stem for path in folder.glob("batch-*.json")} - set(names)):
        for layer in ("pages", "warc_files", "contamination", "signatures"):
            shutil.rmtree(lake.path(layer, crawl, stale), ignore_errors=True)
        (lake.path("reports", crawl) / f"extract-{stale}.json").unlink(missing_ok=True)
        (folder / f"{stale}.json").unlink()
    return names


def read_batch(lake: Lake, crawl: str, name: str) -> Batch:
    """One batch of the plan. Raises BadInput if there is no such batch."""
    try:
        return Batch(**json.loads((lake.path("batches", crawl) / f"{name}.json").read_bytes()))
    except FileNotFoundError:
        raise BadInput(f"Crawl {crawl} has no batch {name!r}. Plan it first: 'python -m include.cli ingest'.") from None


def planned(lake: Lake, crawl: str) -> dict[str, Batch]:
    """All batches by name, in order. Raises BadInput if the plan is not complete."""
    names = sorted(path.stem for path in lake.path("batches", crawl).glob("batch-*.json"))
    batches = {name: read_batch(lake, crawl, name) for name in names}
    if not batches or any(batch.batches != len(names) for batch in batches.values()):
        raise BadInput(f"Crawl {crawl} has no complete plan of batches. Run 'python -m include.cli ingest' for it.")
    return batches


def ranges_file(lake: Lake, crawl: str) -> Path:
    return lake.path("batches", crawl) / RANGES


def _list(lake: Lake, crawl: str, source: str, params: IngestParams, policy: FetchPolicy) -> tuple[Listing, str | None]:
    """The files to read, and which pages of them (identity of the byte ranges) if not all."""
    if not (params.hosts or params.url_patterns or params.index_languages):
        return list_files(source, crawl, policy, params.kind, _sample(params)), None
    if _sample(params):
        raise BadInput(
            "A sample of the files and chosen pages (ingest.hosts, url_patterns, index_languages) exclude each other: "
            "give one of them."
        )
    wanted = Wanted(tuple(params.hosts), tuple(params.url_patterns), tuple(params.index_languages))
    plan = plan_ranges(source, crawl, wanted, ranges_file(lake, crawl), policy, memory=lake.query_memory)
    root = source.rstrip("/") if is_remote(source) else str(Path(source).expanduser().absolute())
    chosen = f"{plan.records} pages chosen through the index"
    return Listing(root, [WarcFile(path, "") for path in plan.files], chosen), repr(wanted)


def _sample(params: IngestParams) -> Sample | None:
    if params.sample_files is None and params.sample_share is None:
        return None
    return Sample(params.sample_files, params.sample_share, params.sample_seed)
