"""The command that tells where a row of a corpus comes from."""

import json
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from include import stages
from include.cli.options import SetOption, open_work, out
from include.publish.lineage import Lineage

SHOWN = 400
"""Characters of a text that are shown."""


def lineage(
    row_id: Annotated[str, typer.Argument(help="A row of a corpus, by its column 'row_id'.")],
    crawl: Annotated[str | None, typer.Option(help="The row's dump: faster than a look into all.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Everything, with whole texts, for a program.")] = False,
    overrides: SetOption = None,
) -> None:
    """Show where a row of a corpus comes from: page, span, recipe, teacher, engine, checks."""
    found = stages.lineage(open_work(overrides), row_id, crawl)
    if as_json:
        print(json.dumps(asdict(found), indent=1, default=str, ensure_ascii=False))
    else:
        _show(found)


def _show(found: Lineage) -> None:
    _section("row", found.row | {"text": found.text})
    _section("page", found.page)
    for title, facts in (("span", found.span), ("recipe", found.recipe), ("teacher and engine", found.teacher)):
        if facts:
            _section(title, facts)
    if found.steps:
        _rows("generations that it follows from", found.steps)
        _rows("checks, with the bounds that hold now", found.checks)


def _section(title: str, facts: dict[str, Any]) -> None:
    out.print(f"\n[bold]{title}[/bold]")
    width = max(map(len, facts))
    for name, value in facts.items():
        if value is not None:
            out.print(f"  {name:{width}}  {escape(_short(value))}")


def _rows(title: str, rows: list[dict[str, Any]]) -> None:
    shown = Table(box=SIMPLE_HEAD, title=title, title_justify="left", title_style="bold")
    for name in rows[0]:
        shown.add_column(name)
    for row in rows:
        shown.add_row(*(escape("" if row.get(name) is None else _short(row[name])) for name in rows[0]))
    out.print(shown)


def _short(value: Any) -> str:
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    text = " ".join(text.split())
    return text if len(text) <= SHOWN else f"{text[:SHOWN]} ... ({len(text):,} characters)"
