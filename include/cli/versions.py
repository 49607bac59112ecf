"""Commands about published versions: list, compare, go back, withdraw, tidy up."""

import json
from typing import Annotated, Any

import typer
from rich.table import Column, Table

from include.cli.options import out

TagArgument = Annotated[str, typer.Argument(help="A version, such as CC-MAIN-2025-47@v1.0.0.", metavar="TAG")]
TagsArgument = Annotated[list[str], typer.Argument(help="One version or several.", metavar="TAG...")]
JsonOption = Annotated[bool, typer.Option("--json", help="All figures as JSON, also those that are equal.")]
DryOption = Annotated[bool, typer.Option("--dry", help="Only say what would be removed.")]
ReasonOption = Annotated[str, typer.Option(help="Why; whoever used the versions reads it.")]


def releases() -> None:
    """List all versions, and why withdrawn ones were."""
    from include.publish import registry
    from include.settings import settings

    known = registry.releases(settings().datasets)
    for release in known:
        state = "" if release.withdrawn is None else f"  withdrawn: {release.withdrawn}"
        out.print(f"{release.tag:36} {release.commit[:10]}{state}", markup=False)
    if not known:
        out.print("No version was published yet. Make one: python -m include.cli publish --crawl CRAWL")


def diff(before: TagArgument, after: TagArgument, as_json: JsonOption = False) -> None:
    """Compare two versions: rows, words, tokens, recipes, teachers, acceptance, perplexities."""
    from include.publish import registry
    from include.settings import settings

    difference = registry.diff(settings().datasets, before, after)
    if as_json:
        figures = {name: {"before": old, "after": new} for name, (old, new) in difference.figures.items()}
        print(json.dumps({"before": before, "after": after, "figures": figures}, indent=1))
        return
    names = [name.rpartition("@")[2] for name in (before, after)]
    heads = names if names[0] != names[1] else [before, after]
    table = Table(Column("figure", no_wrap=True), *(Column(head, overflow="fold") for head in heads), "difference")
    for name, (old, new) in difference.changed.items():
        table.add_row(name, _shown(old), _shown(new), _gap(old, new))
    if difference.changed:
        out.print(table)
    equal = len(difference.figures) - len(difference.changed)
    out.print(f"{equal} {'other ' if difference.changed else ''}figures are equal (--json lists all).")


def rollback(tag: TagArgument) -> None:
    """Make an earlier version's data the newest version again."""
    from include.publish import registry
    from include.settings import settings

    release = registry.rollback(settings().datasets, settings().remote, tag)
    state = f"is new and holds what {tag} holds" if release.new else f"is the newest version and holds what {tag} holds"
    out.print(
        f"{release.tag} {state}\n  dvc get {release.repository} {release.crawl} --rev {release.tag}", markup=False
    )


def withdraw(tags: TagsArgument, reason: ReasonOption) -> None:
    """Withdraw versions: they stay listed with the reason, their data is removed from the cache and the remote."""
    from include.publish import registry
    from include.settings import settings

    registry.withdraw(settings().datasets, settings().remote, tags, reason)
    releases()


def gc(dry: DryOption = False) -> None:
    """Remove data that no version needs from the cache and the remote. The remote must serve this repository alone."""
    from include.publish import registry
    from include.settings import settings

    garbage = registry.collect_garbage(settings().datasets, dry)
    for place in ("cache", "remote"):
        objects, size = getattr(garbage, f"{place}_objects"), getattr(garbage, f"{place}_bytes")
        out.print(f"{place}: {objects} objects, {size:,} bytes {'would be removed' if dry else 'removed'}")


def _shown(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "-" if value is None else str(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:,.4g}"


def _gap(old: Any, new: Any) -> str:
    """The difference of two numbers, also as a part of the first."""
    numbers = [value for value in (old, new) if isinstance(value, int | float) and not isinstance(value, bool)]
    if len(numbers) < 2:
        return ""
    gap = new - old
    shown = f"{gap:+,}" if isinstance(gap, int) else f"{gap:+,.4g}"
    return f"{shown} ({gap / old:+.1%})" if old else shown
