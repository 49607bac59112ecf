"""datatrove on WARC files, in its own environment (.venv-peers): the steps of FineWeb that need no download.

    .venv-peers/bin/python bench/peers/datatrove_ingest.py WARC_FOLDER OUTPUT_FOLDER LID_MODEL {extract,all}

``extract`` writes every page's text (for F1). ``all`` runs the whole chain, then MinHash signatures. LID_MODEL stands
in for lid.176.bin, which datatrove would download. Its reader passes over pages whose bytes it does not take for HTML;
the number of documents that it gave out is printed beside the seconds, as one line of JSON.
"""

import json
import sys
import time
from pathlib import Path

from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.base import PipelineStep
from datatrove.pipeline.dedup import MinhashDedupSignature
from datatrove.pipeline.extractors import Trafilatura
from datatrove.pipeline.filters import (
    C4QualityFilter,
    FineWebQualityFilter,
    GopherQualityFilter,
    GopherRepetitionFilter,
    LanguageFilter,
)
from datatrove.pipeline.formatters import PIIFormatter
from datatrove.pipeline.readers import JsonlReader, WarcReader
from datatrove.pipeline.writers import JsonlWriter
from datatrove.utils.lid import FT176LID


def run(steps: list[PipelineStep], logs: Path) -> tuple[float, int]:
    """Seconds of one local pipeline, and how many documents its reader gave out."""
    began = time.perf_counter()
    stats = LocalPipelineExecutor(pipeline=steps, tasks=1, workers=1, logging_dir=str(logs), skip_completed=False).run()
    return time.perf_counter() - began, int(stats.stats[0].stats["documents"].total)


def main(warcs: Path, output: Path, lid: str, what: str) -> None:
    # 0.10.1 asks for a download; the same model, quantised, lies in our environment.
    FT176LID.model = property(lambda self: _load(lid))  # type: ignore[assignment]
    read = [WarcReader(str(warcs), glob_pattern="*.warc.gz"), Trafilatura(favour_precision=True)]
    if what == "extract":
        seconds, documents = run([*read, JsonlWriter(str(output / "texts"))], output / "logs")
        print(json.dumps({"wall_seconds": seconds, "documents": documents}))
        return
    rules = [GopherRepetitionFilter(), GopherQualityFilter(), C4QualityFilter(filter_no_terminal_punct=False)]
    chain = [*read, LanguageFilter(["en"]), *rules, FineWebQualityFilter(), PIIFormatter()]
    seconds, documents = run([*chain, JsonlWriter(str(output / "kept"))], output / "logs")
    signatures = MinhashDedupSignature(output_folder=str(output / "signatures"))
    more, _ = run([JsonlReader(str(output / "kept")), signatures], output / "logs-minhash")
    print(json.dumps({"wall_seconds": seconds + more, "documents": documents}))


def _load(path: str, models: dict[str, object] = {}) -> object:  # noqa: B006 - one model a process
    from fasttext.FastText import _FastText

    return models.setdefault(path, models.get(path) or _FastText(path))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4])
