"""What becomes of one page record: a row of the table ``pages``, kept, rejected or failed, with the reason."""

import hashlib
import re
import uuid
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from include.ingest import extract, language, privacy, quality, rights
from include.ingest.contamination import Benchmarks
from include.ingest.source import explain
from include.ingest.warc import Record
from include.params import IngestParams

HTML = ("text/html", "application/xhtml+xml")
_ALPHANUMERIC = re.compile(r"[^\W_]+")
_STORED_SIGNALS = ("words", "mean_word_length", "symbol_word_ratio", "alphabetic_words", "duplicate_line_share")


@dataclass(frozen=True)
class Rules:
    """What decides a page, loaded once per batch."""

    params: IngestParams
    benchmarks: Benchmarks


def judge_page(record: Record, crawl: str, path: str, rules: Rules) -> dict[str, Any]:
    """The row (schema PAGE) of a page record or of damage. Never raises for what the page contains."""
    row = {
        "doc_id": _doc_id(record, path),
        "crawl": crawl,
        "url": record.url,
        "host": _host(record.url),
        "fetched_at": record.fetched_at,
        "warc_path": path,
        "warc_offset": record.offset,
        "emails": 0,
        "phones": 0,
        "status": "kept",
    }
    if record.failure:
        return {**row, "status": "failed", "reason": record.failure, "detail": record.detail}
    refused = _judge_headers(record)
    if refused:
        return {**row, "status": "rejected", "reason": refused[0], "detail": refused[1]}
    try:
        refused = _read_page(row, record, rules.params) or _judge_text(row, rules)
    # Native code reports its own defects as PanicException, which is no Exception; one page must not stop a batch.
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        return {**row, "status": "failed", "reason": "unreadable_page", "detail": explain(error)}
    if refused:
        status = "failed" if refused[0] == "unreadable_page" else "rejected"
        return {**row, "status": status, "reason": refused[0], "detail": refused[1]}
    return row


def content_hash(text: str) -> str:
    """128-bit hash of the text in lower case with everything but letters and digits folded to one space."""
    folded = " ".join(_ALPHANUMERIC.findall(text.lower()))
    return hashlib.blake2b(folded.encode(), digest_size=16).hexdigest()


def _judge_headers(record: Record) -> tuple[str, str] | None:
    if record.status not in (None, 200):
        return "http_status", str(record.status or "no status")
    if record.mime not in HTML and (record.mime or not extract.looks_like_html(record.payload)):
        return "not_html", record.mime or "no MIME type, and it does not begin like HTML"
    if record.too_large:
        return "too_large", record.too_large
    return None


def _read_page(row: dict[str, Any], record: Record, params: IngestParams) -> tuple[str, str] | None:
    """Fill in robots, text and all that follows from the text alone; (reason, detail) if there is none."""
    html = extract.decode(record.payload, record.charset)
    robots = rights.directives(html, record.robots)
    row["robots"] = ",".join(robots)
    opted_out = [directive for directive in params.opt_out_directives if directive.lower() in robots]
    if opted_out:
        return "opt_out", ", ".join(opted_out)
    unreadable = extract.refuse_reason(html)
    if unreadable:
        return "unreadable_page", unreadable
    text, row["emails"], row["phones"] = privacy.mask(extract.main_text(html))
    if not text:
        return "empty_text", "no main content was found"
    row["text"] = text
    row["content_hash"] = content_hash(text)
    row["language"], row["language_score"] = language.detect(text)
    return None


def _judge_text(row: dict[str, Any], rules: Rules) -> tuple[str, str] | None:
    signals = quality.measure(row["text"])
    row.update({name: value for name, value in asdict(signals).items() if name in _STORED_SIGNALS})
    params, found, score = rules.params, row["language"], row["language_score"]
    if params.languages and (found not in params.languages or score < params.min_language_score):
        return "language", f"{found} ({score:.2f})"
    broken = quality.judge(signals, params, found)
    if broken:
        return broken
    orders = quality.find_orders(row["text"])
    if orders:
        return "addresses_a_model", orders
    ngram = rules.benchmarks.find(row["text"])
    return ("contaminated", ngram) if ngram else None


def _doc_id(record: Record, path: str) -> str:
    """The WARC-Record-ID's UUID, else a hash of the id, else one of the record's place: always 32 hex digits."""
    if record.id and not record.failure:
        try:
            return uuid.UUID(record.id.strip().strip("<>").removeprefix("urn:uuid:")).hex
        except ValueError:
            return hashlib.blake2b(record.id.encode(), digest_size=16).hexdigest()
    return hashlib.blake2b(f"{path}@{record.offset} {record.failure}".encode(), digest_size=16).hexdigest()


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # brackets that are no IPv6 address
        return ""
