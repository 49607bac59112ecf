"""The dataset card of a release: a README with the head that Hugging Face's hub reads.

It says only what the data decides (no dates, no times, no paths), so that equal data has an equal card.
"""

from typing import Any

import pyarrow.compute as pc
import yaml

from include.lake import Lake
from include.ledger import StageReport, recall
from include.publish.provenance import synthetic_text, table, teachers

FUNNEL = {
    "ingest": "WARC records to documents",
    "plan": "documents to documents that are rephrased",
    "rephrase": "requests to generations",
    "gate": "generations to accepted generations",
    "corpus": "documents and accepted generations to rows of the corpus",
}
FILES = {
    "mix": "real and synthetic text, the corpus to train on",
    "real": "real text alone, the arm to compare with",
    "heldout": "real text that neither arm has seen, to measure perplexity on",
}
SIZES = [(10**power, name) for power, name in [(3, "1K"), (4, "10K"), (5, "100K"), (6, "1M"), (7, "10M"), (8, "100M")]]
LIMITS = """\
- The synthetic text was written by a language model. The gate checks its form and its numbers against the source, not
  its truth: it can state wrong things in good English, and it carries the teacher's bias.
- The real text comes from public web pages and belongs to their authors. Rewrap drops pages that opt out and masks
  e-mail addresses and phone numbers that it recognises; some will have stayed.
- Exact duplicates are removed; near-duplicates may be left, within this dump, between dumps, and between the arms and
  the held-out text.
"""


def write_card(lake: Lake, crawl: str, report: StageReport) -> str:
    """README.md of a dump's corpus; ``report`` is that of its corpus stage."""
    documents = lake.read("documents", crawl, columns=["language"])
    languages = sorted(pc.unique(documents["language"].drop_null()).to_pylist())
    sections = [
        f"# {crawl}: real and rephrased web text\n\n"
        f"Made by Rewrap from the crawl dump {crawl}: {report.detail['words']['mix']:,} words to train on, "
        f"{report.detail['synthetic_share']:.0%} of them rephrased by a language model. Every row says where it comes "
        "from: `origin`, `url`, `doc_id`, and for synthetic rows `recipe`, `teacher` and `generation_key`.\n",
        "## Files\n\n" + _files(report),
        "## How it came about\n\n" + _funnel(lake, crawl),
        "## Synthetic text\n\n" + synthetic_text(lake, crawl, report),
        "## Teachers\n\nWhether what they write may train other models, and what that asks of you:\n\n"
        + teachers(lake, crawl),
        "## Held-out text\n\n" + _heldout(report),
        "## Known limits\n\n" + LIMITS,
        "## Get it\n\n"
        f"```\ndvc list REPOSITORY\ngit -C REPOSITORY tag --list 'crawl/{crawl}/*'\n"
        f"dvc get REPOSITORY {crawl} --rev crawl/{crawl}/v1 -o {crawl}\n```\n\n"
        "REPOSITORY is the folder or the address of the dataset repository; `release.json` holds the digests.\n",
    ]
    return _head(crawl, report, languages) + "\n" + "\n".join(sections)


def _head(crawl: str, report: StageReport, languages: list[str]) -> str:
    rows = report.detail["rows"]
    splits = {"mix": "train", "real": "train", "heldout": "test"}
    head = {
        "pretty_name": f"Rewrap {crawl}",
        "license": "other",
        "license_name": "rights-of-the-pages-authors",
        "language": languages,
        "task_categories": ["text-generation"],
        "size_categories": [_size(rows["mix"] + rows["real"] + rows["heldout"])],
        "configs": [
            {"config_name": name, "data_files": [{"split": splits[name], "path": f"{name}.parquet"}]} for name in FILES
        ],
    }
    return f"---\n{yaml.safe_dump(head, sort_keys=False)}---\n"


def _size(rows: int) -> str:
    """Hugging Face's size category of a number of rows."""
    low = "n"
    for bound, name in SIZES:
        if rows < bound:
            return f"n<{name}" if low == "n" else f"{low}<n<{name}"
        low = name
    return f"n>{low}"


def _files(report: StageReport) -> str:
    rows, words = report.detail["rows"], report.detail["words"]
    return table(
        ["file", "what", "rows", "words"],
        [[f"`{name}.parquet`", what, f"{rows[name]:,}", f"{words[name]:,}"] for name, what in FILES.items()],
    )


def _funnel(lake: Lake, crawl: str) -> str:
    lines: list[list[str]] = []
    for stage, what in FUNNEL.items():
        report = recall(lake, crawl, stage)
        if report is not None:
            left_out = report.rejected | {f"{reason} (failed)": count for reason, count in report.failed.items()}
            reasons = ", ".join(f"{reason} {count:,}" for reason, count in left_out.items()) or "none"
            lines.append([stage, what, f"{report.rows_in:,}", f"{report.rows_out:,}", reasons])
    return table(["stage", "from what to what", "in", "out", "left out, by reason"], lines)


def _heldout(report: StageReport) -> str:
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
