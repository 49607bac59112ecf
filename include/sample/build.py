"""The sample: three small dumps in Common Crawl's layout, the same bytes wherever the same Python builds them."""

import gzip
import json
import platform
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import yaml

from include.crawls import Crawl
from include.errors import BadInput
from include.lake import fingerprint, write_atomically
from include.sample.dress import dress, number, site_of, url_of
from include.sample.planted import Planted, planted_pages
from include.sample.prose import Text, find_texts
from include.sample.warcs import Response, write_warc

FOLDER = Path(__file__).parent
DATES = {
    "SAMPLE-2026-01": (date(2026, 1, 5), date(2026, 1, 16)),
    "SAMPLE-2026-02": (date(2026, 2, 2), date(2026, 2, 13)),
    "SAMPLE-2026-03": (date(2026, 3, 2), date(2026, 3, 13)),
}
PAGES = 378
"""Ordinary pages of a dump; with the planted ones about 400."""
RETURNING = PAGES // 3
"""How many of them were in the dump before, unchanged."""
FILES = 4
MANIFEST, STAMP = "manifest.json", ".stamp.json"


def build_sample(folder: Path) -> list[Crawl]:
    """Write the sample dumps and ``manifest.json`` (the planted cases) below ``folder``, unless they are there.

    Raises:
        BadInput: this Python comes without the sources of its library.
    """
    folder = folder.resolve()
    crawls = [Crawl(id=crawl, start=start, end=end, source=str(folder)) for crawl, (start, end) in DATES.items()]
    made_from = _fingerprint()
    if _is_current(folder, made_from):
        return crawls
    files: dict[str, bytes] = {}
    manifest = []
    for place, (crawl, texts) in enumerate(zip(crawls, _share_out(_all_texts()), strict=True)):
        planted = planted_pages(place + 1, crawl.start)
        files |= _dump(crawl, texts, planted)
        manifest += [_entry(crawl, page) for page in planted]
    files[MANIFEST] = json.dumps(manifest, indent=1, ensure_ascii=False).encode()
    for name, content in files.items():
        write_atomically(folder / name, content)
    # Written last: a build that was killed is done again.
    stamp = {"fingerprint": made_from, "files": {name: len(content) for name, content in sorted(files.items())}}
    write_atomically(folder / STAMP, json.dumps(stamp, indent=1).encode())
    return crawls


def _dump(crawl: Crawl, texts: list[Text], planted: list[Planted]) -> dict[str, bytes]:
    """The dump's files by their path in Common Crawl's layout."""
    ordinary = [_ordinary(text, crawl.start) for text in texts]
    free = ordinary + [page.response for page in planted if page.file is None]
    free.sort(key=lambda response: number(crawl.id, response.url))
    paths, files = [], {}
    for index in range(FILES):
        pinned = [page for page in planted if page.file == index]
        responses = [page.response for page in pinned if not page.cut] + free[index::FILES]
        responses += [page.response for page in pinned if page.cut]
        path = _warc_path(crawl, index)
        cut = any(page.cut for page in pinned)
        files[path] = write_warc(crawl, Path(path).name, _timed(crawl, index, responses), cut=cut)
        paths.append(path)
    listing = "".join(f"{path}\n" for path in paths).encode()
    return {f"crawl-data/{crawl.id}/warc.paths.gz": gzip.compress(listing, mtime=0)} | files


def _ordinary(text: Text, day: date) -> Response:
    site = site_of(text.topic)
    kind = "application/xhtml+xml; charset=UTF-8" if site.layout == "shop" else "text/html; charset=UTF-8"
    return Response(url_of(text, site), dress(text, site, day).encode(), kind)


def _warc_path(crawl: Crawl, index: int) -> str:
    """Two files share a segment, and segments are named after the second in which they were begun."""
    begun = int(crawl.released.timestamp()) + index // 2
    span = f"{crawl.start:%Y%m%d}000000-{crawl.end:%Y%m%d}000000"
    return f"crawl-data/{crawl.id}/segments/{begun}.{index // 2:02}/warc/{crawl.id}-{span}-{index:05}.warc.gz"


def _timed(crawl: Crawl, index: int, responses: list[Response]) -> list[tuple[datetime, Response]]:
    """Fetch times spread over the days of crawling."""
    start = datetime(crawl.start.year, crawl.start.month, crawl.start.day, 0, 0, index, tzinfo=UTC)
    step = timedelta(seconds=int((crawl.end - crawl.start).total_seconds()) // (len(responses) + 1))
    return [(start + step * place, response) for place, response in enumerate(responses)]


def _share_out(texts: list[Text]) -> list[list[Text]]:
    """The ordinary texts of each dump: a third comes back in the next, the rest is new."""
    dumps = [texts[:PAGES]]
    used = PAGES
    while len(dumps) < len(DATES):
        back = sorted(dumps[-1], key=lambda text: number("returns", len(dumps), text.topic, text.title))[:RETURNING]
        dumps.append(back + texts[used : used + PAGES - RETURNING])
        used += PAGES - RETURNING
    return dumps


def _all_texts() -> list[Text]:
    """As many texts as the dumps need, mixed: all articles, and of CPython's those with the longest paragraphs."""
    articles = [
        Text(
            f"article {entry['title']}",
            entry["title"],
            tuple(("p", part) for part in entry["text"].strip().split("\n\n")),
        )
        for entry in yaml.safe_load((FOLDER / "articles.yaml").read_text())
    ]
    found = find_texts()
    needed = PAGES + (len(DATES) - 1) * (PAGES - RETURNING) - len(articles)
    if len(found) < needed:
        raise BadInput(
            f"This Python's library holds only {len(found)} texts for the sample dumps, {needed} are needed. "
            "Its sources are missing: use a full CPython 3.11 (with its Lib folder, and pydoc_data)."
        )
    found.sort(key=lambda text: -text.words / len(text.blocks))
    return sorted(articles + found[:needed], key=lambda text: number(text.topic, text.title, text.blocks))


def _entry(crawl: Crawl, page: Planted) -> dict[str, str | None]:
    fields = asdict(page)
    return {"case": page.case, "crawl": crawl.id, "url": page.response.url} | {
        key: fields[key] for key in ("outcome", "reason", "note")
    }


def _fingerprint() -> str:
    """Of everything that decides the sample: this package's files and the Python whose texts it takes."""
    sources = sorted(path for path in FOLDER.rglob("*") if path.suffix in (".py", ".yaml", ".html", ".jsonl"))
    digests = {str(path.relative_to(FOLDER)): sha256(path.read_bytes()).hexdigest() for path in sources}
    return fingerprint(platform.python_version(), digests)


def _is_current(folder: Path, made_from: str) -> bool:
    try:
        stamp = json.loads((folder / STAMP).read_bytes())
        sizes = {name: (folder / name).stat().st_size for name in stamp["files"]}
    except (OSError, ValueError, KeyError):
        return False
    return bool(stamp["fingerprint"] == made_from and sizes == stamp["files"])
