"""The list of crawl dumps: Common Crawl's own and those you add, with their dates."""

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path

import yaml

from include.errors import BadInput
from include.lake import write_atomically

COMMON_CRAWL = Path(__file__).with_name("crawls.yaml")
COMMON_CRAWL_SOURCE = "https://data.commoncrawl.org"
CRAWL_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,63}")


@dataclass(frozen=True, order=True)
class Crawl:
    """One dump: released when its crawling ended (``end``), found at ``source``."""

    end: date
    id: str
    start: date
    source: str
    place_in_day: int = field(default=0, compare=False)
    """How many dumps with smaller ids ended on the same day; set by :func:`load_crawls`."""

    @property
    def released(self) -> datetime:
        """When the dump's run becomes due: midnight UTC of the last day of crawling, a minute later for each dump of
        the day before it. Airflow tells the partitions of a backfill apart by this moment."""
        midnight = datetime(self.end.year, self.end.month, self.end.day, tzinfo=UTC)
        return midnight + timedelta(minutes=self.place_in_day)


def validate_id(crawl: str) -> str:
    """The id itself, if it can name a dump (and a folder). Raises BadInput."""
    if not CRAWL_ID.fullmatch(crawl) or ".." in crawl:
        raise BadInput(
            f"{crawl!r} cannot be a crawl id: 2 to 64 letters, digits, '.', '_' or '-', "
            "beginning with a letter or a digit, such as CC-MAIN-2025-47."
        )
    return crawl


def load_crawls(extra: Path | None = None) -> list[Crawl]:
    """All known dumps by release, no two at the same moment. ``extra`` is a file of your own dumps; it may be missing.

    Raises:
        BadInput: the extra file is not a list of dumps, or gives one another date or source than it has already.
    """
    crawls = _read(COMMON_CRAWL)
    if extra is not None and extra.exists():
        crawls = crawls + _read(extra)
    seen: dict[str, Crawl] = {}
    for crawl in crawls:
        # A dump that was discovered comes with a later release of this project as well.
        if seen.setdefault(crawl.id, crawl) != crawl:
            raise BadInput(f"Dump {crawl.id} is listed twice, and not alike; remove one entry from {extra}.")
    places: Counter[date] = Counter()
    ordered = []
    for crawl in sorted(seen.values()):
        ordered.append(replace(crawl, place_in_day=places[crawl.end]))
        places[crawl.end] += 1
    return ordered


def find_crawl(crawl: str, extra: Path | None = None) -> Crawl:
    """The dump with this id. Raises BadInput with the nearest known ids."""
    validate_id(crawl)
    crawls = load_crawls(extra)
    for known in crawls:
        if known.id == crawl:
            return known
    raise BadInput(unknown_crawl(crawl, [known.id for known in crawls], str(extra or "a crawls file")))


def unknown_crawl(crawl: str, known: list[str], crawls_file: str) -> str:
    """The message for an id that is in no list."""
    import difflib

    near = difflib.get_close_matches(crawl, known, n=3, cutoff=0.6) or known[-3:]
    return (
        f"There is no dump {crawl!r}. Did you mean {', '.join(near)}? 'python -m include.cli crawls' lists all "
        f"{len(known)}; add one of your own to {crawls_file}."
    )


def add_crawl(file: Path, crawl: Crawl) -> None:
    """Add a dump to a crawls file, or replace its entry; running Airflow picks it up at its next parse."""
    add_crawls(file, [crawl])


def add_crawls(file: Path, crawls: list[Crawl]) -> None:
    """Add dumps to a crawls file in one step, or replace their entries. Others may add to it at the same time."""
    from filelock import FileLock

    for crawl in crawls:
        validate_id(crawl.id)
    file.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(file.with_name(f".{file.name}.lock")):
        added = {crawl.id for crawl in crawls}
        kept = [known for known in (_parse(file) if file.exists() else ()) if known.id not in added]
        entries = [
            {"id": c.id, "from": c.start.isoformat(), "to": c.end.isoformat(), "source": c.source}
            for c in sorted([*kept, *crawls])
        ]
        write_atomically(file, yaml.safe_dump(entries, sort_keys=False).encode())


def _read(file: Path) -> list[Crawl]:
    stat = file.stat()
    return list(_parse_once(file, stat.st_mtime_ns, stat.st_size, stat.st_ino))


@lru_cache(maxsize=8)
def _parse_once(file: Path, *_: int) -> tuple[Crawl, ...]:
    return _parse(file)


def _parse(file: Path) -> tuple[Crawl, ...]:
    example = "- {id: MY-DUMP-1, from: 2026-01-01, to: 2026-01-31, source: /data/my-dump}"
    try:
        entries = yaml.load(file.read_text(), Loader=yaml.CSafeLoader)
        return tuple(
            Crawl(
                id=validate_id(str(entry["id"])),
                start=_day(entry["from"]),
                end=_day(entry["to"]),
                source=str(entry.get("source") or COMMON_CRAWL_SOURCE),
            )
            for entry in entries or []
        )
    except (yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise BadInput(f"{file} is not a list of dumps ({error}). An entry looks like this: {example}") from None


def _day(value: object) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))
