"""What one page record is: the head that its WARC record gives, and what its HTML holds.

The head is made where the file is read; :func:`read_page` runs in a worker process, because native parsers may hang,
crash or eat all memory on a page.
"""

import hashlib
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from include.ingest import extract, language, privacy, rights
from include.ingest.quality.orders import find_orders
from include.ingest.warc import Record

HTML = ("text/html", "application/xhtml+xml")
_FOLD = bytes(code if code > 127 or chr(code).isalnum() else 32 for code in range(256))


@dataclass(frozen=True)
class Reading:
    """What decides what is read from a page."""

    opt_outs: tuple[str, ...]
    mask: tuple[str, ...]
    language_model: Path | None


@dataclass(frozen=True)
class Body:
    """What a worker needs of a record."""

    payload: bytes
    charset: str
    headers: dict[str, list[str]]
    is_text: bool
    """The text itself (WET), not HTML."""


def head_of(record: Record, crawl: str, path: str) -> dict[str, Any]:
    """The columns of PAGE that the record gives; with status and reason if it has no page to read."""
    row = {
        "doc_id": _doc_id(record, path),
        "crawl": crawl,
        "url": record.url,
        "host": _host(record.url),
        "fetched_at": record.fetched_at,
        "warc_path": path,
        "warc_offset": record.offset,
        "status": "kept",
    }
    if record.failure:
        return {**row, "status": "failed", "reason": record.failure, "detail": record.detail}
    refused = _judge_headers(record)
    if refused:
        return {**row, "status": "rejected", "reason": refused[0], "detail": refused[1]}
    return row


def body_of(record: Record) -> Body:
    """The part of the record that goes to a worker."""
    headers = {name: [value] for name, value in record.headers.items()}
    return Body(record.payload, record.charset, headers, record.type == "conversion")


def read_page(body: Body, reading: Reading) -> dict[str, Any]:
    """The columns of PAGE that the page's content gives; with status and reason if it gives no text."""
    text = extract.decode(body.payload, body.charset)
    found: dict[str, Any] = {}
    if not body.is_text:
        said = rights.read_rights(text, body.headers)
        found = {
            "robots": ",".join(said.robots),
            "tdm_reservation": said.tdm_reservation,
            "tdm_policy": said.tdm_policy,
            "license": said.license,
        }
        if opted_out := rights.opt_outs(said, reading.opt_outs):
            return {**found, "status": "rejected", "reason": "opt_out", "detail": ", ".join(opted_out)}
        if unreadable := extract.refuse_reason(text):
            return {**found, "status": "failed", "reason": "unreadable_page", "detail": unreadable}
        taken = extract.extract(text)
        text, found["extraction_confidence"] = taken.text, taken.confidence
    masked = privacy.mask(text.strip(), reading.mask)
    if not masked.text:
        return {**found, "status": "rejected", "reason": "empty_text", "detail": "no main content was found"}
    spoken = language.measure(masked.text, reading.language_model)
    return found | {
        "text": masked.text,
        "extractor": "" if body.is_text else extract.extractor(),
        "content_hash": content_hash(masked.text),
        "language": spoken.code,
        "language_score": spoken.score,
        "language_share": spoken.share,
        "orders": find_orders(masked.text),
        **{f"{kind}s": count for kind, count in masked.counts.items()},
    }


def content_hash(text: str) -> str:
    """128-bit hash of the text in lower case, with white space and ASCII punctuation folded to one space."""
    folded = b" ".join(text.lower().encode("utf-8", "replace").translate(_FOLD).split())
    return hashlib.blake2b(folded, digest_size=16).hexdigest()


def _judge_headers(record: Record) -> tuple[str, str] | None:
    if record.status not in (None, 200):
        return "http_status", str(record.status or "no status")
    if record.too_large:
        return "too_large", record.too_large
    if record.type == "conversion":
        return None
    if record.mime not in HTML and (record.mime or not extract.looks_like_html(record.payload)):
        return "not_html", record.mime or "no MIME type, and it does not begin like HTML"
    return None


def _doc_id(record: Record, path: str) -> str:
    """The WARC-Record-ID's UUID, else a hash of the id, else one of the record's place: always 32 hex digits."""
    if record.id and not record.failure:
        try:
            return uuid.UUID(record.id.strip().strip("<>").removeprefix("urn:uuid:")).hex
        except ValueError:
            return hashlib.blake2b(record.id.encode(), digest_size=16).hexdigest()
    place = f"{path}@{record.offset} {record.failure} {record.detail}"
    return hashlib.blake2b(place.encode(), digest_size=16).hexdigest()


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # brackets that are no IPv6 address
        return ""
