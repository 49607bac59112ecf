"""Compares two versions by their figures, which git holds: no data is read or fetched."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from include.publish.registry.repository import read
from include.publish.registry.trained import trainings
from include.publish.registry.versions import Release, figures, find_release

LEFT_OUT = ("crawl", "fingerprint")
"""Parts of ``release.json`` that say nothing about the text."""
FIRST = ("rows", "words", "tokens", "synthetic_share", "by_recipe", "acceptance", "teachers", "training", "mix")
"""What most readers look for, in this order; the rest follows."""


@dataclass(frozen=True)
class Difference:
    """Each figure of two versions by its name, such as ``rows.mix``; None where a version does not have it."""

    before: str
    after: str
    figures: dict[str, tuple[Any, Any]]

    @property
    def changed(self) -> dict[str, tuple[Any, Any]]:
        return {name: pair for name, pair in self.figures.items() if pair[0] != pair[1]}


def diff(datasets: Path, before: str, after: str) -> Difference:
    """Compare the versions of two tags, of one dump or of two.

    Raises:
        BadInput: one is no version or was withdrawn.
    """
    datasets = datasets.resolve()
    old, new = (_figures(datasets, find_release(datasets, name)) for name in (before, after))
    names = [*old, *(name for name in new if name not in old)]
    return Difference(before, after, {name: (old.get(name), new.get(name)) for name in names})


def _figures(datasets: Path, release: Release) -> dict[str, Any]:
    """What is known of a version, flat: of its data, its release.json, and a training on it."""
    known = figures(datasets, release.commit, release.crawl)
    pointer = yaml.safe_load(read(datasets, release.commit, f"{release.crawl}.dvc") or "")["outs"][0]
    data = {"files": pointer.get("nfiles"), "bytes": pointer.get("size")}
    training = trainings(datasets, release.crawl).get(known.get("fingerprint", ""), {})
    shown = {**known, "training": training, "data": data}
    order = [name for name in (*FIRST, *shown) if name in shown and name not in LEFT_OUT]
    return _flat({name: shown[name] for name in order})


def _flat(content: Any, name: str = "") -> dict[str, Any]:
    """Nested figures by dotted names. A list of objects is named by its objects' texts: order says nothing."""
    if isinstance(content, dict):
        inner = [_flat(value, f"{name}.{key}" if name else str(key)) for key, value in content.items()]
        return {key: value for part in inner for key, value in part.items()}
    if isinstance(content, list):
        return {name: ", ".join(sorted(_text(item) for item in content))}
    return {name: content}


def _text(item: Any) -> str:
    return " ".join(map(str, item.values())) if isinstance(item, dict) else str(item)
