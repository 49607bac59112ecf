"""Every stage from a shell: ``python -m include.cli --help``. dvc.yaml and the engine's process use it, too."""

import logging
import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer
import yaml
from rich.console import Console

from include import stages
from include.errors import BadInput, RewrapError
from include.lake import Lake
from include.ledger import StageReport
from include.rephrase.process import BAD_INPUT, ERROR, die_with_parent, started_by_us

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Crawl dumps in, validated and versioned rephrased corpora out.",
)
engine = typer.Typer(no_args_is_help=True, help="What runs in the engine's environment; the other commands call it.")
app.add_typer(engine, name="engine")
out = Console(highlight=False, soft_wrap=True)

CrawlArgument = Annotated[str, typer.Argument(help="The dump's id, such as CC-MAIN-2025-47.", metavar="CRAWL")]
CrawlOption = Annotated[str, typer.Option("--crawl", help="The dump's id, such as CC-MAIN-2025-47.")]
SourceOption = Annotated[
    str | None, typer.Option(help="Folder or http(s)/s3 address of the dump, instead of the listed one.")
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", help="A parameter for this run, such as rephrase.max_documents=5.", metavar="NAME=VALUE"),
]


@app.command()
def crawls() -> None:
    """List all known dumps with the day of their release."""
    from include.crawls import load_crawls
    from include.settings import settings

    for crawl in load_crawls(settings().crawls_file):
        out.print(f"{crawl.id:24} {crawl.end}  {crawl.source}")


@app.command()
def discover() -> None:
    """Look for dumps that were released since the last look, and add them to your list."""
    work = _open(None)
    for crawl in (new := stages.discover(work)):
        out.print(f"{crawl} is new and in {work.settings.crawls_file}; ingest_crawl will run for it, if unpaused.")
    if not new:
        out.print(f"{work.settings.collinfo} lists no dump that was not seen before.")


@app.command()
def sample() -> None:
    """Build the sample dumps and add the first two to your list of dumps."""
    from include.crawls import add_crawl
    from include.sample.build import build_sample
    from include.settings import settings

    dumps = build_sample(settings().home / "sample")
    for crawl in dumps[:2]:
        add_crawl(settings().crawls_file, crawl)
    out.print(f"{', '.join(crawl.id for crawl in dumps)} lie in {dumps[0].source}")


@app.command()
def next_sample() -> None:
    """Add the third sample dump to your list, as if it had just been released: a running Airflow picks it up."""
    from include.crawls import add_crawl
    from include.sample.build import build_sample
    from include.settings import settings

    crawl = build_sample(settings().home / "sample")[2]
    add_crawl(settings().crawls_file, crawl)
    out.print(f"{crawl.id} is in {settings().crawls_file}; ingest_crawl will run for it within a minute, if unpaused.")


@app.command()
def ingest(crawl: CrawlOption, source: SourceOption = None, overrides: SetOption = None) -> None:
    """WARC files to documents: read, decide, find duplicates, put together, gate."""
    work = _open(overrides)
    for batch in stages.plan_ingest(work, crawl, source):
        stages.extract_pages(work, crawl, batch)
    for bands in stages.plan_bands(work, crawl):
        stages.find_near_duplicates(work, crawl, bands)
    _show(stages.assemble_documents(work, crawl))
    stages.gate_documents(work, crawl)


@app.command()
def completeness(crawl: CrawlOption) -> None:
    """Show which files of a dump were read, and what is missing of them."""
    from include.ingest.completeness import describe
    from include.settings import settings

    for line in describe(Lake(settings().lake), crawl):
        out.print(line, markup=False)


@app.command()
def rephrase(crawl: CrawlOption, overrides: SetOption = None) -> None:
    """Documents to generations: plan, generate what is missing, collect."""
    work = _open(overrides)
    _show(stages.plan_rephrase(work, crawl))
    stages.generate(work, crawl)
    _show(stages.collect(work, crawl))


@app.command()
def gate(crawl: CrawlOption, overrides: SetOption = None) -> None:
    """Generations to accepted and quarantined ones."""
    _show(stages.gate(_open(overrides), crawl))


@app.command()
def corpus(crawl: CrawlOption, overrides: SetOption = None) -> None:
    """Real and accepted text to a mix."""
    _show(stages.build_corpus(_open(overrides), crawl))


