"""Puts a dump's generations together from its plan and the store."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from include.errors import RewrapError
from include.lake import Lake, fingerprint
from include.ledger import StageReport, recall_if_current, record
from include.rephrase.chain import Row, advance
from include.rephrase.replay import StoredChains, all_chains, planned_recipes
from include.schemas import GENERATION

VERSION = "2"
BATCH = 1024
"""Rows written together."""


def collect_generations(lake: Lake, crawl: str) -> StageReport:
    """Write the table ``generations``: replay every chain of the plan against the store, one after the other.

    Conservation is over chains: those that gave at least one whole text, those that stopped before their end (by the
    step), and those that ended with an error of the engine.

    Raises:
        BadInput: a recipe has changed since the plan was made.
        RewrapError: a chain has not come to its end yet.
    """
    made_from = fingerprint(VERSION, lake.finished("requests", crawl).origin)
    report = recall_if_current(lake, crawl, "rephrase", made_from)
    # What failed may have been made since then ('retry_failed').
    if report and not report.failed and lake.is_current(made_from, "generations", crawl):
        return report
    recipes = planned_recipes(lake, crawl)
    counts = _Counts()
    with (
        all_chains(lake, crawl) as chains,
        lake.stream(GENERATION, layer="generations", crawl=crawl, fingerprint=made_from) as table,
    ):
        for rows in _batches(_replay(chains, recipes, counts)):
            table.write(pa.Table.from_pylist(rows, schema=GENERATION))
        if counts.unfinished:
            raise RewrapError(
                f"{counts.unfinished} of {chains.count} chains of {crawl} lack generations yet. Run the generate step "
                "again: it makes only these."
            )
    return record(
        lake,
        StageReport(
            stage="rephrase",
            crawl=crawl,
            rows_in=chains.count,
            rows_out=counts.whole,
            rejected=dict(sorted(counts.stopped.items())),
            failed={"engine_error": counts.failed} if counts.failed else {},
            detail={"fingerprint": made_from, **counts.detail()},
        ),
    )


def is_collected(lake: Lake, crawl: str) -> bool:
    """Whether every chain of the dump's present plan has come to its end, as the last collection saw it."""
    made_from = fingerprint(VERSION, lake.finished("requests", crawl).origin)
    return recall_if_current(lake, crawl, "rephrase", made_from) is not None


def _replay(chains: StoredChains, recipes: dict[str, Any], counts: "_Counts") -> Iterator[dict[str, Any]]:
    for chain in chains:
        then = advance(chain.row, recipes[chain.row["recipe"]], chain.results)
        if then.ready:
            counts.unfinished += 1
        else:
            rows = chain.signed(then.generations)
            counts.add(chain.row, rows)
            yield from rows


def _batches(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


class _Counts:
    """What becomes the stage's report."""

    def __init__(self) -> None:
        self.unfinished = self.whole = self.failed = 0
        self.stopped: Counter[str] = Counter()
        self.teachers: set[tuple[str, str]] = set()
        self.engines: set[str] = set()
        self.by_recipe: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def add(self, chain: Row, texts: list[dict[str, Any]]) -> None:
        if any(text["stopped_at"] is None and text["error"] is None for text in texts):
            self.whole += 1
        elif any(text["error"] is not None for text in texts):
            self.failed += 1
        else:
            self.stopped[f"stopped_at_{texts[0]['stopped_at']}"] += 1
        self.teachers.add((chain["teacher"], chain["teacher_revision"]))
        self.engines |= {f"{text['engine']} {text['engine_version']}" for text in texts}
        self.by_recipe[f"{chain['recipe']}@{chain['recipe_version']}"].update(
            chains=1,
            generations=len({key for text in texts for key in text["made_of"]}),
            texts=len(texts),
            source_tokens=chain["source_tokens"],
            prompt_tokens=sum(text["prompt_tokens"] for text in texts),
            tokens=sum(text["completion_tokens"] for text in texts),
            predicted_tokens=chain["predicted_tokens"],
        )

    def detail(self) -> dict[str, Any]:
        total: Counter[str] = Counter()
        for counts in self.by_recipe.values():
            total.update(counts)
        return {
            "generations": total["generations"],
            "texts": total["texts"],
            "prompt_tokens": total["prompt_tokens"],
            "tokens": total["tokens"],
            "engines": sorted(self.engines),
            "teacher": ", ".join(sorted(name for name, _ in self.teachers)),
            "teacher_revision": ", ".join(sorted(revision for _, revision in self.teachers)),
            "by_recipe": {recipe: dict(its) for recipe, its in sorted(self.by_recipe.items())},
        }
