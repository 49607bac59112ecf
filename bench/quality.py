"""Do the quality rules decide as datatrove's filters, and how much faster: on the same texts, in one run, on one core.

Texts are the main content of real pages with the gold texts beside them, and variations of the sample's articles that
break each rule. datatrove runs in an environment of its own, made from ``requirements-peers.in``:
``.venv-peers/bin/python``, or the interpreter that ``REWRAP_PEERS_PYTHON`` names. Run it from the project's folder:
``.venv/bin/python -m bench.quality <folder of *.html.gz files>``; with ``--record`` it also writes datatrove's verdicts
on the variations to the file that the tests compare with.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pyarrow as pa

from bench.quality_texts import real_texts, variations
from include.ingest.quality import decide, signals
from include.ingest.quality.params import C4Params, QualityParams

PROJECT = Path(__file__).resolve().parent.parent
RESULT = PROJECT / "bench" / "results" / "quality.json"
RECORDED = PROJECT / "tests" / "unit" / "ingest" / "datatrove_verdicts.txt"
ROUNDS = 5
PARAMS = {
    "gopher_repetition": QualityParams(rules=("gopher_repetition",)),
    "gopher_quality": QualityParams(rules=("gopher_quality",)),
    "c4": QualityParams(rules=("c4",), c4=C4Params(terminal_punctuation=True)),
    "c4_any_line_end": QualityParams(rules=("c4",)),
    "fineweb": QualityParams(rules=("fineweb",)),
}
"""Ours for each of datatrove's filters (``quality_peer.py``) with its default parameters."""


def digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


def verdicts(texts: list[str]) -> dict[str, list[str | None]]:
    """The reason or null per text, by filter."""
    table = signals(pa.array(texts))
    english = pa.array(["en"] * len(texts))
    return {name: decide(table, english, params)[0].to_pylist() for name, params in PARAMS.items()}


def cpu_seconds(texts: list[str]) -> float:
    """Of signals and all verdicts, the fastest of some rounds: other work on the machine only ever adds."""
    column, english = pa.array(texts), pa.array(["en"] * len(texts))
    seconds = []
    for _ in range(ROUNDS):
        start = time.process_time()
        decide(signals(column), english, QualityParams())
        seconds.append(time.process_time() - start)
    return min(seconds)


def run_datatrove(texts: list[str]) -> dict[str, Any]:
    python = os.environ.get("REWRAP_PEERS_PYTHON") or str(PROJECT / ".venv-peers" / "bin" / "python")
    with tempfile.TemporaryDirectory() as scratch:
        given, found = Path(scratch, "texts.jsonl"), Path(scratch, "verdicts.json")
        given.write_text("".join(json.dumps(text) + "\n" for text in texts))
        command = [python, str(PROJECT / "bench" / "quality_peer.py"), str(given), str(found)]
        try:
            subprocess.run(command, check=True)
        except FileNotFoundError:
            sys.exit(
                f"{python} is not there: make an environment from requirements-peers.in, or set REWRAP_PEERS_PYTHON."
            )
        content: dict[str, Any] = json.loads(found.read_text())
    return content


def compare(texts: list[str]) -> tuple[dict[str, Any], dict[str, list[str | None]]]:
    """What is reported about these texts, and datatrove's reasons."""
    peer, ours = run_datatrove(texts), verdicts(texts)
    agreement, rejected = {}, {}
    for name, theirs in peer["reasons"].items():
        same = sum((a is None) == (b is None) for a, b in zip(ours[name], theirs, strict=True))
        agreement[name] = round(same / len(texts), 5)
        rejected[name] = sum(reason is not None for reason in theirs)
    # The second C4 is there for its verdicts alone.
    peer_seconds = sum(spent for name, spent in peer["cpu_seconds"].items() if name != "c4_any_line_end")
    seconds = cpu_seconds(texts)
    size = sum(len(text.encode()) for text in texts)
    return {
        "texts": len(texts),
        "mean_bytes": round(size / len(texts)),
        "agreement": agreement,
        "rejected_by_datatrove": rejected,
        "documents_per_cpu_second": {
            "rewrap": round(len(texts) / seconds),
            "datatrove": round(len(texts) / peer_seconds, 1),
        },
        "megabytes_per_cpu_second": {
            "rewrap": round(size / seconds / 1e6, 1),
            "datatrove": round(size / peer_seconds / 1e6, 2),
        },
        "times_datatrove": round(peer_seconds / seconds),
    }, peer["reasons"]


def main(folder: Path, record: bool) -> None:
    real = real_texts(folder)
    if not real:
        sys.exit(f"{folder} holds no *.html.gz files.")
    signals(pa.array(["The tables are built before the clock runs."]))
    made = [text for _, text in variations()]
    of_made, reasons = compare(made)
    result = {"real_pages": compare(real)[0], "variations": of_made}
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))
    if record:
        rows = zip(made, *reasons.values(), strict=True)
        lines = [f"{digest(text)} {''.join('01'[reason is None] for reason in row)}\n" for text, *row in rows]
        RECORDED.write_text(f"{' '.join(reasons)}\n{''.join(sorted(set(lines)))}")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3) or sys.argv[2:] not in ([], ["--record"]):
        sys.exit(__doc__)
    main(Path(sys.argv[1]), bool(sys.argv[2:]))
