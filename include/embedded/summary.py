"""What a newcomer reads at the end of the demo: figures from the lake's reports, nothing else."""

import json
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from include.lake import Lake
from include.ledger import StageReport, recall
from include.rephrase.cost import recall_estimate
from include.rephrase.progress import progress_of

TOKENS_PER_WORD = 1.6
"""Roughly, with the small tokenizers that the arms train."""
EXCERPT = 420
"""Characters of a page or a rephrase that are shown."""


def print_summary(lake: Lake, crawls: list[str], releases: dict[str, dict[str, Any]], console: Console) -> None:
    """Funnel, tokens, two pairs to read, versions and perplexities of each dump."""
    for crawl in crawls:
        console.rule(f"[bold]{crawl}")
        console.print(_funnel(lake, crawl))
        console.print(_generated(lake, crawl))
        console.print(_trained(lake, crawl))
        release = releases[crawl]
        console.print(
            f"Version [bold]{release['tag']}[/bold] ({'new' if release['new'] else 'unchanged'}). Get it with:\n"
            f"  .venv/bin/dvc get {release['repository']} {crawl} --rev {release['tag']}",
            soft_wrap=True,  # a command must be copied whole
        )
    console.rule("[bold]Two rephrases to read")
    for source, recipe, text in _pairs(lake, crawls[0]):
        console.print(Panel(escape(_excerpt(source)), title="original", title_align="left"))
        console.print(Panel(escape(_excerpt(text)), title=f"rephrased: {recipe}", title_align="left"))


def _report(lake: Lake, crawl: str, stage: str) -> StageReport:
    report = recall(lake, crawl, stage)
    assert report is not None, f"stage {stage} of {crawl} is said to be done but has no report"
    return report


def _funnel(lake: Lake, crawl: str) -> Table:
    ingest, plan = _report(lake, crawl, "ingest"), _report(lake, crawl, "plan")
    rephrase, gate = _report(lake, crawl, "rephrase"), _report(lake, crawl, "gate")
    table = Table("step", "rows", "why not the rest", title="From records to accepted text", title_justify="left")
    table.add_row("WARC records", str(ingest.rows_in), _reasons(ingest, "skipped_"))
    table.add_row("pages", str(ingest.detail["pages"]), _reasons(ingest))
    table.add_row("documents", str(ingest.rows_out), _reasons(plan))
    table.add_row("documents rephrased", str(plan.rows_out), "")
    table.add_row("segments", str(plan.detail["segments"]), "")
    table.add_row("generations", str(rephrase.rows_out), _reasons(gate))
    table.add_row("accepted", str(gate.rows_out), "")
    return table


def _reasons(report: StageReport, prefix: str = "") -> str:
    """Reasons with counts; skipped record types stand apart from what happened to pages."""
    counts = {**report.rejected, **report.failed}
    chosen = {name: n for name, n in counts.items() if name.startswith("skipped_") == bool(prefix)}
    ordered = sorted(chosen.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{name.removeprefix(prefix).replace('_', ' ')} {n}" for name, n in ordered)


def _generated(lake: Lake, crawl: str) -> str:
    """What was generated, at what speed, and what had been expected of that."""
    rephrase = _report(lake, crawl, "rephrase")
    progress = progress_of(lake, crawl) or {}
    tokens = f"{rephrase.detail['tokens']} output tokens, {rephrase.detail['prompt_tokens']} prompt tokens"
    if not progress.get("generated"):
        return f"Nothing was generated again: all {rephrase.rows_in} generations came from the store ({tokens})."
    rate = progress["tokens"] / max(progress["seconds"], 0.1)
    stored = max(0, rephrase.detail["generations"] - progress["generated"])
    made = f"{progress['generated']} generations made now at {rate:.0f} tokens/s"
    expected = recall_estimate(lake, crawl)
    assert expected is not None, f"{crawl} was planned without an estimate"
    before = f"about {expected.generations} with {expected.tokens} output tokens, and {progress['tokens']} they were"
    return f"{made}, {stored} from the store; in all {tokens}. The estimate had been {before}."


def _trained(lake: Lake, crawl: str) -> str:
    detail, words = _report(lake, crawl, "train").detail, _report(lake, crawl, "corpus").detail["words"]
    # Told because it explains much: a small corpus is seen again and again until the token budget is used up.
    seen = {arm: detail["tokens"] / (words[arm] * TOKENS_PER_WORD) for arm in ("real", "mix")}
    return (
        f"Perplexity on held-out real text after {detail['tokens']} tokens: "
        f"[bold]{detail['perplexity_real']:.1f}[/bold] trained on real text alone ({words['real']} words, seen about "
        f"{seen['real']:.1f} times), "
        f"[bold]{detail['perplexity_mix']:.1f}[/bold] trained on the mix ({words['mix']} words, of which "
        f"{words['mix_synthetic']} synthetic, seen about {seen['mix']:.0f} times) "
        f"(curves: {lake.path('training', crawl) / 'curves.png'})."
    )


def _pairs(lake: Lake, crawl: str) -> list[tuple[str, str, str]]:
    """Two accepted generations of different recipes."""
    rows = lake.read("accepted", crawl, columns=["source", "recipe", "text", "generation_key"]).to_pylist()
    rows.sort(key=lambda row: row["generation_key"])
    by_recipe = {row["recipe"]: row for row in rows}
    return [(row["source"], row["recipe"], row["text"]) for _, row in sorted(by_recipe.items())][:2]


def _excerpt(text: str) -> str:
    text = text.strip()
    return text if len(text) <= EXCERPT else text[:EXCERPT].rsplit(" ", 1)[0] + " ..."


def release_of(datasets: Any, crawl: str, tags_before: set[str]) -> dict[str, Any]:
    """The newest version of a dump and whether it was not there before."""
    from include.publish.registry import releases

    newest = [release for release in releases(datasets) if release.crawl == crawl and release.withdrawn is None][-1]
    content: dict[str, Any] = json.loads(json.dumps(vars(newest), default=str))
    return content | {"new": newest.tag not in tags_before}
