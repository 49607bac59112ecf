"""The gate of one dump: judge every generation, quarantine what fails, and decide whether the rest may be published."""

from contextlib import ExitStack
from typing import Any

import pyarrow.compute as pc

from include.lake import Lake, fingerprint
from include.ledger import StageReport, recall, record
from include.params import GateParams
from include.recipes.registry import load_recipe
from include.schemas import GENERATION, JUDGED, VERDICT
from include.validate import data_docs
from include.validate.coverage import write_coverage
from include.validate.expectations import expectations, frames
from include.validate.figures import gate_report
from include.validate.judge import judge
from include.validate.outcome import (
    Outcome,
    raise_if_failed,
    read_outcome,
    require_passed,
    table_digest,
    write_outcome,
)
from include.validate.summary import write_summary

__all__ = ["require_passed", "run_gate"]

VERSION = "2"
STAGE = "gate"
LAYERS = {"verdicts": VERDICT, "accepted": JUDGED, "quarantined": JUDGED}
Example = dict[str, Any]
"""A quarantined row."""


def run_gate(lake: Lake, crawl: str, params: GateParams, languages: list[str]) -> StageReport:
    """Judge the table ``generations``; write ``verdicts``, ``accepted``, ``quarantined``, ``coverage``, Data Docs and
    the outcome. Rows keep the order of ``generations``.

    Texts are read and judged a row group at a time. What grows with the dump is one row without texts per generation,
    which Great Expectations wants in memory.

    Args:
        languages: ISO 639-1 codes that outputs may be in; empty allows every language.

    Raises:
        BadInput: the dump has no generations yet, or one of an unknown recipe.
        GateFailed: a critical expectation failed or could not be evaluated. Tables and pages are written all the same.
    """
    contracts = {name: load_recipe(name).fingerprint for name in _recipes(lake, crawl)}
    digest = table_digest(lake, crawl, "generations")
    key = fingerprint(VERSION, digest, params.model_dump(), sorted(languages), contracts)
    current = _current(lake, crawl, key)
    if current is not None:
        outcome, report = current
        raise_if_failed(lake, outcome)
        return report

    examples = _judge_all(lake, crawl, params, languages, key)
    write_coverage(lake, crawl, key)
    run_name = f"{crawl}-{key[:8]}"
    findings = data_docs.build(lake, crawl, "generations", frames(lake, crawl), expectations(params), run_name)
    report = gate_report(lake, crawl, STAGE, findings)
    summary = lake.path("data_docs", crawl, "generations") / "summary.html"
    write_summary(summary, report, findings, examples)
    record(lake, report)
    outcome = Outcome(
        crawl=crawl,
        passed=all(finding.passed for finding in findings if finding.severity == "critical"),
        fingerprint=key,
        judged=str(digest),
        expectations=tuple(findings),
        warnings=tuple(report.detail["warnings"]),
        data_docs=str(summary.relative_to(lake.root)),
    )
    # Last of all: until it is there, require_passed sees tables that no outcome vouches for.
    write_outcome(lake, outcome)
    raise_if_failed(lake, outcome)
    return report


def _recipes(lake: Lake, crawl: str) -> list[str]:
    files = [str(file) for file in lake.files("generations", crawl)]
    with lake.query() as db:
        return [recipe for (recipe,) in db.read_parquet(files).select("recipe").distinct().order("recipe").fetchall()]


def _current(lake: Lake, crawl: str, key: str) -> tuple[Outcome, StageReport] | None:
    """The last outcome and report, if everything they stand for was made from the same inputs."""
    outcome, report = read_outcome(lake, crawl), recall(lake, crawl, STAGE)
    if outcome is None or report is None or outcome.fingerprint != key:
        return None
    whole = all(lake.is_current(key, layer, crawl) for layer in (*LAYERS, "coverage"))
    return (outcome, report) if whole and (lake.root / outcome.data_docs).exists() else None


def _judge_all(lake: Lake, crawl: str, params: GateParams, languages: list[str], key: str) -> dict[str, Example]:
    """Write the tables of LAYERS; returns the first quarantined row of each reason."""
    examples: dict[str, Example] = {}
    with ExitStack() as stack:
        into = {
            layer: stack.enter_context(lake.stream(schema, layer=layer, crawl=crawl, fingerprint=key))
            for layer, schema in LAYERS.items()
        }
        for generations in lake.row_groups("generations", crawl, GENERATION.names):
            verdicts, judged = judge(generations, params, languages)
            quarantined = judged.filter(pc.invert(verdicts["accepted"]))
            into["verdicts"].write(verdicts)
            into["accepted"].write(judged.filter(verdicts["accepted"]))
            into["quarantined"].write(quarantined)
            for reason in set(pc.unique(quarantined["reason"]).to_pylist()) - examples.keys():
                examples[reason] = quarantined.slice(pc.index(quarantined["reason"], reason).as_py(), 1).to_pylist()[0]
    return examples
