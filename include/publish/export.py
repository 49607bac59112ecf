"""What a release's folder holds: the corpus, its card, and the figures that a program reads."""

import json
import shutil
from dataclasses import asdict
from pathlib import Path

from include.errors import BadInput
from include.lake import Lake
from include.ledger import StageReport, recall
from include.params import MixParams
from include.publish.card import write_card
from include.publish.mix import STAGE, TABLES, corpus_fingerprint
from include.publish.provenance import TEACHER, distinct_rows
from include.validate.outcome import require_passed


def finished_corpus(lake: Lake, crawl: str) -> StageReport:
    """The report of the dump's corpus, if it is whole and made from what the gate passed last.

    Raises:
        GateFailed: the gate did not pass the present generations.
        BadInput: there is no corpus, or it is older than the tables it was made from.
    """
    require_passed(lake, crawl)
    report = recall(lake, crawl, STAGE)
    what_to_do = f"Run it: python -m include.cli corpus --crawl {crawl}"
    if report is None:
        raise BadInput(f"{crawl} has no corpus to publish yet. {what_to_do}")
    key = corpus_fingerprint(lake, crawl, MixParams(**report.detail["params"]))
    if report.detail["fingerprint"] != key or not all(lake.is_current(key, layer, crawl) for layer in TABLES):
        raise BadInput(
            f"The corpus of {crawl} is older than its documents or generations, or half written. {what_to_do}"
        )
    return report


def write_release_folder(lake: Lake, crawl: str, report: StageReport, folder: Path) -> None:
    """Fill an empty ``folder``: a Parquet file per table, ``README.md``, ``release.json``; equal data, equal bytes."""
    manifests = {layer: manifest for layer in TABLES if (manifest := lake.manifest(layer, crawl))}
    for layer in TABLES:
        [file] = lake.files(layer, crawl)
        shutil.copyfile(file, folder / f"{layer}.parquet")
    (folder / "README.md").write_text(write_card(lake, crawl, report))
    detail = report.detail
    release = {
        "crawl": crawl,
        "files": {
            f"{layer}.parquet": {key: value for key, value in asdict(manifest.files[0]).items() if key != "name"}
            for layer, manifest in manifests.items()
        },
        "rows": detail["rows"],
        "words": detail["words"],
        "by_recipe": detail["by_recipe"],
        "synthetic_share": detail["synthetic_share"],
        "heldout_by": detail["heldout_by"],
        "teachers": distinct_rows(lake, crawl, TEACHER),
        "mix": detail["params"],
        "fingerprint": detail["fingerprint"],
    }
    (folder / "release.json").write_text(json.dumps(release, indent=1, sort_keys=True) + "\n")
