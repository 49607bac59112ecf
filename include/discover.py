"""Finds dumps that were released since the last look, in a list with the layout of Common Crawl's ``collinfo.json``.

The watermark (the newest dump ever seen) only moves forward: a list that has become shorter, or a dump that somebody
took out of the crawls file, brings nothing back.
"""

import json
import logging
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from include.crawls import COMMON_CRAWL_SOURCE, Crawl, add_crawls, load_crawls, validate_id
from include.errors import BadInput
from include.ingest.fetch import read_all
from include.ingest.policy import FetchPolicy, SourceUnavailable, explain
from include.lake import write_atomically

MAX_BYTES = 16 << 20
"""The list had 36 kB in 2025."""
COMMON_CRAWL_HOST = "https://index.commoncrawl.org/"
EXAMPLE = '{"id": "CC-MAIN-2025-47", "from": "2025-11-06T20:07:18", "to": "2025-11-19T12:34:13"}'

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Watermark:
    """The day on which the newest dump seen so far ended, and the dumps seen that ended on it."""

    end: date
    ids: frozenset[str]

    def is_before(self, crawl: Crawl) -> bool:
        return crawl.end > self.end or (crawl.end == self.end and crawl.id not in self.ids)


def discover_crawls(
    address: str, crawls_file: Path, watermark_file: Path, policy: FetchPolicy, today: date | None = None
) -> list[Crawl]:
    """Add the dumps that are new at ``address`` to the crawls file, and return them. Nothing new changes no file.

    Dumps of Common Crawl's own list are read from its data server, those of another list from the folder beside it.

    Args:
        address: a file, http(s):// or s3:// address of a list like ``collinfo.json``.
        today: bound of what can have been released; the day of the call (UTC) unless given.

    Raises:
        BadInput: the list or the watermark is unusable (nothing was changed), or single entries are (the others were
            added). SourceUnavailable: no answer after all attempts.
    """
    source = COMMON_CRAWL_SOURCE if address.startswith(COMMON_CRAWL_HOST) else address.rpartition("/")[0]
    known = load_crawls(crawls_file)
    watermark = _read_watermark(watermark_file)
    newest = (today or datetime.now(UTC).date()) + timedelta(days=1)  # clocks differ
    found, refused = _judge(_fetch(address, policy), source, newest)
    ids = {crawl.id for crawl in known}
    new = sorted(crawl for crawl in found.values() if crawl.id not in ids and watermark.is_before(crawl))
    if new:
        add_crawls(crawls_file, new)
        # Second, so that a kill between the two is mended by the next look: the dumps are known then.
        _write_watermark(watermark_file, watermark, new)
    for crawl in new:
        log.info("%s is new: crawled from %s to %s, at %s", crawl.id, crawl.start, crawl.end, crawl.source)
    problems = [problem for name, problem in refused if name not in ids]
    if problems:
        raise BadInput(
            f"{address} has {len(problems)} entries that are no dumps: {'; '.join(problems[:5])}. An entry looks like "
            f"this: {EXAMPLE}. {len(new)} new dumps were added; add the refused ones to {crawls_file} by hand if they "
            "are real."
        )
    return new


def _fetch(address: str, policy: FetchPolicy) -> list[Any]:
    """The entries of the list; BadInput if it is not one."""
    try:
        entries = json.loads(read_all(address, policy, MAX_BYTES))
    except SourceUnavailable:
        raise
    except OSError as error:
        raise BadInput(f"{address} cannot be read ({explain(error)}). Mend REWRAP_COLLINFO.") from None
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{address} is not a list of dumps in JSON ({explain(error)}). No dump was added.") from None
    if not isinstance(entries, list) or not entries:
        raise BadInput(f"{address} lists no dumps: it is {str(entries)[:80]!r}. No dump was added.")
    return entries


def _judge(entries: list[Any], source: str, newest: date) -> tuple[dict[str, Crawl], list[tuple[str, str]]]:
    """The dumps by id, and (id, what is wrong with it) of the entries that are none."""
    found: dict[str, Crawl] = {}
    refused: list[tuple[str, str]] = []
    for entry in entries:
        try:
            crawl = Crawl(id=validate_id(entry["id"]), start=_day(entry["from"]), end=_day(entry["to"]), source=source)
            _refuse_dates(crawl, newest)
            if found.setdefault(crawl.id, crawl) != crawl:
                raise ValueError("it is there twice with different dates")
        except (BadInput, KeyError, TypeError, ValueError) as error:
            name = entry.get("id") if isinstance(entry, dict) else None
            refused.append((str(name), f"{str(entry)[:120]!r} ({explain(error)})"))
    return found, refused


def _day(value: str) -> date:
    """The day of a moment such as 2025-11-19T12:34:13."""
    return datetime.fromisoformat(value).date()


def _refuse_dates(crawl: Crawl, newest: date) -> None:
    if crawl.start > crawl.end:
        raise ValueError("it ends before it begins")
    if crawl.end > newest:
        raise ValueError("it ends in the future")


def _read_watermark(file: Path) -> Watermark:
    """The stored watermark, or that of the dumps that came with the project if it is later."""
    known = load_crawls()
    end = known[-1].end
    shipped = Watermark(end, frozenset(crawl.id for crawl in known if crawl.end == end))
    try:
        content = json.loads(file.read_bytes())
        stored = Watermark(date.fromisoformat(content["end"]), frozenset(content["ids"]))
    except FileNotFoundError:
        return shipped
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(
            f"The watermark {file} is damaged ({explain(error)}). Remove it: the next look then adds every dump newer "
            f"than {end} that is not in your crawls file."
        ) from None
    if stored.end == end:
        return Watermark(end, stored.ids | shipped.ids)
    return stored if stored.end > end else shipped


def _write_watermark(file: Path, before: Watermark, new: list[Crawl]) -> None:
    end = max(before.end, *(crawl.end for crawl in new))
    ids = {crawl.id for crawl in new if crawl.end == end} | (before.ids if before.end == end else set())
    content = {"end": end.isoformat(), "ids": sorted(ids)}
    write_atomically(file, json.dumps(content, indent=1).encode())
