"""What the commands share: their options, the workspace that they open, how a report is shown."""

from typing import Annotated, Any

import typer
import yaml
from rich.console import Console

from include import stages
from include.errors import BadInput
from include.ledger import StageReport

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


def open_work(overrides: list[str] | None = None) -> stages.Workspace:
    """The workspace with what was given as ``--set``."""
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


def show_warnings(report: StageReport) -> None:
    """What a gate warned of, a line each."""
    for warning in report.detail["warnings"]:
        out.print(f"warning: {warning}", markup=False)


def show(report: StageReport) -> None:
    """One line per stage, one more per reason."""
    out.print(f"[bold]{report.stage}[/bold] {report.crawl}: {report.rows_in} in, {report.rows_out} out")
    for kind, reasons in (("rejected", report.rejected), ("failed", report.failed)):
        for reason, count in sorted(reasons.items(), key=lambda item: -item[1]):
            out.print(f"  {kind} {reason}: {count}")
    for name, value in report.detail.items():
        out.print(f"  {name}: {value}", markup=False)
