"""Main text of real pages: pages per second of one core and F1, beside resiliparse and trafilatura in the same run.

Run from the project's folder: ``.venv/bin/python -m bench.extract <folder of html_gold>``. trafilatura takes part where
it is installed (it is no part of the project). The model that is shipped has seen these pages, so its own F1 here says
only that it works; the F1 that counts is out of fold, from ``scripts/train_extractor.py``, and stands beside it.
"""

import importlib.util
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bench import gold
from include.ingest import blocks, extract, fallback

RESULTS = Path(__file__).resolve().parent / "results"
RESULT, FOLDS = RESULTS / "extract.json", RESULTS / "extract_folds.json"


def peers() -> dict[str, Callable[[str], str]]:
    """Name to extractor; resiliparse as its fastest main-content extraction."""
    found: dict[str, Callable[[str], str]] = {"resiliparse": fallback.main_text}
    if importlib.util.find_spec("trafilatura"):
        import trafilatura

        found["trafilatura"] = lambda html: trafilatura.extract(html) or ""
    else:
        print("trafilatura is not installed here and is left out")
    return found


def run(extractor: Callable[[str], str], pages: list[gold.Page]) -> dict[str, object]:
    """CPU seconds of this process as pages per second, and the scores."""
    extractor(pages[0].html)
    start = time.process_time()
    texts = {page.id: extractor(page.html) for page in pages}
    seconds = time.process_time() - start
    return {"pages_per_cpu_second": round(len(pages) / seconds, 1), **gold.score(pages, texts)}


def main(folder: Path) -> None:
    if not blocks.available():
        sys.exit("The C part cannot be built here: there is nothing to measure.")
    pages = gold.load(folder)
    ours = run(extract.main_text, pages)
    ours["seen_in_training"] = True
    table = {name: run(extractor, pages) for name, extractor in peers().items()}
    result = {
        "extractor": extract.extractor(),
        "pages": len(pages),
        "mean_page_bytes": round(sum(len(page.html.encode()) for page in pages) / len(pages)),
        "ours": ours,
        "ours_out_of_fold": json.loads(FOLDS.read_text()),
        "peers": table,
        "times_faster_than": {
            name: round(float(str(ours["pages_per_cpu_second"])) / float(str(peer["pages_per_cpu_second"])), 2)
            for name, peer in table.items()
        },
    }
    RESULT.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
