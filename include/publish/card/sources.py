"""The real text of a release, and how to cite it all: sections of its dataset card."""

from typing import Any

from include.lake import Lake
from include.ledger import StageReport
from include.publish.card.markdown import table
from include.recipes.registry import known_recipes, load_recipe

COMMON_CRAWL = "CC-MAIN-"
_PAGES = """
    SELECT count(*) AS documents, count(DISTINCT host) AS hosts, min(fetched_at)::DATE AS first,
        max(fetched_at)::DATE AS last, count(DISTINCT warc_path) AS files
    FROM read_parquet($files)
"""
_BY = """
    SELECT coalesce({column}, '{none}') AS name, count(*) AS documents FROM read_parquet($files)
    GROUP BY ALL ORDER BY documents DESC, name
"""
MOST = 10


def sources(lake: Lake, crawl: str) -> str:
    """Where and when the pages were fetched, their languages and licences."""
    files = [str(file) for file in lake.files("documents", crawl)]
    with lake.query() as db:
        [pages] = db.sql(_PAGES, params={"files": files}).to_arrow_table().to_pylist()
        languages = db.execute(_BY.format(column="language", none="und"), {"files": files}).fetchall()
        licences = db.execute(_BY.format(column="license", none="none stated"), {"files": files}).fetchall()
    dump = (
        f"the crawl dump {crawl} of Common Crawl (https://commoncrawl.org), under its terms of use"
        if crawl.startswith(COMMON_CRAWL)
        else f"the crawl dump {crawl}"
    )
    fetched = "" if pages["first"] is None else f", fetched from {pages['first']} to {pages['last']}"
    return (
        f"{pages['documents']:,} documents of {pages['hosts']:,} hosts from {pages['files']:,} files of "
        f"{dump}{fetched}.\n\n"
        + table(["language", "documents"], _lines(languages))
        + "\n"
        + table(["the page's own licence", "documents"], _lines(licences))
    )


def _lines(counts: list[Any]) -> list[list[str]]:
    shown = [[str(name), f"{count:,}"] for name, count in counts[:MOST]]
    rest = sum(count for _, count in counts[MOST:])
    return [*shown, *([[f"{len(counts) - MOST} others", f"{rest:,}"]] if rest else [])]


def citation(crawl: str, report: StageReport) -> str:
    """An entry for this corpus, and the papers that its recipes come from."""
    origins = sorted({load_recipe(name).origin for name in report.detail["by_recipe"] if name in known_recipes()})
    papers = "".join(f"- {origin}\n" for origin in origins) or "- none: there is no synthetic text.\n"
    return (
        "```bibtex\n"
        f"@misc{{rewrap-{crawl.lower()},\n"
        f"  title = {{{crawl}: real and rephrased web text}},\n"
        "  howpublished = {Made by Rewrap},\n"
        f"  note = {{Fingerprint {report.detail['fingerprint']}; name the version's tag}}\n"
        "}\n```\n\nWhat the recipes were made after:\n\n" + papers
    )
