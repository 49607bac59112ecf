"""Removes what quotes a page outside of the tables: examples in Data Docs, and kept copies of the source's files."""

import re
from collections.abc import Iterator, Set
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

from include.ingest.cache import Cache
from include.ingest.fetch import is_remote, locate
from include.ingest.plan import read_batch
from include.lake import Lake, write_atomically
from include.take_down.tables import tables

HASH = re.compile(r"\b[0-9a-f]{32}\b")
_SECTION = re.compile(r"(?=<h[1-6]\b)")
_NOTICE = (
    "<!DOCTYPE html><html><head><meta charset='utf-8'><title>Taken down</title></head><body><p>This page quoted a page "
    "that was taken down. Run the stage that writes it again to have it without.</p></body></html>"
)


def remove_quotes(lake: Lake, names: Set[str]) -> int:
    """Cut the sections of HTML pages that name one of the pages or its children; returns how many pages had one."""
    changed = 0
    for file in quoting_files(lake):
        text = file.read_text(errors="replace")
        if not _named(text, names):
            continue
        head, *sections = _SECTION.split(text)
        kept = [section for section in sections if not _named(section, names)]
        end = "</body></html>" if sections and _named(sections[-1], names) else ""
        whole = file.suffix != ".html" or _named(head, names)
        write_atomically(file, (_NOTICE if whole else "".join([head, *kept, end])).encode())
        changed += 1
    return changed


def quoting_files(lake: Lake) -> Iterator[Path]:
    """Pages and reports of the lake: all files of text but for the take-downs' own and the lists."""
    for file in sorted(lake.root.rglob("*")):
        own = file.relative_to(lake.root).parts[0] in ("take_down", "opt_outs")
        if file.suffix in (".html", ".md", ".txt") and not own and file.is_file():
            yield file


def forget_copies(lake: Lake, folder: Path | None, names: Set[str]) -> int:
    """Remove the kept copies of files that hold the pages from the cache of sources; returns how many went."""
    if folder is None or not folder.is_dir():
        return 0
    cache = Cache(folder, 1)
    return sum(cache.forget(address) for address in _addresses(lake, names))


def _addresses(lake: Lake, names: Set[str]) -> set[str]:
    """Of the remote files that these pages stand in."""
    found = set()
    for table in tables(lake):
        if table.layer == "pages" and table.shard:
            source = read_batch(lake, table.crawl, table.shard).source
            for file in lake.files(*table) if is_remote(source) else []:
                rows = pq.read_table(file, columns=["doc_id", "warc_path"])
                hit = [page in names for page in rows["doc_id"].to_pylist()]
                found |= {locate(source, path) for path in pc.unique(rows["warc_path"].filter(hit)).to_pylist()}
    return found


def _named(text: str, names: Set[str]) -> bool:
    return any(name in names for name in HASH.findall(text))
