"""The gate on the corpus of one dump: decides whether it may become a version."""

from dataclasses import asdict
from html import escape
from typing import Any

from include.errors import BadInput
from include.lake import Lake, fingerprint
from include.ledger import StageReport, recall, record
from include.validate.corpus_params import CorpusGateParams
from include.validate.deciding import broken_counts_as_failed, decide, summary_path
from include.validate.figures import rows
from include.validate.generations_report import sampled
from include.validate.history import Profile, compare, compared_with, recall_profiles, shares
from include.validate.outcome import (
    TABLES,
    Outcome,
    current_outcome,
    raise_if_failed,
    table_digest,
    write_outcome,
)
from include.validate.pages import cell, findings_table, not_judged, number, table, write_page
from include.validate.quantiles import quantiles
from include.validate.suites.corpus import GROUPS, expectations, measure
from include.validate.suites.drift import drifts

VERSION = "1"
STAGE = "corpus_gate"
_LENGTHS = """
    CREATE TABLE lengths AS
    SELECT coalesce(recipe, 'real') AS name, words, count(*) AS rows, sum(tokens)::BIGINT AS tokens
    FROM mix GROUP BY ALL
"""
_RECIPES = "SELECT name, sum(tokens)::BIGINT AS tokens FROM lengths GROUP BY name"
_LANGUAGES = "SELECT language, count(*) AS rows FROM mix JOIN documents USING (doc_id) GROUP BY language"


def run_corpus_gate(lake: Lake, crawl: str, earlier: list[str], params: CorpusGateParams) -> StageReport:
    """Validate the tables ``mix``, ``real`` and ``heldout``; write Data Docs, the report and the outcome.

    Args:
        earlier: dumps to compare with. Those whose corpus was not judged here or did not pass are passed over.

    Raises:
        BadInput: the dump has no corpus yet.
        GateFailed: a critical expectation failed or could not be evaluated.
    """
    for layer in TABLES["corpus"]:
        lake.files(layer, crawl)
    built = recall(lake, crawl, "corpus")
    if built is None:
        raise BadInput(
            f"There is no report of the corpus of {crawl}. Build it first: python -m include.cli corpus --crawl {crawl}"
        )
    with broken_counts_as_failed(lake, crawl, "corpus"):
        return _judge(lake, built, recall_profiles(lake, crawl, earlier, "corpus", STAGE), params)


def _judge(lake: Lake, built: StageReport, others: list[Profile], params: CorpusGateParams) -> StageReport:
    crawl = built.crawl
    digest = table_digest(lake, crawl, "corpus")
    key = fingerprint(VERSION, digest, asdict(built), params.model_dump())
    current = current_outcome(lake, crawl, "corpus", STAGE, key, compared_with(others, params))
    if current is not None:
        raise_if_failed(lake, current[0])
        return current[1]

    this = _profile(lake, built, params.drift.min_rows)
    comparison = compare(this, others, drifts(params.drift, GROUPS), params.drift.min_rows)
    expected = [
        item for item in expectations(params, built.detail["heldout_by"]) if item.name not in comparison.not_judged
    ]
    figures = measure(lake, built, params, comparison)
    outcome = decide(lake, crawl, "corpus", key, figures, expected, compared_with(others, params))
    total = sum(lake.finished(layer, crawl).rows for layer in TABLES["corpus"])
    detail = {
        "passed": outcome.passed,
        "warnings": list(outcome.warnings),
        "compared_with": [other.crawl for other in others],
        "not_judged": comparison.not_judged,
        "profile": asdict(this),
    }
    # It judges the corpus as a whole: each row comes out of it.
    report = StageReport(STAGE, crawl, rows_in=total, rows_out=total, detail=detail)
    _write_summary(lake, report, outcome, built.detail)
    record(lake, report)
    # Last of all: until it is there, nothing vouches for the report.
    write_outcome(lake, outcome)
    raise_if_failed(lake, outcome)
    return report


def _profile(lake: Lake, built: StageReport, min_rows: int) -> Profile:
    crawl = built.crawl
    with lake.query() as db:
        for name in ("mix", "documents"):
            db.read_parquet([str(file) for file in lake.files(name, crawl)]).create_view(name)
        db.execute(_LENGTHS)
        recipes = {row["name"]: row["tokens"] for row in rows(db, _RECIPES)}
        spoken = {str(row["language"]): row["rows"] for row in rows(db, _LANGUAGES)}
        lengths = quantiles(db, min_rows)
    budget = "mix.tokens bounds the mix" if built.detail["bounded_by"] == "mix.tokens" else ""
    tokens = sum(recipes.values())
    return Profile(
        crawl=crawl,
        rows=built.detail["rows"]["mix"],
        volume=tokens,
        sampled=sampled(lake, crawl) or budget,
        groups={
            "languages": shares(spoken, sum(spoken.values())),
            "recipes": shares(recipes, tokens),
            "lengths": lengths,
        },
    )


def _write_summary(lake: Lake, report: StageReport, outcome: Outcome, built: dict[str, Any]) -> None:
    mix = {name: built[name]["mix"] for name in ("rows", "words", "tokens")}
    body = [
        f"<p><strong>{mix['rows']} rows</strong> to train on: {mix['words']} words, {mix['tokens']} tokens "
        f"({escape(str(built['tokens_by']))}); {built['rows']['real']} rows of real text alone, "
        f"{built['rows']['heldout']} held out by {escape(built['heldout_by'])}. Bounded by "
        f"{escape(str(built['bounded_by']))}. "
        f"Compared with {escape(', '.join(report.detail['compared_with'])) or 'no earlier dump'}. "
        '<a href="index.html">Great Expectations\' own pages</a></p>',
        "<h2>Expectations</h2>",
        findings_table(outcome.expectations),
        *not_judged(report.detail["not_judged"]),
        "<h2>Sources of the mix</h2>",
        table(
            ("source", "rows", "tokens", "share", "wanted", "repeats"),
            (
                cell(name)
                + "".join(map(number, (its["rows"], its["tokens"], its["share"], its["share_wanted"], its["repeats"])))
                for name, its in sorted(built["sources"].items())
            ),
        ),
    ]
    write_page(summary_path(lake, report.crawl, "corpus"), f"Gate of the corpus of {report.crawl}", body)
