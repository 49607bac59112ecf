"""The suite that decides over the generations of a dump: their verdicts and what was accepted, as figures."""

from include.lake import Lake
from include.schemas import IDENTITY
from include.validate.expected import Expected, Suite
from include.validate.figures import NONE, Figures, one_row
from include.validate.gate_params import GateParams
from include.validate.history import Comparison
from include.validate.suites import collapse, drift

NOT_NULL = ("generation_key", "doc_id", "segment", "recipe", "variant", "accepted")
GROUPS = ("languages", "reasons", "accepted", "collapse", "lengths")
_WHO = f"concat_ws('/', {', '.join(IDENTITY)})"
_LOST = {
    "lost_verdicts": "abs((SELECT count(*) FROM generations) - (SELECT count(*) FROM verdicts))",
    "lost_accepted": "abs((SELECT count(*) FROM accepted) - (SELECT count(*) FROM verdicts WHERE accepted))",
    "lost_quarantined": "abs((SELECT count(*) FROM quarantined) - (SELECT count(*) FROM verdicts WHERE NOT accepted))",
}
_PER_RECIPE = """
    SELECT count(*) AS generations, coalesce(avg(accepted::INT), 0.0) AS accepted_share,
        coalesce(avg((reason IS NOT DISTINCT FROM 'engine_error')::INT), 0.0) AS failed_share
    FROM verdicts
"""
_WITHOUT_ACCEPTED = """
    SELECT coalesce(string_agg(recipe, ', ' ORDER BY recipe), $none) AS every_recipe_is_accepted
    FROM (SELECT recipe FROM verdicts GROUP BY recipe HAVING NOT bool_or(coalesce(accepted, false)))
"""
_GAPS = """(
    SELECT doc_id, recipe FROM (
        SELECT DISTINCT doc_id, recipe, segment, sentences, document_sentences FROM generations
    ) GROUP BY doc_id, recipe HAVING sum(sentences) IS DISTINCT FROM max(document_sentences)
)"""


def measure(lake: Lake, crawl: str, comparison: Comparison) -> Figures:
    """The figures, recomputed from the tables that the gate has written."""
    figures = Figures()
    with lake.query() as db:
        for table in ("generations", "verdicts", "accepted", "quarantined"):
            db.read_parquet([str(file) for file in lake.files(table, crawl)]).create_view(table)
        names = ("generations", "accepted_share", "failed_share")
        figures.measure(names, lambda: one_row(db, _PER_RECIPE))
        figures.measure(["every_recipe_is_accepted"], lambda: one_row(db, _WITHOUT_ACCEPTED, none=NONE))
        for name, count in _LOST.items():
            figures.measure([name], lambda name=name, count=count: one_row(db, f"SELECT {count} AS {name}"))  # type: ignore[misc]
        bad = {f"{column}_not_null": f"{column} IS NULL" for column in NOT_NULL}
        bad["accepted_pass_every_check"] = "accepted AND len(list_filter(checks, lambda c: NOT c.passed)) > 0"
        figures.count(db, "verdicts", bad, shown=_WHO)
        has_no_text = "NOT regexp_matches(coalesce(text, ''), '\\S')"
        figures.count(db, "accepted", {"accepted_have_text": has_no_text}, shown=_WHO)
        repeated = f"(SELECT {', '.join(IDENTITY)} FROM verdicts GROUP BY ALL HAVING count(*) > 1)"
        figures.count(db, repeated, {"one_verdict_per_generation": "true"}, shown=_WHO)
        figures.count(db, _GAPS, {"no_segment_lost": "true"}, shown="concat_ws('/', doc_id, recipe)")
    figures.measure(comparison.figures, lambda: comparison.figures)
    return figures


def expectations(params: GateParams) -> list[Expected]:
    """All expectations, in the order in which they are reported."""
    suite = Suite("gate")
    damaged = "The table 'generations' is damaged: collect it again from the store (stage rephrase)."
    defect = "This is a defect of the gate: keep the lake as it is and report it."
    return [
        suite.least(
            "generations", 1, "", "the dump has generations",
            "Nothing was rephrased: look for the reason in the reports of the stages ingest and rephrase "
            "(were all pages rejected, or is the crawl's source empty?).",
        ),
        *(suite.no_rows(f"{column}_not_null", f"every verdict has its {column}", damaged) for column in NOT_NULL),
        suite.no_rows(
            "one_verdict_per_generation", "document, segment, recipe, variant name one generation",
            "A segment was planned or collected twice: run the stage rephrase again on this dump.",
        ),
        suite.no_rows(
            "no_segment_lost", "the segments of each recipe hold all sentences of their document",
            "A segment was not planned or not collected: run the stage rephrase again on this dump.",
        ),
        suite.no_rows("lost_verdicts", "every generation has a verdict", defect),
        suite.no_rows("lost_accepted", "every accepted row is in the table of accepted rows", defect),
        suite.no_rows("lost_quarantined", "every other row is in quarantine", defect),
        suite.no_rows("accepted_have_text", "every accepted row has a text", defect),
        suite.no_rows("accepted_pass_every_check", "accepted rows pass every row check", defect),
        suite.most(
            "failed_share", params.max_failed_share, "max_failed_share", "few requests ended without an output",
            "Read the engine's errors (column 'error' of the quarantined rows) and run the stage rephrase again.",
        ),
        suite.least(
            "accepted_share", params.min_accepted_share, "min_accepted_share", "enough generations are accepted",
            "The teacher or a recipe does not do its work: see which reason rejects most, read its example, "
            "then change the teacher, the recipe or the bound.",
        ),
        suite.least(
            "accepted_share_is_good", params.warn_accepted_share, "warn_accepted_share",
            "a good share of generations is accepted",
            "Much of the teacher's work is thrown away: see which reason rejects most.", "warning",
            figure="accepted_share",
        ),
        suite.nobody(
            "every_recipe_is_accepted", f"{NONE} without", "", "every planned recipe has accepted rows",
            "These recipes cost generation and give nothing: drop them for this teacher, or change their wording.",
            "warning",
        ),
        *collapse.expectations(params.collapse),
        *drift.expectations(
            "gate.drift", params.drift, GROUPS,
            "Was the teacher, a recipe or a bound changed? If not, read some of these rows in 'accepted' and "
            "'quarantined' before anything is trained on them.",
        ),
    ]  # fmt: skip
