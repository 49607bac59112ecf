"""The suite that decides over the corpus of a dump: the tables mix, real and heldout."""

from include.lake import Lake
from include.ledger import StageReport
from include.validate.corpus_params import CorpusGateParams
from include.validate.expected import Expected, Suite
from include.validate.figures import Figures, one_row
from include.validate.history import Comparison
from include.validate.suites import corpus_figures as of
from include.validate.suites import drift

NOT_NULL = ("row_id", "text", "doc_id", "copy", "url", "host", "words", "tokens")
GROUPS = ("languages", "recipes", "lengths")
_OF_SYNTHETIC = ("recipe", "generation_key", "teacher", "segment", "variant")
_IN_ARMS = "corpus WHERE layer <> 'heldout'"
_LEAKS = {
    "heldout_documents_in_an_arm": "doc_id IN (SELECT doc_id FROM heldout)",
    "heldout_texts_in_an_arm": "md5_number(text) IN (SELECT md5_number(text) FROM heldout)",
    "made_of_heldout_in_an_arm": (
        "generation_key IN (SELECT generation_key FROM accepted WHERE doc_id IN (SELECT doc_id FROM heldout))"
    ),
}
_HOSTS = {"heldout_hosts_in_an_arm": "host IN (SELECT host FROM heldout)"}
_STRANGERS = {
    "mix_rows_not_real": "origin = 'real' AND doc_id NOT IN (FROM real_documents)",
    "mix_rows_not_accepted": "origin = 'synthetic' AND generation_key NOT IN (FROM accepted_keys)",
}


def measure(lake: Lake, report: StageReport, params: CorpusGateParams, comparison: Comparison) -> Figures:
    """The figures of the corpus that ``report`` is about, which holds the settings of its mix, too."""
    figures, crawl, mix = Figures(), report.crawl, report.detail["params"]
    sources = mix["mixes"][mix["use"]]["sources"]
    figures.measure(["wrong_columns"], lambda: {"wrong_columns": of.wrong_columns(lake, crawl)})
    with lake.query() as db:
        of.create_views(db, lake, crawl)
        counts = ", ".join(f"count(*) FILTER (layer = '{layer}') AS {layer}_rows" for layer in of.LAYERS)
        names = [f"{layer}_rows" for layer in of.LAYERS]
        figures.measure(names, lambda: one_row(db, f"SELECT {counts} FROM corpus"))
        bad = {f"without_{column}": f"{column} IS NULL" for column in NOT_NULL}
        bad["empty_texts"] = "NOT regexp_matches(text, '\\S')"
        bad["unclear_origin"] = _unclear_origin()
        figures.count(db, "corpus", bad, shown="concat_ws('/', layer, row_id)")
        repeated = "(SELECT layer, row_id FROM corpus GROUP BY ALL HAVING count(row_id) > 1)"
        figures.count(db, repeated, {"repeated_row_id": "true"}, shown="concat_ws('/', layer, row_id)")
        leaks = _LEAKS | (_HOSTS if report.detail["heldout_by"] == "host" else {})
        for name, condition in leaks.items():
            figures.count(db, _IN_ARMS, {name: condition}, shown="concat_ws('/', layer, row_id)")
        for name, condition in _STRANGERS.items():
            figures.count(db, "mix", {name: condition}, shown="row_id")
        lost = ("lost_rows", "lost_words", "lost_tokens")
        figures.measure(lost, lambda: of.differences(db, report))

        def of_settings() -> dict[str, str | int]:
            found = of.by_source(db, sources)
            return {
                "shares": of.shares_off(found, sources, params.max_share_error),
                "repeats": of.repeated_too_often(found, sources),
                "budget": of.beyond_budget(found, sources, mix["tokens"]),
            }

        figures.measure(["shares", "repeats", "budget"], of_settings)
    figures.measure(comparison.figures, lambda: comparison.figures)
    return figures


def _unclear_origin() -> str:
    """Rows that do not say what they are: real with a recipe, synthetic without one."""
    some = " OR ".join(f"{column} IS NOT NULL" for column in _OF_SYNTHETIC)
    none = " OR ".join(f"{column} IS NULL" for column in _OF_SYNTHETIC)
    return (
        f"origin IS NULL OR origin NOT IN ('real', 'synthetic') OR (origin = 'real' AND ({some})) "
        f"OR (origin = 'synthetic' AND (layer <> 'mix' OR {none}))"
    )


def expectations(params: CorpusGateParams, heldout_by: str) -> list[Expected]:
    """All expectations, in the order in which they are reported.

    Args:
        heldout_by: ``host``: whole hosts are held out; ``document``: there were too few.
    """
    suite = Suite("corpus_gate")
    damaged = "The corpus is damaged or a defect of its stage made it: build it again (stage corpus)."
    leak = "Perplexity on held-out text would flatter the mix. This is a defect of the stage corpus: report it."
    leaks = {
        "heldout_documents_in_an_arm": "no held-out document is in an arm",
        "heldout_texts_in_an_arm": "no held-out text is in an arm",
        "made_of_heldout_in_an_arm": "nothing made from a held-out document is in an arm",
    }
    if heldout_by == "host":
        leaks["heldout_hosts_in_an_arm"] = "no page of a held-out host is in an arm"
    return [
        suite.nobody("wrong_columns", "none", "", "every file has the columns of a corpus", damaged),
        *(
            suite.least(
                f"{layer}_rows", 1, "", f"the table {layer} has rows",
                "Nothing was left for it: see the report of the stage corpus, and the settings under 'mix'.",
            )
            for layer in of.LAYERS
        ),
        *(suite.no_rows(f"without_{column}", f"every row has its {column}", damaged) for column in NOT_NULL),
        suite.no_rows("repeated_row_id", "no two rows of a table share their row_id", damaged),
        suite.no_rows("empty_texts", "every text has a letter or another sign", damaged),
        suite.no_rows("unclear_origin", "every row says whether it is real, or what made it", damaged),
        *(suite.no_rows(name, claim, leak) for name, claim in leaks.items()),
        suite.no_rows("mix_rows_not_real", "the real rows of the mix are in the real arm", damaged),
        suite.no_rows("mix_rows_not_accepted", "every synthetic row of the mix passed the gate", damaged),
        suite.no_rows("lost_rows", "the tables have the rows that the report says", damaged),
        suite.no_rows("lost_words", "words add up to what the report says", damaged),
        suite.no_rows("lost_tokens", "tokens add up to what the report says", damaged),
        suite.nobody(
            "shares", f"a miss of at most {params.max_share_error} and one text", "max_share_error",
            "sources have the shares of the mix that its settings ask for", damaged,
        ),
        suite.nobody("repeats", "the source's max_repeats", "", "no text is repeated more often than it may", damaged),
        suite.no_rows("budget", "the mix keeps to its budget of tokens, but for one text", damaged),
        *drift.expectations(
            "corpus_gate.drift", params.drift, GROUPS,
            "Were the mix, the recipes or the filters changed? If not, compare some rows with an earlier version's "
            "before anything is trained on them.",
        ),
    ]  # fmt: skip
