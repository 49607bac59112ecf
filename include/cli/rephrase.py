"""Commands from documents to accepted generations."""

from dataclasses import replace
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from include import stages
from include.cli.options import CrawlOption, SetOption, open_work, out, show, show_warnings

UnitOption = Annotated[
    str | None, typer.Option(help="Generate this unit alone, such as 0-4096; the last plan named them.", metavar="UNIT")
]


def teachers() -> None:
    """List whose outputs may train other models, with the source of each statement."""
    from include.teachers.listing import render_catalogue

    _print(render_catalogue())


def plan(crawl: CrawlOption, overrides: SetOption = None) -> None:
    """Decide what is to be generated, and show what that would cost. Starts no engine."""
    from include.rephrase.cost_text import render

    work = open_work(overrides)
    _print(render(stages.plan_rephrase(work, crawl)))
    out.print(f"units: {' '.join(stages.units(work, crawl))}")


def generate(crawl: CrawlOption, unit: UnitOption = None, overrides: SetOption = None) -> None:
    """Generate what the store lacks of a plan: all its units one after the other, or one of them."""
    work = open_work(overrides)
    for name in [unit] if unit else stages.units(work, crawl):
        summary = stages.generate(work, crawl, name)
        figures = ", ".join(f"{figure} {value}" for figure, value in summary.items())
        out.print(f"[bold]unit {name}[/bold] {crawl}: {figures}")


def rephrase(crawl: CrawlOption, overrides: SetOption = None) -> None:
    """Documents to generations: plan, generate what is missing, collect."""
    plan(crawl, overrides)
    generate(crawl, None, overrides)
    show(stages.collect(open_work(overrides), crawl))


def gate(crawl: CrawlOption, overrides: SetOption = None) -> None:
    """Generations to accepted and quarantined ones."""
    report = stages.gate(open_work(overrides), crawl)
    for_programs = ("profile", "collapse", "warnings")
    show(replace(report, detail={name: value for name, value in report.detail.items() if name not in for_programs}))
    show_warnings(report)


def autotune(
    crawl: CrawlOption,
    overrides: SetOption = None,
    again: Annotated[bool, typer.Option("--again", help="Measure anew what was measured before.")] = False,
) -> None:
    """Try engine settings on a plan's own prompts; write the best ones into the parameters, with a picture."""
    report = stages.autotune(open_work(overrides), crawl, again)
    out.print(f"best for {report['teacher']}: {report['best']} (in {report['params_file']})", markup=False)


def _print(table: Table) -> None:
    Console(highlight=False).print(table)
