"""Commands from accepted text to a trained model, and the whole way."""

from include import stages
from include.cli import dumps, rephrase
from include.cli.options import CrawlOption, SetOption, SourceOption, open_work, out, show


def corpus(crawl: CrawlOption, overrides: SetOption = None) -> None:
    """Real and accepted text to a mix."""
    show(stages.build_corpus(open_work(overrides), crawl))


def publish(crawl: CrawlOption, overrides: SetOption = None) -> None:
    """Version the corpus with DVC and tag it."""
    release = stages.publish(open_work(overrides), crawl)
    state = "is new" if release["new"] else "was there already: the data is unchanged"
    out.print(f"{release['tag']} {state}\n  dvc get {release['repository']} {crawl} --rev {release['tag']}")


def train(crawl: CrawlOption, overrides: SetOption = None) -> None:
    """Train on real text alone and on the mix, and compare perplexities."""
    show(stages.train(open_work(overrides), crawl))


def run(crawl: CrawlOption, source: SourceOption = None, overrides: SetOption = None) -> None:
    """The whole way for one dump, without Airflow."""
    dumps.ingest(crawl, source, overrides)
    for stage in (rephrase.rephrase, rephrase.gate, corpus, publish, train):
        stage(crawl, overrides)
