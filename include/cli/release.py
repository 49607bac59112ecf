"""Commands from accepted text to a trained model, and the whole way."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from include import stages
from include.cli import dumps, rephrase
from include.cli.options import CrawlOption, SetOption, SourceOption, open_work, out, show, show_warnings


def corpus(crawl: CrawlOption, overrides: SetOption = None) -> None:
    """Real and accepted text to a mix, and the gate on it."""
    work = open_work(overrides)
    report = stages.build_corpus(work, crawl)
    show(replace(report, detail=_in_short(report.detail)))
    show_warnings(stages.gate_corpus(work, crawl))


def _in_short(detail: dict[str, Any]) -> dict[str, str]:
    """The figures of a corpus that a person looks for; all of them are in its report."""
    rows, tokens = detail["rows"], detail["tokens"]
    lines = {
        f"mix {detail['params']['use']}": f"{tokens['mix']} tokens in {rows['mix']} rows; bounded by "
        f"{detail['bounded_by']}"
    }
    for name, source in detail["sources"].items():
        lines[f"  {name}"] = (
            f"{source['share']:.1%} (wanted {source['share_wanted']:.1%}), {source['tokens']} of "
            f"{source['available_tokens']} tokens: {source['repeats']:g} times, at most {source['max_repeats']}"
        )
    for name in ("real", "heldout"):
        lines[name] = f"{tokens[name]} tokens in {rows[name]} rows"
    return lines | {"tokens by": detail["tokens_by"]}


def export(
    crawl: CrawlOption,
    folder: Annotated[Path, typer.Option("--out", help="Folder for the files.")],
    table: Annotated[str, typer.Option(help="mix, real or heldout.")] = "mix",
    tokenizer: Annotated[
        Path | None, typer.Option(help="tokenizer.json or a folder with one, instead of the teacher's.")
    ] = None,
    end: Annotated[
        str | None, typer.Option(help="The token that ends a document, instead of the tokenizer's own.")
    ] = None,
    overrides: SetOption = None,
) -> None:
    """Write the corpus as token ids that trainers read (Megatron-Core's indexed dataset)."""
    content = stages.export(open_work(overrides), crawl, table, tokenizer, end, folder)
    for name, shard in content["shards"].items():
        out.print(f"{folder / name}.bin, .idx: {shard['documents']} documents, {shard['tokens']} tokens")


def publish(crawl: CrawlOption, overrides: SetOption = None) -> None:
    """Version the corpus with DVC and tag it."""
    release = stages.publish(open_work(overrides), crawl)
    state = "is new" if release["new"] else "was there already: nothing is new"
    out.print(f"{release['tag']} {state}\n  dvc get {release['repository']} {crawl} --rev {release['tag']}")


def train(crawl: CrawlOption, overrides: SetOption = None) -> None:
    """Train on real text alone and on the mix, and compare perplexities."""
    show(stages.train(open_work(overrides), crawl))


def run(crawl: CrawlOption, source: SourceOption = None, overrides: SetOption = None) -> None:
    """The whole way for one dump, without Airflow."""
    dumps.ingest(crawl, source, overrides)
    for stage in (rephrase.rephrase, rephrase.gate, corpus, publish, train):
        stage(crawl, overrides)
