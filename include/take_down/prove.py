"""Looks for what is left of the pages of a take-down: in every Parquet file, whatever table it is of or is not.

What it asks does not depend on what was removed where: every column of texts is compared with every id, hash and text
of the pages, the rules are matched again with every URL, and no version that held them may be open.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from include.ingest.opt_outs.match import Matcher
from include.lake import Lake
from include.publish.registry import releases
from include.take_down.case import FOLDER, Case
from include.take_down.find import GONE, pages_of, places, read_found, text_hash
from include.take_down.quotes import HASH, quoting_files
from include.take_down.store import count_unasked
from include.take_down.tables import EMPTIED

if TYPE_CHECKING:
    import duckdb

CONTENT = ("text", "content_hash", "orders", "contaminated_by", "language", "license")
"""Columns that an emptied row must not have."""


def look_for_rest(lake: Lake, datasets: Path, remote: str, case: Case, matcher: Matcher) -> tuple[dict[str, int], int]:
    """What is left, by place (0 where nothing is), and how many rows only say of a page that it is gone."""
    found = read_found(lake, case) or GONE.empty_table()
    left: Counter[str] = Counter()
    tombstones = 0
    with lake.query() as query:
        query.register("found", found)
        query.execute("CREATE TABLE gone AS SELECT value FROM found WHERE kind <> 'text'")
        query.execute("CREATE TABLE gone_text AS SELECT value FROM found WHERE kind = 'text'")
        for place, kind, files in _alike(_parquet_files(lake, datasets, remote)):
            left[place] += _holding(query, kind, files, place)
            left[place] += sum(_named_again(file, matcher, case.crawls, place) for file in files)
            tombstones += _count(query, files, _TOMBSTONE) if place in EMPTIED else 0
    left["store, asked for by no page"] = count_unasked(lake)
    names = pages_of(found).keys()
    left["Data Docs and cards"] = sum(
        any(name in names for name in HASH.findall(file.read_text(errors="replace")))
        for file in (*quoting_files(lake), *sorted(datasets.glob("*/*.md")))
    )
    open_tags = {release.tag for release in releases(datasets) if release.withdrawn is None}
    left["versions not withdrawn"] = len(open_tags & set(case.withdrawn))
    return dict(left), tombstones


def _parquet_files(lake: Lake, datasets: Path, remote: str) -> Iterator[tuple[str, Path]]:
    """(place, file): of the lake, the working copies, and what DVC holds on this machine under its own names."""
    for file in sorted(lake.root.rglob("*.parquet")):
        place = file.relative_to(lake.root).parts[0]
        if place != FOLDER:
            yield place, file
    for file in sorted(datasets.glob("*/**/*.parquet")):
        if ".dvc" not in file.parts:
            yield "working copy", file
    for place, folder in (("DVC cache", datasets / ".dvc" / "cache"), ("DVC remote", Path(remote))):
        for file in sorted(folder.rglob("*")) if "://" not in remote or place == "DVC cache" else ():
            if file.is_file() and _is_parquet(file):
                yield place, file


def _alike(files: Iterable[tuple[str, Path]]) -> Iterator[tuple[str, pa.Schema, list[Path]]]:
    """(place, columns, files) of the files of a place that have the same columns: they are asked together."""
    groups: dict[tuple[str, str], tuple[pa.Schema, list[Path]]] = {}
    for place, file in files:
        kind = pq.read_schema(file)
        groups.setdefault((place, kind.to_string(show_schema_metadata=False)), (kind, []))[1].append(file)
    for (place, _), (kind, together) in groups.items():
        yield place, kind, together


def _is_parquet(file: Path) -> bool:
    with file.open("rb") as opened:
        return opened.read(4) == b"PAR1"


def _holding(query: "duckdb.DuckDBPyConnection", schema: pa.Schema, files: list[Path], place: str) -> int:
    """Rows with an id, a hash or a text of the pages in any column of texts."""
    tests = []
    for name, kind in zip(schema.names, schema.types, strict=True):
        if pa.types.is_string(kind) or pa.types.is_large_string(kind):
            quoted = f'"{name}"'
            tests += [f"{quoted} IN (FROM gone)", f"{text_hash(quoted)} IN (FROM gone_text)"]
            if name == "detail":
                tests.append(f"regexp_extract({quoted}, '{HASH.pattern}') IN (FROM gone)")
        elif pa.types.is_list(kind) and pa.types.is_string(kind.value_type):
            tests.append(f'EXISTS (SELECT 1 FROM unnest("{name}") AS one(value) WHERE value IN (FROM gone))')
    if not tests:
        return 0
    has_content = [f"{name} IS NOT NULL" for name in CONTENT if name in schema.names]
    scope = f"({' OR '.join(has_content)}) AND" if place in EMPTIED else ""
    return _count(query, files, f"{scope} ({' OR '.join(tests)})")


_TOMBSTONE = "text IS NULL AND doc_id IN (FROM gone)"


def _count(query: "duckdb.DuckDBPyConnection", files: list[Path], condition: str) -> int:
    names = [str(file) for file in files]
    [(count,)] = query.execute(f"SELECT count(*) FROM read_parquet(?) WHERE {condition}", [names]).fetchall()
    return int(count)


def _named_again(file: Path, matcher: Matcher, crawls: list[str], place: str) -> int:
    """Rows of the dumps in question whose URL, host or id the rules name."""
    names = pq.read_schema(file).names
    if not {"doc_id", "url"} <= set(names):
        return 0
    more = [name for name in ("crawl", "text") if name in names]
    count = 0
    for rows in places(file, more):
        hit = pc.is_valid(matcher.match(rows))
        if crawls and "crawl" in names:
            hit = pc.and_(hit, pc.is_in(rows["crawl"].combine_chunks(), value_set=pa.array(crawls)))
        elif crawls:
            continue
        if place in EMPTIED:
            hit = pc.and_(hit, pc.is_valid(rows["text"].combine_chunks()))
        count += pc.sum(hit).as_py() or 0
    return count
