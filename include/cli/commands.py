"""The table of all commands, in the order of ``--help``."""

from collections.abc import Callable

import typer

from include.cli import airflow, dumps, engine, lineage, release, rephrase, rights, versions

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Crawl dumps in, validated and versioned rephrased corpora out.",
)

PANELS: dict[str, tuple[Callable[..., None], ...]] = {
    "Dumps": (dumps.crawls, dumps.discover, dumps.sample, dumps.next_sample, dumps.ingest, dumps.completeness),
    "Rephrasing": (
        rephrase.teachers, rephrase.plan, rephrase.generate, rephrase.rephrase, rephrase.gate, rephrase.autotune,
    ),
    "Corpora": (
        release.corpus, release.publish, release.export, lineage.lineage, release.train, release.run,
    ),
    "Versions": (versions.releases, versions.diff, versions.rollback, versions.withdraw, versions.gc),
    "Rights": (rights.take_down,),
    "Airflow on this machine": (airflow.up, airflow.down, airflow.demo),
}  # fmt: skip
for panel, commands in PANELS.items():
    for command in commands:
        app.command(rich_help_panel=panel)(command)

app.add_typer(
    engine.app, name="engine", help="What runs in the engine's environment; the other commands start it themselves."
)
