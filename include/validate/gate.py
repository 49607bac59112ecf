"""The gate of one dump: judge every generation, quarantine what fails, and decide whether the rest may be published."""

from collections import Counter
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from include.lake import Lake, fingerprint
from include.ledger import StageReport, recall, record
from include.params import GateParams
from include.recipes.registry import load_recipe
from include.validate import data_docs
from include.validate.expectations import expectations, frames
from include.validate.judge import count_words, judge
from include.validate.outcome import (
    Finding,
    Outcome,
    raise_if_failed,
    read_outcome,
    require_passed,
    table_digest,
    write_outcome,
)
from include.validate.summary import write_summary

__all__ = ["require_passed", "run_gate"]

VERSION = "1"
STAGE = "gate"
FAILED = ("engine_error",)
"""Reasons that mean "never generated" and not "rejected"."""
IDENTITY = ("generation_key", "doc_id", "segment", "recipe")


def run_gate(lake: Lake, crawl: str, params: GateParams, languages: list[str]) -> StageReport:
    """Judge the table ``generations``; write ``verdicts``, ``accepted``, ``quarantined``, Data Docs and the outcome.

    Args:
        languages: ISO 639-1 codes that outputs may be in; empty allows every language.

    Raises:
        BadInput: the dump has no generations yet, or one of an unknown recipe.
        GateFailed: a critical expectation failed or could not be evaluated. Tables and pages are written all the same.
    """
    lake.files("generations", crawl)
    recipes = pc.unique(lake.read("generations", crawl, columns=["recipe"])["recipe"]).to_pylist()
    contracts = {name: load_recipe(name).fingerprint for name in recipes}
    digest = table_digest(lake, crawl, "generations")
    key = fingerprint(VERSION, digest, params.model_dump(), sorted(languages), contracts)
    current = _current(lake, crawl, key)
    if current is not None:
        outcome, report = current
        raise_if_failed(lake, outcome)
        return report

    generations = lake.read("generations", crawl).sort_by([(name, "ascending") for name in IDENTITY])
    verdicts, judged = judge(generations, params, languages)
    tables = {
        "verdicts": verdicts,
        "accepted": judged.filter(verdicts["accepted"]),
        "quarantined": judged.filter(pc.invert(verdicts["accepted"])),
    }
    for layer, table in tables.items():
        lake.write(table, layer=layer, crawl=crawl, fingerprint=key)

    run_name = f"{crawl}-{key[:8]}"
    findings = data_docs.build(lake, crawl, "generations", frames(lake, crawl), expectations(params), run_name)
    report = _report(crawl, verdicts, tables["accepted"], findings)
    summary = lake.path("data_docs", crawl, "generations") / "summary.html"
    write_summary(summary, report, findings, tables["quarantined"])
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


def _current(lake: Lake, crawl: str, key: str) -> tuple[Outcome, StageReport] | None:
    """The last outcome and report, if everything they stand for was made from the same inputs."""
    outcome, report = read_outcome(lake, crawl), recall(lake, crawl, STAGE)
    if outcome is None or report is None or outcome.fingerprint != key:
        return None
    whole = all(lake.is_current(key, layer, crawl) for layer in ("verdicts", "accepted", "quarantined"))
    return (outcome, report) if whole and (lake.root / outcome.data_docs).exists() else None


def _report(crawl: str, verdicts: pa.Table, accepted: pa.Table, findings: list[Finding]) -> StageReport:
    reasons = Counter(reason for reason in verdicts["reason"].to_pylist() if reason is not None)
    by_recipe: dict[str, dict[str, int]] = {}
    counts: list[dict[str, Any]] = (
        verdicts.group_by("recipe")
        .aggregate([("accepted", "sum"), ("accepted", "count")])
        .sort_by("recipe")
        .to_pylist()
    )
    for row in counts:
        by_recipe[row["recipe"]] = {"generations": row["accepted_count"], "accepted": int(row["accepted_sum"])}
    return StageReport(
        stage=STAGE,
        crawl=crawl,
        rows_in=verdicts.num_rows,
        rows_out=accepted.num_rows,
        rejected={reason: reasons[reason] for reason in sorted(reasons) if reason not in FAILED},
        failed={reason: reasons[reason] for reason in sorted(reasons) if reason in FAILED},
        detail={
            "accepted_words": count_words(accepted["text"]),
            "accepted_tokens": pc.sum(accepted["completion_tokens"]).as_py() or 0,
            "by_recipe": by_recipe,
            "warnings": [str(f) for f in findings if f.severity == "warning" and not f.passed],
        },
    )
