"""How much of the speed of its libraries ingest keeps: documents/s of ``extract_batch`` on real pages, as ratios.

In one run and on the same bytes: fastwarc reading alone, resiliparse extracting the main content alone, and the whole
stage with everything it adds (charset, hang scan, language, quality, privacy, Parquet). Run it from the
project's folder: ``.venv/bin/python -m bench.ingest <folder of *.html.gz files>``.
"""

import gzip
import json
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path

from fastwarc.warc import ArchiveIterator
from resiliparse.extract.html2text import extract_plain_text

from include.ingest.stage import extract_batch, plan_batches
from include.lake import Lake
from include.params import IngestParams

PROJECT = Path(__file__).resolve().parent.parent
RESULT = PROJECT / "bench" / "results" / "ingest.json"
ROUNDS = 3


def write_warc(pages: list[bytes], file: Path) -> None:
    """The pages as responses, one gzip member per record."""
    with file.open("wb") as out:
        for number, body in enumerate(pages):
            block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + body
            head = (
                f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:{uuid.UUID(int=number)}>\r\n"
                f"WARC-Date: 2026-01-01T00:00:00Z\r\nWARC-Target-URI: https://example.org/{number}\r\n"
                f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(block)}\r\n\r\n"
            )
            out.write(gzip.compress(head.encode() + block + b"\r\n\r\n", 6, mtime=0))


def best_seconds(run: Callable[[int], object]) -> float:
    """CPU seconds of the fastest of some rounds: other work on the machine only ever adds."""
    seconds = []
    for number in range(ROUNDS):
        start = time.process_time()
        run(number)
        seconds.append(time.process_time() - start)
    return min(seconds)


def main(folder: Path) -> None:
    pages = [gzip.decompress(file.read_bytes()) for file in sorted(folder.rglob("*.html.gz"))]
    if not pages:
        sys.exit(f"{folder} holds no *.html.gz files.")
    texts = [page.decode("utf-8", errors="replace") for page in pages]
    with tempfile.TemporaryDirectory() as scratch:
        warc = Path(scratch, "bench.warc.gz")
        write_warc(pages, warc)

        def read(_: int) -> None:
            for record in ArchiveIterator(str(warc)):
                record.reader.read()

        def extract(_: int) -> None:
            for text in texts:
                extract_plain_text(text, main_content=True, alt_texts=False)

        def ingest(number: int) -> None:
            lake, params = Lake(Path(scratch, f"lake-{number}")), IngestParams()
            [batch] = plan_batches(lake, "BENCH-1", str(warc), params, "bench")
            report = extract_batch(lake, "BENCH-1", batch, params, "bench")
            assert report.rows_in == len(pages)

        seconds = {"fastwarc": best_seconds(read), "resiliparse": best_seconds(extract), "ingest": best_seconds(ingest)}
    result = {
        "pages": len(pages),
        "html_bytes": sum(map(len, pages)),
        "documents_per_cpu_second": {name: round(len(pages) / value, 1) for name, value in seconds.items()},
        "ingest_relative_to_both_libraries": round(
            (seconds["fastwarc"] + seconds["resiliparse"]) / seconds["ingest"], 3
        ),
        "ingest_relative_to_resiliparse": round(seconds["resiliparse"] / seconds["ingest"], 3),
    }
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
