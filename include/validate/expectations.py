"""The suite that decides over the generations of a dump, for Great Expectations Core 1.24.

Great Expectations reads no DuckDB and no Parquet row by row: DuckDB computes two small pandas frames (``rows``, one row
per generation without its text, and ``dump``, a single row of figures) and these are what is validated.
"""

from typing import Any

from include.lake import Lake
from include.params import GateParams
from include.schemas import IDENTITY
from include.validate.expected import NONE, Expected


def _not_null(column: str) -> Expected:
    return Expected(
        f"{column}_not_null", "rows", "critical", f"every verdict has its {column}", "0 rows without",
        "The table 'generations' is damaged: collect it again from the store (stage rephrase).",
        "ExpectColumnValuesToNotBeNull", {"column": column},
    )  # fmt: skip


def expectations(params: GateParams) -> list[Expected]:
    """All expectations, in the order in which they are reported."""
    return [
        Expected(
            "generations", "rows", "critical", "the dump has generations", "at least 1 row",
            "Nothing was rephrased: look for the reason in the reports of the stages ingest and rephrase "
            "(were all pages rejected, or is the crawl's source empty?).",
            "ExpectTableRowCountToBeBetween", {"min_value": 1},
        ),
        *map(_not_null, ("generation_key", "doc_id", "segment", "recipe", "variant", "accepted")),
        Expected(
            "one_verdict_per_generation", "rows", "critical", "document, segment, recipe, variant name one generation",
            "0 rows that share theirs with another",
            "A segment was planned or collected twice: run the stage rephrase again on this dump.",
            "ExpectCompoundColumnsToBeUnique", {"column_list": list(IDENTITY)},
        ),
        Expected(
            "no_segment_lost", "dump", "critical", "the segments of each recipe hold all sentences of their document",
            "0 documents with a gap",
            "A segment was not planned or not collected: run the stage rephrase again on this dump.",
            "ExpectColumnMaxToBeBetween", {"column": "documents_with_a_gap", "max_value": 0},
        ),
        Expected(
            "accepted_have_text", "rows", "critical", "every accepted row has a text", "at least 1 word each",
            "This is a defect of the gate: keep the lake as it is and report it.",
            "ExpectColumnValuesToBeBetween", {"column": "accepted_words", "min_value": 1},
        ),
        Expected(
            "accepted_pass_every_check", "rows", "critical", "accepted rows pass every row check",
            "0 failed checks each",
            "This is a defect of the gate: keep the lake as it is and report it.",
            "ExpectColumnValuesToBeBetween", {"column": "accepted_failed_checks", "max_value": 0},
        ),
        Expected(
            "failed_share", "dump", "critical", "few requests ended without an output",
            f"at most {params.max_failed_share} (gate.max_failed_share)",
            "Read the engine's errors (column 'error' of the quarantined rows) and run the stage rephrase again.",
            "ExpectColumnMaxToBeBetween", {"column": "failed_share", "max_value": params.max_failed_share},
        ),
        Expected(
            "accepted_share", "dump", "critical", "enough generations are accepted",
            f"at least {params.min_accepted_share} (gate.min_accepted_share)",
            "The teacher or a recipe does not do its work: see which reason rejects most, read its example, "
            "then change the teacher, the recipe or the bound.",
            "ExpectColumnMinToBeBetween", {"column": "accepted_share", "min_value": params.min_accepted_share},
        ),
        Expected(
            "accepted_share_is_good", "dump", "warning", "a good share of generations is accepted",
            f"at least {params.warn_accepted_share} (gate.warn_accepted_share)",
            "Much of the teacher's work is thrown away: see which reason rejects most.",
            "ExpectColumnMinToBeBetween", {"column": "accepted_share", "min_value": params.warn_accepted_share},
        ),
        Expected(
            "every_recipe_is_accepted", "dump", "warning", "every planned recipe has accepted rows",
            f"{NONE} without",
            "These recipes cost generation and give nothing: drop them for this teacher, or change their wording.",
            "ExpectColumnValuesToBeInSet",
            {"column": "recipes_without_accepted", "value_set": [NONE]},
        ),
    ]  # fmt: skip


_ROWS = """
    SELECT v.generation_key, v.doc_id, v.segment, v.recipe, v.variant, v.accepted, v.reason, g.finish_reason,
        g.stopped_at, list_filter(v.checks, lambda c: c.name = 'length_ratio')[1].value AS length_ratio,
        CASE WHEN v.accepted THEN coalesce(a.words, 0) END AS accepted_words,
        CASE WHEN v.accepted THEN len(list_filter(v.checks, lambda c: NOT c.passed)) END AS accepted_failed_checks
    FROM verdicts v
    LEFT JOIN generations g USING (doc_id, segment, recipe, variant)
    LEFT JOIN (
        SELECT doc_id, segment, recipe, variant, len(regexp_extract_all(text, '\\S+')) AS words FROM accepted
    ) a USING (doc_id, segment, recipe, variant)
    ORDER BY v.doc_id, v.segment, v.recipe, v.variant
"""

_DUMP = """
    WITH per_recipe AS (
        SELECT recipe, count(*) AS n, count(*) FILTER (accepted) AS accepted,
            count(*) FILTER (reason = 'engine_error') AS failed
        FROM verdicts GROUP BY recipe
    ), segments AS (
        SELECT DISTINCT doc_id, recipe, segment, sentences, document_sentences FROM generations
    ), gaps AS (
        SELECT doc_id, recipe FROM segments GROUP BY doc_id, recipe
        HAVING sum(sentences) IS DISTINCT FROM max(document_sentences)
    )
    SELECT coalesce(sum(n), 0)::BIGINT AS generations, coalesce(sum(accepted) / sum(n), 0.0) AS accepted_share,
        coalesce(sum(failed) / sum(n), 0.0) AS failed_share,
        (SELECT count(DISTINCT doc_id) FROM gaps) AS documents_with_a_gap,
        coalesce(string_agg(recipe, ', ' ORDER BY recipe) FILTER (accepted = 0), $none) AS recipes_without_accepted
    FROM per_recipe
"""


def frames(lake: Lake, crawl: str) -> dict[str, Any]:
    """The pandas frames to validate, recomputed from the tables that the gate has written."""
    with lake.query() as db:
        for table in ("generations", "verdicts", "accepted"):
            files = [str(file) for file in lake.files(table, crawl)]
            db.read_parquet(files).create_view(table)
        return {"rows": db.execute(_ROWS).df(), "dump": db.execute(_DUMP, {"none": NONE}).df()}
