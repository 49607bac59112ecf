"""What a release's folder holds: the corpus, its card, and the figures that a program reads.

Layout: ``data/<table>-00000-of-00003.parquet`` for the tables mix, real and heldout, ``index.json`` (every file with
its rows, bytes and digest), ``mix.json`` (what was mixed of which source), ``release.json``, ``README.md`` (the card).
"""

import json
from pathlib import Path
from typing import Any

from include.errors import BadInput
from include.lake import Lake
from include.ledger import StageReport, recall
from include.publish.card import write_card
from include.publish.card.synthetic import TEACHER, distinct_rows
from include.publish.gather import TABLES
from include.publish.mix import STAGE, corpus_fingerprint
from include.publish.mix_params import MixParams
from include.schemas import CORPUS
from include.validate.outcome import require_passed

MIX = ("bounded_by", "tokens_by", "heldout_by", "sources")
"""Of the report, in mix.json."""
RELEASE = ("rows", "words", "tokens", "by_recipe", "synthetic_share", "heldout_by", "tokens_by", "fingerprint")
"""Of the report, in release.json."""


def finished_corpus(lake: Lake, crawl: str) -> StageReport:
    """The report of the dump's corpus, if it is whole and made from what the gate passed last.

    Raises:
        GateFailed: the gates did not pass the present generations or the present corpus.
        BadInput: there is no corpus, or it is older than the tables it was made from, or of an older version.
    """
    require_passed(lake, crawl)
    report = recall(lake, crawl, STAGE)
    what_to_do = f"Run it: python -m include.cli corpus --crawl {crawl}"
    if report is None:
        raise BadInput(f"{crawl} has no corpus to publish yet. {what_to_do}")
    if "tokens_by" not in report.detail:
        raise BadInput(f"The corpus of {crawl} was mixed by an older version. {what_to_do}")
    key = corpus_fingerprint(lake, crawl, MixParams(**report.detail["params"]), report.detail["tokens_by"])
    if report.detail["fingerprint"] != key or not all(lake.is_current(key, layer, crawl) for layer in TABLES):
        raise BadInput(
            f"The corpus of {crawl} is older than its documents or generations, or half written. {what_to_do}"
        )
    require_passed(lake, crawl, "corpus")
    return report


def write_release_folder(lake: Lake, crawl: str, report: StageReport, folder: Path) -> None:
    """Fill an empty ``folder``; equal data gives equal bytes. The data are linked where the disk can, else copied."""
    index = {layer: _link_table(lake, layer, crawl, folder) for layer in TABLES}
    (folder / "README.md").write_text(write_card(lake, crawl, report))
    detail = report.detail
    _write(folder / "index.json", {"crawl": crawl, "tables": index})
    _write(folder / "mix.json", {**{name: detail[name] for name in MIX}, "params": detail["params"]})
    release = {name: detail[name] for name in RELEASE}
    release |= {"crawl": crawl, "teachers": distinct_rows(lake, crawl, TEACHER), "mix": detail["params"]}
    release["schema"] = {field.name: str(field.type) for field in CORPUS}
    gate = recall(lake, crawl, "gate")
    release["acceptance"] = gate.detail["by_recipe"] if gate else {}
    _write(folder / "release.json", release)


def _link_table(lake: Lake, layer: str, crawl: str, folder: Path) -> list[dict[str, Any]]:
    """Put a table's files into ``folder``; returns a line of the index for each."""
    from dvc_objects.fs.generic import transfer
    from dvc_objects.fs.local import localfs

    files = lake.finished(layer, crawl).files
    (folder / "data").mkdir(exist_ok=True)
    lines: list[dict[str, Any]] = []
    for number, file in enumerate(files):
        name = f"data/{layer}-{number:05d}-of-{len(files):05d}.parquet"
        # A reflink, a hard link or a copy: the lake writes no file in place, so they can be one.
        transfer(localfs, str(lake.path(layer, crawl) / file.name), localfs, str(folder / name), hardlink=True)
        first = sum(line["rows"] for line in lines)
        lines.append({"file": name, "first_row": first, "rows": file.rows, "bytes": file.bytes, "sha256": file.sha256})
    return lines


def _write(file: Path, content: dict[str, Any]) -> None:
    file.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n")
