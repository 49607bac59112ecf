"""Perplexities of trained versions: known only after a version was published, so they stand beside it, not in it."""

import json
from pathlib import Path
from typing import Any

from include.lake import write_atomically
from include.publish.registry import repository
from include.publish.registry.repository import alone, commit, read

SIZES = ("tokens", "parameters")


def note_training(datasets: Path, crawl: str, fingerprint: str, figures: dict[str, Any]) -> None:
    """Keep what says how good a training on the corpus with this fingerprint was, if there is a repository.

    The perplexities and the sizes of model and training are committed as ``<CRAWL>.training.json``; a later training on
    the same corpus replaces them.
    """
    datasets = datasets.resolve()
    if not repository.exists(datasets):
        return
    with alone(datasets):
        kept = {name: value for name, value in figures.items() if "perplexity" in name or name in SIZES}
        known = trainings(datasets, crawl) | {fingerprint: kept}
        file = f"{crawl}.training.json"
        write_atomically(datasets / file, (json.dumps(known, indent=1, sort_keys=True) + "\n").encode())
        commit(datasets, f"{crawl}: perplexities", file)


def trainings(datasets: Path, crawl: str) -> dict[str, dict[str, Any]]:
    """Fingerprint of a corpus to the figures of the training on it."""
    content = read(datasets, "HEAD", f"{crawl}.training.json")
    known: dict[str, dict[str, Any]] = json.loads(content) if content else {}
    return known
