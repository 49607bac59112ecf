"""Pages with hand-made main text, and the scores that their benchmarks define.

- AEB: scrapinghub's article-extraction-benchmark, 181 news and blog pages. Precision and recall over the counts of
  4-grams of words, averaged over pages; F1 of the two averages.
- WCXB: Murrough-Foley's web-content-extraction-benchmark, development split, seven kinds of pages. F1 over the counts
  of lower-case words, averaged over pages.
"""

import gzip
import json
import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from urllib.parse import urlsplit

_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Page:
    """``benchmark``: aeb or wcxb. ``kind``: article, product, forum..."""

    id: str
    benchmark: str
    kind: str
    url: str
    html: str
    text: str

    @property
    def site(self) -> str:
        """The registered domain, roughly: what folds must not share."""
        parts = (urlsplit(self.url).hostname or self.url).split(".")
        return ".".join(parts[-3:] if len(parts) > 2 and len(parts[-2]) <= 3 else parts[-2:])


def load(folder: Path) -> list[Page]:
    """All pages of a folder with ``article-extraction-benchmark`` and ``wcxb-dev``."""
    pages = []
    aeb, wcxb = folder / "article-extraction-benchmark", folder / "wcxb-dev"
    for name, gold in sorted(json.loads((aeb / "ground-truth.json").read_text()).items()):
        html = _read(aeb / "html" / f"{name}.html.gz")
        pages.append(Page(name, "aeb", "article", gold.get("url", ""), html, gold.get("articleBody", "")))
    for file in sorted((wcxb / "ground-truth").glob("*.json")):
        gold = json.loads(file.read_text())
        kind = gold["_internal"]["page_type"]["primary"]
        html = _read(wcxb / "html" / f"{file.stem}.html.gz")
        text = gold["ground_truth"]["main_content"] or ""
        pages.append(Page(file.stem, "wcxb", "collection" if kind == "category" else kind, gold["url"], html, text))
    return pages


def score(pages: list[Page], texts: Mapping[str, str]) -> dict[str, object]:
    """AEB and WCXB of the texts, by page id: F1, precision, recall, and WCXB's F1 by kind of page."""
    precisions, recalls = [], []
    words: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
    for page in pages:
        found = texts[page.id]
        if page.benchmark == "wcxb":
            words[page.kind].append(_word_f1(found, page.text))
            continue
        gold, ours = _four_grams(page.text), _four_grams(found)
        right = (gold & ours).total()
        if ours:
            precisions.append(right / ours.total())
        if gold:
            recalls.append(right / gold.total())
    precision, recall = mean(precisions), mean(recalls)
    wcxb = [result for results in words.values() for result in results]
    return {
        "aeb": _summary(precision, recall, 2 * precision * recall / (precision + recall)),
        "wcxb": _summary(*(mean(column) for column in zip(*wcxb, strict=True))),
        "wcxb_f1_by_kind": {kind: round(mean(f1 for *_, f1 in results), 3) for kind, results in sorted(words.items())},
    }


def _summary(precision: float, recall: float, f1: float) -> dict[str, float]:
    return {"f1": round(f1, 4), "precision": round(precision, 4), "recall": round(recall, 4)}


def _four_grams(text: str) -> Counter[tuple[str, ...]]:
    words = _WORD.findall(text)
    return Counter(tuple(words[i : i + 4]) for i in range(max(1, len(words) - 3)) if words)


def _word_f1(found: str, gold: str) -> tuple[float, float, float]:
    """Precision, recall, F1."""
    ours, wanted = _WORD.findall(found.lower()), _WORD.findall(gold.lower())
    if not ours or not wanted:
        equal = float(not ours and not wanted)
        return equal, equal, equal
    right = (Counter(ours) & Counter(wanted)).total()
    return right / len(ours), right / len(wanted), 2 * right / (len(ours) + len(wanted))


def _read(file: Path) -> str:
    return gzip.decompress(file.read_bytes()).decode("utf-8", errors="replace")
