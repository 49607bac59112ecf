"""Who wrote the synthetic text of a release, how, and under which terms: sections of its dataset card."""

from typing import Any

from include.errors import BadInput
from include.lake import Lake
from include.ledger import StageReport, recall
from include.publish.card.markdown import table
from include.recipes.registry import load_recipe

PLACEMENTS = {
    "before": "before the instruction",
    "after": "after the instruction",
    "alone": "alone, the instruction in the system prompt",
}
TEACHER = ["teacher", "teacher_revision", "teacher_terms"]
OVERRIDE = "override:"
"""How the terms of a teacher begin that nobody has looked up (:func:`include.teachers.catalogue.require_allowed`)."""


def distinct_rows(lake: Lake, crawl: str, columns: list[str], layer: str = "accepted") -> list[dict[str, Any]]:
    """The different values of these columns of the accepted generations, or of another table; sorted."""
    query = f"SELECT DISTINCT {', '.join(columns)} FROM read_parquet($files) ORDER BY ALL"
    with lake.query() as db:
        found = db.sql(query, params={"files": [str(file) for file in lake.files(layer, crawl)]})
        rows: list[dict[str, Any]] = found.to_arrow_table().to_pylist()
    return rows


def synthetic_text(lake: Lake, crawl: str, report: StageReport) -> str:
    """The recipes with their versions and teachers, and how much of the documents they cover."""
    by = ["recipe", "recipe_version", "recipe_hash", "teacher", "teacher_revision", "engine", "engine_version"]
    made = distinct_rows(lake, crawl, by)
    gate = recall(lake, crawl, "gate")
    assert gate is not None, "a corpus needs a gate that has passed"
    coverage = gate.detail["coverage"]
    in_mix = report.detail["by_recipe"]
    lines = []
    for row in made:
        mixed = in_mix.get(row["recipe"], {"rows": 0, "words": 0})
        lines.append(
            [
                row["recipe"],
                row["recipe_version"],
                *_as_it_was(row["recipe"], row["recipe_version"], row["recipe_hash"], row["teacher"]),
                f"{row['teacher']} ({row['teacher_revision']})",
                f"{row['engine']} {row['engine_version']}",
                f"{mixed['rows']:,}",
                f"{mixed['words']:,}",
                _percent(coverage["by_recipe"][row["recipe"]]),
            ]
        )
    head = [
        "recipe", "version", "origin", "document in the prompt", "text", "teacher (revision)", "engine",
        "rows in the mix", "words in the mix", "mean coverage",
    ]  # fmt: skip
    return f"{table(head, lines)}\n{_coverage(coverage['overall'])}"


def _as_it_was(recipe: str, version: str, made_by: str | None, teacher: str) -> list[str]:
    """Origin, placement of the document, and what the text is made of: as it was when the rows were made."""
    try:
        known = load_recipe(recipe)
    except BadInput:
        return ["not among the recipes any more", "unknown", "unknown"]
    if known.generation_fingerprint != made_by:
        now = f"now at version {known.version}" if known.version != version else "changed since"
        return [f"{known.origin}; {now}", "unknown", "unknown"]
    text = "the passage, then the output" if known.append_to_source else "the output"
    return [known.origin, PLACEMENTS[known.placement(teacher)], text]


def _percent(covered: dict[str, Any]) -> str:
    return f"{covered['mean']:.0%}"


def _coverage(overall: dict[str, Any]) -> str:
    return (
        "Coverage is the share of a document's sentences that begin in a segment with an accepted text: "
        f"{_percent(overall)} by any recipe, as the mean over the {overall['documents']:,} documents that were "
        f"rephrased, of which {overall['without_accepted']:,} have no accepted text. The table 'coverage' of the lake "
        "has it for each document.\n"
    )


def teachers(lake: Lake, crawl: str) -> str:
    """Why what each teacher wrote may train models; an override stands out."""
    lines = []
    for row in distinct_rows(lake, crawl, TEACHER):
        terms = row["teacher_terms"] or "its terms are not recorded."
        if terms.startswith(OVERRIDE):
            terms = f"**Nobody has looked up whether this may train models.** {terms}"
        lines.append(f"- `{row['teacher']}` (revision {row['teacher_revision']}): {terms}\n")
    return "".join(lines) or "There are none.\n"
