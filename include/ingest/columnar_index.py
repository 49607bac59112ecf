"""Finds the pages that are wanted in Common Crawl's columnar index, and plans the byte ranges to fetch.

The index is a table in Parquet, about 300 GB per dump, one row per page with its place in the WARC files
(github.com/commoncrawl/cc-index-table). DuckDB reads the columns it needs, of the row groups whose bounds fit.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from include.errors import BadInput
from include.ingest.fetch import is_remote
from include.ingest.policy import FetchPolicy, SourceUnavailable, explain
from include.ingest.ranges import GAP, LONGEST, ByteRange, WantedRecord, coalesce
from include.ingest.source import list_index_files, stays_inside

PLAN = pa.schema(
    [
        ("warc_path", pa.string()),
        ("start", pa.int64()),
        ("end", pa.int64()),
        (
            "records",
            pa.list_(
                pa.struct(
                    [("offset", pa.int64()), ("length", pa.int64()), ("digest", pa.string()), ("url", pa.string())]
                )
            ),
        ),
    ]
)
"""One row per range, ordered by path and start."""
ROWS_AT_ONCE = 1_000
_PLACES = """
SELECT warc_filename, warc_record_offset, warc_record_length, coalesce(content_digest, ''), url
FROM read_parquet($files, hive_partitioning = false)
WHERE {conditions}
ORDER BY warc_filename, warc_record_offset, warc_record_length
"""
_CONDITIONS = {
    "statuses": "list_contains($statuses, fetch_status)",
    # Detected MIME types came with the dumps of 2017.
    "mimes": "list_contains($mimes, coalesce(content_mime_detected, content_mime_type))",
    # Codes joined by commas, the language of most of the text first.
    "languages": "list_contains($languages, split_part(content_languages, ',', 1))",
    "url_patterns": "len(list_filter($url_patterns, lambda pattern: regexp_matches(url, pattern))) > 0",
    "hosts": "len(list_filter($hosts, lambda host: url_host_name = host OR ends_with(url_host_name, '.' || host))) > 0",
    # Says nothing new, but the table is sorted so that most row groups lie outside the bounds of a few domains.
    "domains": "url_host_registered_domain IN (SELECT unnest($domains))",
}


@dataclass(frozen=True)
class Wanted:
    """Which pages; an empty tuple sets no condition, and all conditions must hold."""

    hosts: tuple[str, ...] = ()
    """``example.org`` stands for itself and its subdomains."""
    url_patterns: tuple[str, ...] = ()
    """Regular expressions (RE2), of which one must match somewhere in the URL."""
    languages: tuple[str, ...] = ()
    """ISO 639-3, such as ``eng``: the page's main language as Common Crawl detected it (CLD2; dumps since 2018)."""
    mimes: tuple[str, ...] = ("text/html", "application/xhtml+xml")
    """Detected MIME types."""
    statuses: tuple[int, ...] = (200,)
    """HTTP statuses."""

    def __post_init__(self) -> None:
        for host in self.hosts:
            if not host or host != host.lower() or any(sign in host for sign in "/:*@ ") or host.startswith("."):
                raise BadInput(
                    f"{host!r} is no host name. Give it in lower case and without https://, like example.org."
                )
        for language in self.languages:
            if len(language) != 3 or not (language.isascii() and language.islower()):
                raise BadInput(f"{language!r} is no language of the index, which has ISO 639-3 codes: 'eng', not 'en'.")

    def parameters(self) -> dict[str, list[Any]]:
        """The values of the conditions that are set."""
        given = {name: list(values) for name, values in vars(self).items() if values}
        if self.hosts and not any(host.rpartition(".")[2].isdigit() for host in self.hosts):
            given["domains"] = sorted({suffix for host in self.hosts for suffix in _suffixes(host)})
        return given


@dataclass(frozen=True)
class RangePlan:
    """What was planned; the ranges themselves lie in the file ``path``."""

    path: Path
    files: tuple[str, ...]
    """WARC files with wanted records, in order."""
    ranges: int
    records: int
    record_bytes: int
    range_bytes: int
    """To be transferred: the records and the gaps between them."""


