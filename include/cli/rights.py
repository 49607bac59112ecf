"""Commands about the rights of others."""

from typing import Annotated

import typer
from rich.console import Console

from include import stages
from include.cli.options import SetOption, open_work, out
from include.errors import BadInput

FromOption = Annotated[
    list[str] | None,
    typer.Option("--from", help="A list: a file or an https:// address. Can be given several times.", metavar="LIST"),
]
RulesArgument = Annotated[
    list[str] | None,
    typer.Argument(help="Hosts, URLs, patterns or WARC-Record-IDs, as in a list.", metavar="RULE", show_default=False),
]
CrawlsOption = Annotated[
    list[str] | None, typer.Option("--crawl", help="Take down from this dump only. Can be given several times.")
]


def take_down(
    rules: RulesArgument = None,
    lists: FromOption = None,
    crawls: CrawlsOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would go; change nothing.")] = False,
    everything: Annotated[bool, typer.Option(help="Allow rules that name every document.")] = False,
    resume: Annotated[str | None, typer.Option(help="Go on with an interrupted take-down.", metavar="ID")] = None,
    overrides: SetOption = None,
) -> None:
    """Remove pages and all that was made of them, publish what is left, withdraw what held them, prove it."""
    from include.take_down.text import heading, lines, render

    work = open_work(overrides)
    if resume and (rules or lists or crawls):
        raise BadInput("--resume goes on with the rules and dumps of the interrupted take-down: give no others.")
    if resume is None:
        case = stages.find_pages(work, lists or [], rules or [], crawls or [], dry_run, everything)
        if dry_run:
            out.print(heading(case), markup=False)
            Console(highlight=False).print(render(case, dry=True))
            return
        resume = case.id
    for crawl in stages.remove_pages(work, resume).published:
        stages.rebuild_release(work, resume, crawl)
    case = stages.prove_take_down(work, resume)
    out.print(heading(case), markup=False)
    Console(highlight=False).print(render(case, dry=False))
    for line in lines(case):
        out.print(line, markup=False)
    out.print(f"report: {work.lake.root / 'take_down' / f'{case.id}.json'}", markup=False)
