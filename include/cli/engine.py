"""Commands that run in the engine's environment; other processes of ours start them."""

from typing import Annotated

import typer

from include.cli.options import CrawlArgument, SetOption, open_work

app = typer.Typer(no_args_is_help=True)


@app.command()
def prepare(overrides: SetOption = None) -> None:
    """Bring the teacher's weights to this machine."""
    from include.rephrase.teacher import prepare_teacher

    work = open_work(overrides)
    prepare_teacher(work.settings, work.params.rephrase.teacher, work.params.rephrase.teacher_revision)


@app.command()
def serve(
    setup: Annotated[
        str, typer.Argument(help="Teacher and settings, as written by engines/start.py.", metavar="SETUP")
    ],
) -> None:
    """Be the engine of the worker that started this: requests on standard input, results on standard output."""
    from include.rephrase.engines.serve import serve
    from include.rephrase.engines.start import read_setup

    serve(*read_setup(setup))


@app.command()
def embed(crawl: CrawlArgument, overrides: SetOption = None) -> None:
    """Compare the meaning of a dump's generations with that of their sources and of benchmark items."""
    from include.validate.semantics.measure import write_semantics

    work = open_work(overrides)
    write_semantics(work.lake, crawl, work.params.gate, work.params.ingest.languages)


@app.command()
def train(crawl: CrawlArgument, overrides: SetOption = None) -> None:
    """Train the two arms of a dump's corpus."""
    from include.train.stage import train_release

    work = open_work(overrides)
    train_release(work.lake, crawl, work.params.train)
