"""The dataset card of a release: a README with the head that Hugging Face's hub reads.

It says only what the data decides (no dates, no times, no paths), so that equal data has an equal card.
"""

import yaml

from include.lake import Lake
from include.ledger import StageReport, recall
from include.publish.card.checks import checks_passed
from include.publish.card.corpus import TABLES, files, heldout, mixed
from include.publish.card.markdown import table
from include.publish.card.sources import citation, sources
from include.publish.card.synthetic import distinct_rows, synthetic_text, teachers
from include.publish.tags import artifact_name

FUNNEL = {
    "ingest": "WARC records to documents",
    "plan": "documents to documents that are rephrased",
    "rephrase": "requests to generations",
    "gate": "generations to accepted generations",
    "corpus": "documents and accepted generations to rows of the corpus",
}
SIZES = [(10**power, name) for power, name in [(3, "1K"), (4, "10K"), (5, "100K"), (6, "1M"), (7, "10M"), (8, "100M")]]
LIMITS = """\
- The synthetic text was written by a language model. The gate compares it with its source (numbers, names, dates,
  addresses, meaning sentence by sentence), not with the world: it can state wrong things in good English, above all
  where facts are only connected wrongly, and it carries the teacher's bias.
- The real text comes from public web pages and belongs to their authors. Rewrap drops pages that opt out and masks
  e-mail addresses and phone numbers that it recognises; some will have stayed.
- Near-duplicates are removed among pages and among synthetic texts as far as MinHash finds them; what was said twice in
  other words is not found, within this dump, between dumps, and between the arms and the held-out text.
"""


def write_card(lake: Lake, crawl: str, report: StageReport) -> str:
    """README.md of a dump's corpus; ``report`` is that of its corpus stage."""
    languages = [row["language"] for row in distinct_rows(lake, crawl, ["language"], "documents") if row["language"]]
    sections = [
        f"# {crawl}: real and rephrased web text\n\n"
        f"Made by Rewrap from the crawl dump {crawl}: {report.detail['tokens']['mix']:,} tokens to train on, "
        f"{report.detail['synthetic_share']:.0%} of them rephrased by a language model. Every row says where it comes "
        "from: `origin`, `url`, `doc_id`, and for synthetic rows `recipe`, `teacher` and `generation_key`.\n",
        "## Files\n\n" + files(report),
        "## The mix\n\n" + mixed(report),
        "## Sources\n\n" + sources(lake, crawl),
        "## How it came about\n\n" + _funnel(lake, crawl),
        "## Synthetic text\n\n" + synthetic_text(lake, crawl, report),
        "## Teachers\n\nWhether what they write may train other models, and what that asks of you:\n\n"
        + teachers(lake, crawl),
        "## Checks\n\nWhat was measured on every generation; one is rejected by the first check that it fails.\n\n"
        + checks_passed(lake, crawl),
        "## Held-out text\n\n" + heldout(report),
        "## Known limits\n\n" + LIMITS,
        "## How to cite\n\n" + citation(crawl, report),
        "## Get it\n\n"
        f"```\ngit -C REPOSITORY tag --list '{artifact_name(crawl)}@*'\n"
        f"dvc get REPOSITORY {crawl} --rev {artifact_name(crawl)}@v1.0.0 -o {crawl}\n```\n\n"
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
            {"config_name": name, "data_files": [{"split": splits[name], "path": f"data/{name}-*.parquet"}]}
            for name in TABLES
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


def _funnel(lake: Lake, crawl: str) -> str:
    lines: list[list[str]] = []
    for stage, what in FUNNEL.items():
        report = recall(lake, crawl, stage)
        if report is not None:
            left_out = report.rejected | {f"{reason} (failed)": count for reason, count in report.failed.items()}
            reasons = ", ".join(f"{reason} {count:,}" for reason, count in left_out.items()) or "none"
            lines.append([stage, what, f"{report.rows_in:,}", f"{report.rows_out:,}", reasons])
    return table(["stage", "from what to what", "in", "out", "left out, by reason"], lines)
