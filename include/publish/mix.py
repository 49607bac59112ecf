"""Mixes real and accepted synthetic text into the corpus of one dump, and keeps text aside to measure with.

Every decision is a draw: the hash of (seed, purpose, identity). So it depends neither on the order of rows nor on the
machine, and a host that one dump holds out is held out in every other dump, too.
"""

from include.lake import Lake, fingerprint
from include.ledger import StageReport, recall, record
from include.publish.gather import TABLES, write_tables
from include.publish.mix_params import MixParams
from include.publish.pieces import INPUTS, load_pieces
from include.publish.place import hold_out, place
from include.publish.report import corpus_report
from include.publish.tokens import ESTIMATE, TokenCounter
from include.validate.outcome import require_passed

VERSION = "3"
STAGE = "corpus"


def corpus_fingerprint(lake: Lake, crawl: str, params: MixParams, tokens_by: str) -> str:
    """Fingerprint of all that decides the corpus. Raises BadInput if an input table is not there."""
    inputs = [lake.finished(layer, crawl).files for layer in INPUTS]
    return fingerprint(VERSION, inputs, params.decided_by(), tokens_by)


def build_corpus(lake: Lake, crawl: str, params: MixParams, counter: TokenCounter | None = None) -> StageReport:
    """Write the tables ``mix``, ``real`` and ``heldout`` (schema CORPUS).

    - ``heldout``: real text of the hosts whose draw falls below ``heldout_share``. Neither it nor anything made from it
      enters an arm. Where that leaves one side without a host, documents are held out instead.
    - ``real``: all other real text.
    - ``mix``: text of the sources of the mix in use, in its shares of tokens, within the length of one text per source
      and quality bucket: all of the scarcest source (as often as it may be repeated), samples of the others.

    ``counter`` counts the tokens; without one they are an estimate (:data:`include.publish.tokens.ESTIMATE`).

    The report's rows in are documents and accepted generations; each ends as ``mix``, ``heldout`` or ``real_only``
    (rows out), or is rejected as ``heldout_host``/``heldout_document`` (made from held-out text), ``repeated`` (another
    row has the same generation) or ``not_sampled`` (beyond the share, or of no source of the mix). Repeats count once;
    ``detail["rows"]["mix_repeats"]`` says how many more rows they are.

    Raises:
        GateFailed: the gate did not pass the present generations.
        BadInput: a source of the mix has no text, or there is nothing to hold out.
    """
    require_passed(lake, crawl)
    tokens_by = counter.name if counter else ESTIMATE
    key = corpus_fingerprint(lake, crawl, params, tokens_by)
    report = recall(lake, crawl, STAGE)
    whole = all(lake.is_current(key, layer, crawl) for layer in TABLES)
    if whole and report is not None and report.detail["fingerprint"] == key:
        return report

    with lake.query() as db:
        load_pieces(db, lake, crawl, params.seed, counter)
        heldout_by = hold_out(db, crawl, params.heldout_share)
        allotment = place(db, crawl, heldout_by, params)
        write_tables(db, lake, crawl, params.shard_bytes, key)
        detail = {
            "heldout_by": heldout_by,
            "bounded_by": allotment.bounded_by,
            "tokens_by": tokens_by,
            "params": params.decided_by(),
            "fingerprint": key,
        }
        return record(lake, corpus_report(STAGE, crawl, db, params, detail))
