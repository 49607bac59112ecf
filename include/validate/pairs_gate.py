"""The gate on the preference pairs of one round: decides whether a model may be trained on them."""

from include.errors import BadInput
from include.lake import Lake, fingerprint
from include.ledger import StageReport, recall, record
from include.validate.deciding import broken_counts_as_failed, decide, summary_path
from include.validate.outcome import current_outcome, raise_if_failed, table_digest, write_outcome
from include.validate.pages import findings_table, write_page
from include.validate.pairs_params import PairsGateParams
from include.validate.suites.pairs import expectations, measure

VERSION = "1"
STAGE = "pairs_gate"


def run_pairs_gate(lake: Lake, crawl: str, params: PairsGateParams) -> StageReport:
    """Validate the table ``pairs`` (PREFERENCE_PAIR); write Data Docs, the report and the outcome.

    The report of the stage ``pairs`` says how many prompts there were: its rows in.

    Raises:
        BadInput: there are no pairs yet.
        GateFailed: a critical expectation failed or could not be evaluated.
    """
    lake.files("pairs", crawl)
    made = recall(lake, crawl, "pairs")
    if made is None:
        raise BadInput(f"There is no report of the pairs of {crawl}: make them again.")
    with broken_counts_as_failed(lake, crawl, "pairs"):
        return _judge(lake, made, params)


def _judge(lake: Lake, made: StageReport, params: PairsGateParams) -> StageReport:
    crawl, heldout = made.crawl, lake.manifest("heldout", made.crawl)
    key = fingerprint(
        VERSION, table_digest(lake, crawl, "pairs"), made.rows_in, heldout and heldout.files, params.model_dump()
    )
    current = current_outcome(lake, crawl, "pairs", STAGE, key, "")
    if current is not None:
        raise_if_failed(lake, current[0])
        return current[1]

    figures = measure(lake, crawl, made.rows_in, params)
    outcome = decide(lake, crawl, "pairs", key, figures, expectations(params, heldout is not None), "")
    total = lake.finished("pairs", crawl).rows
    detail = {"passed": outcome.passed, "warnings": list(outcome.warnings)}
    report = StageReport(STAGE, crawl, rows_in=total, rows_out=total, detail=detail)
    body = [
        f"<p><strong>{total} pairs</strong> of {made.rows_in} prompts. "
        '<a href="index.html">Great Expectations\' own pages</a></p>',
        "<h2>Expectations</h2>",
        findings_table(outcome.expectations),
    ]
    write_page(summary_path(lake, crawl, "pairs"), f"Gate of the preference pairs of {crawl}", body)
    record(lake, report)
    # Last of all: until it is there, nothing vouches for the report.
    write_outcome(lake, outcome)
    raise_if_failed(lake, outcome)
    return report
