"""A columnar index in Common Crawl's layout and schema, made from the records of WARC files."""

import gzip
import re
import zlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.parquet as pq

SCHEMA = pa.schema(
    [
        ("url_surtkey", pa.string()),
        ("url", pa.string()),
        ("url_host_name", pa.string()),
        ("url_host_tld", pa.string()),
        ("url_host_registered_domain", pa.string()),
        ("url_protocol", pa.string()),
        ("url_port", pa.int32()),
        ("url_path", pa.string()),
        ("url_query", pa.string()),
        ("fetch_time", pa.timestamp("ms")),
        ("fetch_status", pa.int16()),
        ("content_digest", pa.string()),
        ("content_mime_type", pa.string()),
        ("content_mime_detected", pa.string()),
        ("content_charset", pa.string()),
        ("content_languages", pa.string()),
        ("content_truncated", pa.string()),
        ("warc_filename", pa.string()),
        ("warc_record_offset", pa.int32()),
        ("warc_record_length", pa.int32()),
        ("warc_segment", pa.string()),
    ]
)
"""The flat schema of github.com/commoncrawl/cc-index-table, without a few parts of the host's name."""


def members(content: bytes) -> Iterator[tuple[int, int, str]]:
    """(offset, length, unpacked head and body) of each gzip member."""
    offset = 0
    while offset < len(content):
        unpacker = zlib.decompressobj(31)
        text = unpacker.decompress(content[offset:]).decode("latin-1")
        length = len(content) - offset - len(unpacker.unused_data)
        yield offset, length, text
        offset += length


def index_rows(path: str, content: bytes, languages: str = "eng") -> list[dict[str, Any]]:
    """The rows of a WARC file: its responses, with the digests that its own headers have."""
    rows = []
    for offset, length, text in members(content):
        head, _, block = text.partition("\r\n\r\n")
        fields = {name.lower(): value for name, value in re.findall(r"^([\w-]+):[ \t]*(.*?)\r?$", head, re.M)}
        if fields["warc-type"] != "response":
            continue
        http = block.partition("\r\n\r\n")[0]
        url = urlsplit(fields["warc-target-uri"])
        labels = (url.hostname or "").split(".")
        mime = re.search(r"^content-type:[ \t]*([^;\s]*)", http, re.M | re.I)
        rows.append(
            {
                "url_surtkey": f"{','.join(reversed(labels))}){url.path}",
                "url": url.geturl(),
                "url_host_name": url.hostname,
                "url_host_tld": labels[-1],
                "url_host_registered_domain": ".".join(labels[-2:]),
                "url_protocol": url.scheme,
                "url_port": url.port,
                "url_path": url.path,
                "url_query": url.query or None,
                "fetch_time": datetime.fromisoformat(fields["warc-date"]).replace(tzinfo=None),
                "fetch_status": int(http.split(" ")[1]),
                "content_digest": fields.get("warc-payload-digest", "").removeprefix("sha1:"),
                "content_mime_type": mime[1] if mime else None,
                "content_mime_detected": mime[1] if mime else None,
                "content_languages": languages,
                "warc_filename": path,
                "warc_record_offset": offset,
                "warc_record_length": length,
                "warc_segment": "1",
            }
        )
    return rows


def write_index(
    folder: Path, crawl: str, rows: list[dict[str, Any]], files: int = 2, listed: bool = True, row_group: int = 50
) -> list[Path]:
    """The rows in their order by SURT, cut into Parquet files of small row groups, and the list that names them."""
    ordered = sorted(rows, key=lambda row: row["url_surtkey"])
    size = -(-len(ordered) // files)
    written, paths = [], []
    for subset, part in [("warc", n) for n in range(files)] + [("crawldiagnostics", 0)]:
        path = f"cc-index/table/cc-main/warc/crawl={crawl}/subset={subset}/part-{part:05}.c000.gz.parquet"
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        mine = ordered[part * size : (part + 1) * size] if subset == "warc" else ordered
        pq.write_table(
            pa.Table.from_pylist(mine, schema=SCHEMA), folder / path, row_group_size=row_group, compression="gzip"
        )
        paths.append(path)
        if subset == "warc":
            written.append(folder / path)
    if listed:
        listing = folder / f"crawl-data/{crawl}/cc-index-table.paths.gz"
        listing.parent.mkdir(parents=True, exist_ok=True)
        listing.write_bytes(gzip.compress("".join(f"{path}\n" for path in paths).encode()))
    return written