@app.command()
def publish(crawl: CrawlOption, overrides: SetOption = None) -> None:
    """Version the corpus with DVC and tag it."""
    release = stages.publish(_open(overrides), crawl)
    state = "is new" if release["new"] else "was there already: the data is unchanged"
    out.print(f"{release['tag']} {state}\n  dvc get {release['repository']} {crawl} --rev {release['tag']}")


@app.command()
def train(crawl: CrawlOption, overrides: SetOption = None) -> None:
    """Train on real text alone and on the mix, and compare perplexities."""
    _show(stages.train(_open(overrides), crawl))


@app.command()
def run(crawl: CrawlOption, source: SourceOption = None, overrides: SetOption = None) -> None:
    """The whole way for one dump, without Airflow."""
    ingest(crawl, source, overrides)
    for stage in (rephrase, gate, corpus, publish, train):
        stage(crawl, overrides)


@app.command()
def up() -> None:
    """Start Airflow on an embedded database; prints its address and login."""
    from include.embedded import console
    from include.settings import settings

    console.up(settings())


@app.command()
def down() -> None:
    """Stop the embedded Airflow."""
    from include.embedded import console
    from include.settings import settings

    console.down(settings())


@app.command()
def demo() -> None:
    """The whole way for two sample dumps, scheduled by Airflow, with a summary at the end."""
    from include.embedded.demo import run_demo
    from include.settings import settings

    run_demo(settings())


@engine.command("prepare")
def engine_prepare(overrides: SetOption = None) -> None:
    """Bring the teacher's weights to this machine."""
    from include.rephrase.teacher import prepare_teacher

    work = _open(overrides)
    prepare_teacher(work.settings, work.params.rephrase.teacher, work.params.rephrase.teacher_revision)


@engine.command("generate")
def engine_generate(crawl: CrawlArgument, overrides: SetOption = None) -> None:
    """Generate what the store lacks of a dump's plan."""
    from include.rephrase.engines import start_engine
    from include.rephrase.teacher import prepare_teacher
    from include.rephrase.worker import generate

    work = _open(overrides)
    params = work.params.rephrase
    teacher = prepare_teacher(work.settings, params.teacher, params.teacher_revision)
    generate(work.lake, crawl, params.chunk_size, lambda: start_engine(teacher, params.engine))


@engine.command("train")
def engine_train(crawl: CrawlArgument, overrides: SetOption = None) -> None:
    """Train the two arms of a dump's corpus."""
    from include.train.stage import train_release

    work = _open(overrides)
    train_release(work.lake, crawl, work.params.train)


def _open(overrides: list[str] | None) -> stages.Workspace:
    return stages.open_workspace(parse_overrides(overrides or []))


def parse_overrides(settings: list[str]) -> stages.Overrides:
    """``["a.b=1"]`` to ``{"a": {"b": 1}}``; values are YAML. Raises BadInput."""
    overrides: stages.Overrides = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals or not all(name.split(".")):
            raise BadInput(f"--set {setting!r}: write section.name=value, such as rephrase.max_documents=5.")
        *sections, last = name.split(".")
        place: dict[str, Any] = overrides
        for section in sections:
            place = place.setdefault(section, {})
        place[last] = yaml.safe_load(value)
    return overrides


def _show(report: StageReport) -> None:
    """One line per stage, one more per reason."""
    out.print(f"[bold]{report.stage}[/bold] {report.crawl}: {report.rows_in} in, {report.rows_out} out")
    for kind, reasons in (("rejected", report.rejected), ("failed", report.failed)):
        for reason, count in sorted(reasons.items(), key=lambda item: -item[1]):
            out.print(f"  {kind} {reason}: {count}")
    for name, value in report.detail.items():
        out.print(f"  {name}: {value}")


def main(command: Callable[[], Any] = app) -> None:
    """Run a command; what a person can act on is one message, not a traceback."""
    die_with_parent()
    # The engine's lines pass through the log of the process that started it, which puts the time before them.
    time = "" if started_by_us() else "%(asctime)s "
    logging.basicConfig(level=logging.INFO, format=f"{time}%(name)s: %(message)s", datefmt="%H:%M:%S")
    for noisy in ("httpx", "httpcore", "great_expectations", "vllm"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    try:
        command()
    except RewrapError as error:
        print(f"{ERROR}{error}", file=sys.stderr, flush=True)
        sys.exit(BAD_INPUT if isinstance(error, BadInput) else 1)


if __name__ == "__main__":
    main()
