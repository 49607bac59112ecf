"""Commands about dumps: which there are, what was read of them, and their way to documents."""

from include import stages
from include.cli.options import CrawlOption, SetOption, SourceOption, open_work, out, show, show_warnings
from include.lake import Lake


def crawls() -> None:
    """List all known dumps with the day of their release."""
    from include.crawls import load_crawls
    from include.settings import settings

    for crawl in load_crawls(settings().crawls_file):
        out.print(f"{crawl.id:24} {crawl.end}  {crawl.source}")


def discover() -> None:
    """Look for dumps that were released since the last look, and add them to your list."""
    work = open_work()
    for crawl in (new := stages.discover(work)):
        out.print(f"{crawl} is new and in {work.settings.crawls_file}; ingest_crawl will run for it, if unpaused.")
    if not new:
        out.print(f"{work.settings.collinfo} lists no dump that was not seen before.")


def sample() -> None:
    """Build the sample dumps and add the first two to your list of dumps."""
    from include.crawls import add_crawl
    from include.sample.build import build_sample
    from include.settings import settings

    dumps = build_sample(settings().home / "sample")
    for crawl in dumps[:2]:
        add_crawl(settings().crawls_file, crawl)
    out.print(f"{', '.join(crawl.id for crawl in dumps)} lie in {dumps[0].source}")


def next_sample() -> None:
    """Add the third sample dump to your list, as if it had just been released: a running Airflow picks it up."""
    from include.crawls import add_crawl
    from include.sample.build import build_sample
    from include.settings import settings

    crawl = build_sample(settings().home / "sample")[2]
    add_crawl(settings().crawls_file, crawl)
    out.print(f"{crawl.id} is in {settings().crawls_file}; ingest_crawl will run for it within a minute, if unpaused.")


def ingest(crawl: CrawlOption, source: SourceOption = None, overrides: SetOption = None) -> None:
    """WARC files to documents: read, decide, find duplicates, put together, gate."""
    work = open_work(overrides)
    for batch in stages.plan_ingest(work, crawl, source):
        stages.extract_pages(work, crawl, batch)
    for bands in stages.plan_bands(work, crawl):
        stages.find_near_duplicates(work, crawl, bands)
    show(stages.assemble_documents(work, crawl))
    show_warnings(stages.gate_documents(work, crawl))


def completeness(crawl: CrawlOption) -> None:
    """Show which files of a dump were read, and what is missing of them."""
    from include.ingest.completeness import describe
    from include.settings import settings

    for line in describe(Lake(settings().lake), crawl):
        out.print(line, markup=False)
