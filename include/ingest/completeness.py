"""Says of a dump which of its files were read, and proves that their records add up."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from include.ingest.plan import planned
from include.lake import Lake


def describe(lake: Lake, crawl: str) -> Iterator[str]:
    """Lines for a person: the dump's sums, then every file that is not whole, with the reason.

    Raises:
        BadInput: the dump is not planned, or a batch is not extracted.
    """
    batches = planned(lake, crawl)
    files = [row for shard in batches for row in lake.read("warc_files", crawl, shard).to_pylist()]
    sampled = next(iter(batches.values())).sampled
    yield f"{crawl}: {sampled or 'the whole dump'}"
    complete = sum(row["complete"] for row in files)
    yield f"files     {len(files)} listed, {complete} read to their end, {sum(map(_is_damaged, files))} damaged"
    yield f"bytes     {_sum(files, 'bytes')} read, {_sum(files, 'lost_bytes')} of them lost"
    skipped = sum((Counter(dict(row["skipped"])) for row in files), Counter[str]())
    kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(skipped.items())) or "none"
    yield (
        f"records   {_sum(files, 'records')} = {_sum(files, 'pages')} pages + {skipped.total()} skipped ({kinds}) + "
        f"{_sum(files, 'failed')} failed"
    )
    for row in files:
        if not row["complete"] or _is_damaged(row):
            state = "read to its end" if row["complete"] else "NOT read to its end"
            yield f"  {row['path']}: {state}, {row['failed']} failed ({row['damage']}), {row['lost_bytes']} bytes lost"


def _is_damaged(row: dict[str, Any]) -> bool:
    return bool(row["failed"] or row["lost_bytes"])


def _sum(files: list[dict[str, Any]], name: str) -> int:
    return sum(int(row[name]) for row in files)
