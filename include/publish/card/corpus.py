"""What a release holds and how it was mixed: sections of its dataset card."""

from typing import Any

from include.ledger import StageReport
from include.publish.card.markdown import table

TABLES = {
    "mix": "real and synthetic text, the corpus to train on",
    "real": "real text alone, the arm to compare with",
    "heldout": "real text that neither arm has seen, to measure perplexity on",
}


def files(report: StageReport) -> str:
    """The tables of the corpus with their sizes."""
    rows, words, tokens = (report.detail[measure] for measure in ("rows", "words", "tokens"))
    return table(
        ["file", "what", "rows", "words", "tokens"],
        [
            [f"`data/{name}-*.parquet`", what, f"{rows[name]:,}", f"{words[name]:,}", f"{tokens[name]:,}"]
            for name, what in TABLES.items()
        ],
    )


def mixed(report: StageReport) -> str:
    """Each source of the mix: its share, and how much of what there was it took."""
    detail = report.detail
    lines = [
        [
            name,
            f"{source['share_wanted']:.1%}",
            f"{source['share']:.1%}",
            f"{source['available_tokens']:,}",
            f"{source['tokens']:,}",
            f"{source['repeats']:.2f}",
        ]
        for name, source in detail["sources"].items()
    ]
    head = ["source", "share wanted", "share", "tokens there were", "tokens in the mix", "times each"]
    params = detail["params"]
    return (
        f"Mix `{params['use']}`, seed {params['seed']}, tokens as {detail['tokens_by']} counts them. What bounds its "
        f"size: {detail['bounded_by']}. Every draw is a hash of the seed and the row: the same inputs give the same "
        f"bytes.\n\n{table(head, lines)}"
    )


def heldout(report: StageReport) -> str:
    """What no arm has seen."""
    detail: dict[str, Any] = report.detail
    if detail["heldout_by"] == "host":
        return (
            f"All pages of {detail['heldout_hosts']} of {detail['hosts']} hosts (`mix.heldout_share` "
            f"{detail['params']['heldout_share']}) and every rephrasing of them are in neither arm.\n"
        )
    return (
        f"The dump has too few hosts ({detail['hosts']}) to hold whole ones out, so {detail['rows']['heldout']} "
        "documents were held out. Pages of one host resemble each other: perplexities on them flatter both arms.\n"
    )
