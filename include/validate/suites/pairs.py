"""The suite that decides over the preference pairs of one round.

A judgement that could not be read is missing, never low: counted as 0 or -1 it would choose the rejected text.
"""

from include.lake import Lake
from include.validate.expected import Expected, Suite
from include.validate.figures import Figures, one_row
from include.validate.pairs_params import PairsGateParams

NOT_NULL = (
    "pair_id", "round", "prompt", "chosen", "rejected", "chosen_score", "rejected_score", "model", "judge",
)  # fmt: skip
SIDES = ("chosen", "rejected")
_WORDS = "avg(len(regexp_extract_all({side}, '\\S+')))"
_WHOLE = f"""
    SELECT count(*) AS pairs,
        (SELECT count(DISTINCT prompt) FROM pairs) / greatest($prompts, 1) AS pair_yield,
        (SELECT stddev_pop(score) FROM (
            SELECT chosen_score AS score FROM pairs UNION ALL SELECT rejected_score FROM pairs
        )) AS score_spread,
        {_WORDS.format(side="chosen")} AS chosen_words, {_WORDS.format(side="rejected")} AS rejected_words,
        greatest(chosen_words / nullif(rejected_words, 0), rejected_words / nullif(chosen_words, 0)) AS length_gap
    FROM pairs
"""


def measure(lake: Lake, crawl: str, prompts: int, params: PairsGateParams) -> Figures:
    """The figures of the table ``pairs``.

    Args:
        prompts: that candidates were written for.
    """
    figures = Figures()
    with lake.query() as db:
        db.read_parquet([str(file) for file in lake.files("pairs", crawl)]).create_view("pairs")
        names = ("pairs", "pair_yield", "score_spread", "length_gap")
        figures.measure(names, lambda: one_row(db, _WHOLE, prompts=prompts))
        bad = {f"without_{column}": f"{column} IS NULL" for column in NOT_NULL}
        bad["empty_texts"] = " OR ".join(f"NOT regexp_matches({text}, '\\S')" for text in ("prompt", *SIDES))
        bad["chosen_is_rejected"] = "chosen = rejected"
        bad["no_better"] = "chosen_score <= rejected_score"
        bad["out_of_scale"] = " OR ".join(
            f"{side}_score NOT BETWEEN {params.lowest_score} AND {params.highest_score}" for side in SIDES
        )
        bad["too_few_judgements"] = " OR ".join(
            f"coalesce(len({_scores(side)}), 0) < {params.min_judgements}" for side in SIDES
        )
        bad["missing_counted_as_low"] = " OR ".join(
            f"abs({side}_score - list_avg({_scores(side)})) > 0.001" for side in SIDES
        )
        bad["contaminated"] = "contaminated_by IS NOT NULL"
        figures.count(db, "pairs", bad, shown="pair_id")
        for name, columns in {"repeated_pair_id": "pair_id", "repeated_pairs": "prompt, chosen, rejected"}.items():
            repeated = f"(SELECT any_value(pair_id) AS shown FROM pairs GROUP BY {columns} HAVING count(*) > 1)"
            figures.count(db, repeated, {name: "true"}, shown="shown")
        if lake.manifest("heldout", crawl) is not None:
            db.read_parquet([str(file) for file in lake.files("heldout", crawl)]).create_view("heldout")
            heldout = {"made_of_heldout": "doc_id IN (SELECT doc_id FROM heldout)"}
            figures.count(db, "pairs", heldout, shown="pair_id")
    return figures


def _scores(side: str) -> str:
    """SQL: the scores that could be read."""
    return f"list_filter(list_transform({side}_judgements, lambda j: j.score), lambda s: s IS NOT NULL)"


def expectations(params: PairsGateParams, with_heldout: bool) -> list[Expected]:
    """All expectations, in the order in which they are reported.

    Args:
        with_heldout: the dump has held-out documents, of which no pair may be made.
    """
    suite = Suite("pairs_gate")
    defect = "This is a defect of the stage that made the pairs: keep the table and report it."
    leak = "Measured on that text, the model would seem better than it is. Make the pairs again without it."
    judge = "Read some judgements: does the judge answer in the form that its parser reads?"
    return [
        suite.least("pairs", 1, "", "the round has pairs", judge),
        *(suite.no_rows(f"without_{column}", f"every pair has its {column}", defect) for column in NOT_NULL),
        suite.no_rows("empty_texts", "every prompt and every text has a letter or another sign", defect),
        suite.no_rows("repeated_pair_id", "no two pairs share their pair_id", defect),
        suite.no_rows("repeated_pairs", "no pair is there twice", "Training would weigh it twice: drop the repeats."),
        suite.no_rows("chosen_is_rejected", "a text is not preferred to itself", defect),
        suite.no_rows("no_better", "the chosen text has the higher score", "Ties and inverted pairs teach nothing."),
        suite.no_rows("out_of_scale", "scores are on the judge's scale", judge),
        suite.no_rows("too_few_judgements", f"every text has {params.min_judgements} judgements or more", judge),
        suite.no_rows("missing_counted_as_low", "a score is the mean of the judgements that have one", defect),
        suite.no_rows("contaminated", "no pair holds a benchmark item", leak),
        *([suite.no_rows("made_of_heldout", "no pair is made from held-out text", leak)] if with_heldout else []),
        suite.least("pair_yield", params.min_yield, "min_yield", "some prompts gave a pair", judge),
        suite.least(
            "pair_yield_is_good", params.warn_yield, "warn_yield", "a good share of the prompts gave a pair",
            "Much of what was written and judged is thrown away: are most candidates tied?", "warning",
            figure="pair_yield",
        ),
        suite.least(
            "score_spread", params.min_score_spread, "min_score_spread", "scores are spread over the scale",
            "The judge does not tell the candidates apart: change its prompt, or train it to judge.", "warning",
        ),
        suite.most(
            "length_gap", params.max_length_gap, "max_length_gap", "chosen and rejected texts are alike in length",
            "Preference for length alone grows from round to round: match pairs by length, or punish it.", "warning",
        ),
    ]  # fmt: skip
