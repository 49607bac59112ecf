"""The report of a take-down for a person."""

from rich.table import Table

from include.take_down.case import Case


def heading(case: Case) -> str:
    """What the take-down is about, in one line."""
    return f"take-down {case.id}: {case.pages} pages named by {case.rules} rules"


def render(case: Case, dry: bool) -> Table:
    """What went, or would go, and what is left, by place."""
    table = Table()
    table.add_column("place")
    table.add_column("rows that would go" if dry else "rows removed", justify="right")
    if not dry:
        table.add_column("left", justify="right")
    gone = case.found | ({} if dry else case.removed)
    for place in [*gone, *(place for place in case.left if place not in gone)]:
        cells = [place, str(gone.get(place, ""))]
        table.add_row(*cells, *([] if dry else [str(case.left.get(place, ""))]))
    return table


def lines(case: Case) -> list[str]:
    """What became of the releases, and the time that each step took."""
    said = [f"{crawl}: the new version is {tag}" for crawl, tag in sorted(case.versions.items())]
    said += [f"{crawl}: no new version ({why})" for crawl, why in sorted(case.not_rebuilt.items())]
    said += [f"withdrawn: {', '.join(case.withdrawn)}"] if case.withdrawn else []
    said += [f"a model was trained while the pages were in: {crawl}" for crawl in case.trained_on_it]
    said += [f"{case.tombstones} emptied rows say that a page is gone"] if case.tombstones else []
    said.append(", ".join(f"{step} {seconds:.1f} s" for step, seconds in case.seconds.items()))
    if case.state == "proven":
        said.append("Nothing is left: every Parquet file of lake, store and releases was searched.")
    return said
