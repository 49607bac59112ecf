"""Speed of what is read from a page beside its text: personal data, benchmark items, rights, language; as ratios.

In one run, on the same real pages, in CPU time of one process: this project beside the plain way of doing the same, and
beside datatrove where an interpreter that has it is given. Run it from the project's folder:
``.venv/bin/python -m bench.page_signals <folder of *.html.gz files> [python of an environment with datatrove]``,
which wants ``datatrove==0.10.1 spacy 'xxhash<4'``.
"""

import gzip
import json
import random
import re
import string
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from resiliparse.parse.html import HTMLTree

from include.ingest import extract, language, ngrams, privacy
from include.ingest.contamination import find, load_benchmarks
from include.ingest.rights import read_rights

PROJECT = Path(__file__).resolve().parent.parent
RESULT = PROJECT / "bench" / "results" / "page_signals.json"
ROUNDS = 3
ITEMS, ITEM_WORDS = 5_000, 60

# What the anchored searches replace: patterns that may begin anywhere, without check digits or contexts.
PLAIN_PATTERNS = [
    re.compile(pattern)
    for pattern in (
        r"\b[\w.%+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[a-zA-Z]{2,24}\b",
        r"\b(?:\d{1,3}\.){3}\d{1,3}\b",
        r"(?<![\w+])\+\d[\d ().\-/]{5,30}",
        r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}\b",
        r"\b\d(?:[ -]?\d){12,18}\b",
    )
]


def best_seconds(run: Callable[[], object]) -> float:
    """CPU seconds of the fastest of some rounds: other work on the machine only ever adds."""
    seconds = []
    for _ in range(ROUNDS):
        start = time.process_time()
        run()
        seconds.append(time.process_time() - start)
    return min(seconds)


def make_items() -> list[str]:
    """Letters only: datatrove takes all numbers for the same."""
    draw = random.Random(0)
    words = ["".join(draw.choices(string.ascii_lowercase, k=6)) for _ in range(50_000)]
    return [" ".join(draw.choices(words, k=ITEM_WORDS)) for _ in range(ITEMS)]


def plain_ngrams(texts: Sequence[str], known: set[str], words: int) -> int:
    hits = 0
    for text in texts:
        tokens = re.findall(r"\w+", text.lower())
        hits += sum(" ".join(tokens[at : at + words]) in known for at in range(len(tokens) - words + 1))
    return hits


def plain_rights(html: str) -> list[str]:
    head = HTMLTree.parse(html).document
    return [tag.getattr("content") or "" for tag in head.query_selector_all("meta[name], link[rel], a[rel]")]


def measure(htmls: list[str], texts: list[str], scratch: Path) -> dict[str, dict[str, float]]:
    """CPU seconds for all pages by job and way."""
    items = make_items()
    file = scratch / "items.jsonl"
    file.write_text("".join(json.dumps({"text": item}) + "\n" for item in items))
    known = load_benchmarks([file])
    words = known.rules.shortest
    plain = {" ".join(item.split()[at : at + words]) for item in items for at in range(ITEM_WORDS - words + 1)}
    column = pa.array(texts)
    detector = language._load(None)
    return {
        "personal_data": {
            "ours": best_seconds(lambda: [privacy.mask(text) for text in texts]),
            "plain": best_seconds(lambda: [pattern.findall(text) for text in texts for pattern in PLAIN_PATTERNS]),
        },
        "email_and_ip": {"ours": best_seconds(lambda: [privacy.mask(text, ("email", "ip")) for text in texts])},
        "contamination": {
            "ours": best_seconds(lambda: find(column, known)),
            "ours_without_c": best_seconds(lambda: known.ngrams._find_in_python(column)),
            "plain": best_seconds(lambda: plain_ngrams(texts, plain, words)),
        },
        "rights": {
            "ours": best_seconds(lambda: [read_rights(html, {}) for html in htmls]),
            "plain": best_seconds(lambda: [plain_rights(html) for html in htmls]),
        },
        "language": {
            "ours": best_seconds(lambda: [language.measure(text) for text in texts]),
            "plain": best_seconds(lambda: [detector.predict(" ".join(text.split())) for text in texts]),
        },
    }


def measure_peer(python: str, texts: list[str], scratch: Path) -> dict[str, float]:
    """CPU seconds of datatrove's steps, by job."""
    given = scratch / "peer.json"
    given.write_text(json.dumps({"texts": texts, "items": make_items()}))
    script = Path(__file__).with_name("page_signals_peer.py")
    done = subprocess.run([python, str(script), str(given)], check=True, stdout=subprocess.PIPE, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main(folder: Path, peer: str | None) -> None:
    pages = [gzip.decompress(file.read_bytes()) for file in sorted(folder.rglob("*.html.gz"))]
    if not pages:
        sys.exit(f"{folder} holds no *.html.gz files.")
    htmls = [extract.decode(page, "") for page in pages]
    htmls = [html for html in htmls if not extract.refuse_reason(html)]
    texts = [text for text in map(extract.main_text, htmls) if text]
    ngrams.fold_table()  # made once per process
    with tempfile.TemporaryDirectory() as scratch:
        seconds = measure(htmls, texts, Path(scratch))
        if peer:
            for job, value in measure_peer(peer, texts, Path(scratch)).items():
                seconds[job]["datatrove"] = value
    text_bytes, html_bytes = (sum(len(text.encode()) for text in part) for part in (texts, htmls))
    result: dict[str, Any] = {"pages": len(htmls), "html_bytes": html_bytes, "text_bytes": text_bytes}
    for job, ways in seconds.items():
        size = html_bytes if job == "rights" else text_bytes
        result[job] = {
            "megabytes_per_second": {way: float(f"{size / 1e6 / value:.3g}") for way, value in ways.items()},
            "times_as_fast_as": {
                way: float(f"{value / ways['ours']:.3g}") for way, value in ways.items() if way != "ours"
            },
            "milliseconds_per_page": round(ways["ours"] / len(htmls if job == "rights" else texts) * 1e3, 3),
        }
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) == 3 else None)