def plan_ranges(
    source: str,
    crawl: str,
    wanted: Wanted,
    to: Path,
    policy: FetchPolicy,
    *,
    gap: int = GAP,
    longest: int = LONGEST,
    memory: str = "2GB",
) -> RangePlan:
    """Find the wanted pages of a dump and write the byte ranges that hold them to the Parquet file ``to``.

    Args:
        source: as for :func:`include.ingest.source.list_files`.
        memory: limit of DuckDB; what does not fit goes to a folder beside ``to``.

    Raises:
        BadInput: there is no index, it is damaged, a pattern is wrong, or no page is wanted.
        SourceUnavailable: no answer after all attempts.
    """
    files = list_index_files(source, crawl, policy)
    if not files:
        raise BadInput(
            f"Source {source} has no columnar index of {crawl}: neither crawl-data/{crawl}/cc-index-table.paths.gz nor "
            f"Parquet files in cc-index/table/cc-main/warc/crawl={crawl}/subset=warc. Read the whole dump instead."
        )
    to.parent.mkdir(parents=True, exist_ok=True)
    ranges = coalesce(_places(files, wanted, policy, memory, to.parent / ".duckdb"), gap, longest)
    temporary = to.with_name(f".{to.name}.tmp")
    try:
        plan = _write(temporary, ranges, to)
        if not plan.records:
            raise BadInput(f"No page of {crawl} is wanted: nothing in its index fits {wanted}. Ask for less.")
        temporary.replace(to)
    finally:
        temporary.unlink(missing_ok=True)
    return plan


def read_plan(path: Path, warc_paths: Iterable[str] | None = None) -> Iterator[ByteRange]:
    """The ranges of a plan, in order; with ``warc_paths`` those of these files alone."""
    chosen = None if warc_paths is None else pa.array(warc_paths, pa.string())
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(ROWS_AT_ONCE):
            rows = batch if chosen is None else batch.filter(pc.is_in(batch["warc_path"], value_set=chosen))
            for row in rows.to_pylist():
                records = tuple(WantedRecord(**record) for record in row["records"])
                yield ByteRange(row["warc_path"], row["start"], row["end"], records)


def _suffixes(host: str) -> list[str]:
    """The names that can be the registered domain of a host: itself and what remains without its first labels."""
    labels = host.split(".")
    return [".".join(labels[first:]) for first in range(max(1, len(labels) - 1))]


def _places(
    files: list[str], wanted: Wanted, policy: FetchPolicy, memory: str, spill: Path
) -> Iterator[tuple[str, WantedRecord]]:
    """(WARC path, record) of all wanted pages, ordered by path and offset."""
    import duckdb

    given = wanted.parameters()
    # Only the names of conditions decide the text of the query; every value is bound.
    query = _PLACES.format(conditions=" AND ".join(_CONDITIONS[name] for name in given) or "true")
    connection = duckdb.connect(config=_config(memory, spill))
    remote = None
    if is_remote(files[0]):
        from include.ingest.parquet_files import PoliteFiles

        remote = PoliteFiles(policy)
        connection.register_filesystem(remote)
    try:
        for batch in connection.sql(query, params={"files": files, **given}).to_arrow_reader(ROWS_AT_ONCE):
            yield from _checked(batch)
    except duckdb.Error as error:
        cause = remote.error if remote else None
        if isinstance(cause, SourceUnavailable):
            raise cause from None
        raise BadInput(
            f"The columnar index cannot be asked ({explain(cause or error)}). If the message names a pattern, mend it "
            f"(RE2 syntax); else fetch the index again. Its first file is {files[0]}."
        ) from None
    finally:
        connection.close()


def _config(memory: str, spill: Path) -> dict[str, Any]:
    # No extension is downloaded behind our back.
    offline = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    return {"memory_limit": memory, "temp_directory": str(spill), "preserve_insertion_order": False, **offline}


def _checked(batch: pa.RecordBatch) -> Iterator[tuple[str, WantedRecord]]:
    """The rows of an answer; BadInput for one that names no place in a WARC file."""
    for path, offset, length, digest, url in zip(*(column.to_pylist() for column in batch.columns), strict=True):
        if not path or offset is None or length is None or offset < 0 or length < 1 or not stays_inside(path):
            raise BadInput(
                f"The columnar index is damaged: it places {url!r} at byte {offset} of {path!r}, {length} bytes long. "
                "Fetch it again."
            )
        yield path, WantedRecord(offset, length, digest, url)


def _write(file: Path, ranges: Iterator[ByteRange], path: Path) -> RangePlan:
    files: dict[str, None] = {}
    counts = {"ranges": 0, "records": 0, "record_bytes": 0, "range_bytes": 0}
    rows: list[dict[str, Any]] = []
    with pq.ParquetWriter(file, PLAN, compression="zstd") as writer:
        for found in ranges:
            files[found.path] = None
            counts["ranges"] += 1
            counts["records"] += len(found.records)
            counts["record_bytes"] += sum(record.length for record in found.records)
            counts["range_bytes"] += found.end - found.start
            records = [record._asdict() for record in found.records]
            rows.append({"warc_path": found.path, "start": found.start, "end": found.end, "records": records})
            if len(rows) == ROWS_AT_ONCE:
                writer.write_batch(pa.RecordBatch.from_pylist(rows, schema=PLAN))
                rows = []
        if rows:
            writer.write_batch(pa.RecordBatch.from_pylist(rows, schema=PLAN))
    return RangePlan(path, tuple(files), **counts)
