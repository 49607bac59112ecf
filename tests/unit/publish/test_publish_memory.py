"""Memory of a build: it follows the buckets, not the dump."""

import random
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from small_dumps import Dump, fill

from include.lake import Lake
from include.settings import PROJECT

CRAWL = "SAMPLE-2026-01"
TEXT_BYTES = 50_000
GROUP = 4 * 2**20
"""Bytes of a row group and of a bucket: so small that either dump has several."""
BUILD = f"""
import sys
from pathlib import Path
import pyarrow as pa
from include import lake, parquet
from include.params import load_params
from include.publish import gather, mix
from include.settings import PROJECT

parquet.TEXT_GROUP, gather.BUCKET_BYTES = {GROUP}, {GROUP}
params = load_params((PROJECT / "params.yaml",), {{"mix": {{"use": "real_only"}}}}).mix
mix.build_corpus(lake.Lake(Path(sys.argv[1]), "200MB"), {CRAWL!r}, params)
# Not ru_maxrss: a process begins with that of the one which started it.
[line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
print(int(line.split()[1]) * 1024, pa.default_memory_pool().max_memory())
"""


def peak(root: Path, documents: int) -> tuple[int, int]:
    """Most bytes that building the corpus of so many long documents takes: of the process, and of Arrow's tables."""
    lake = Lake(root)
    fill(lake, Dump(documents=documents, rephrased=10))
    short = lake.read("documents", CRAWL)
    place = short.schema.get_field_index("text")
    with lake.stream(short.schema, layer="documents", crawl=CRAWL, fingerprint="long") as stream:
        for start in range(0, documents, 100):
            draw = random.Random(start)
            texts = [draw.randbytes(TEXT_BYTES // 2).hex() for _ in range(100)]
            stream.write(short.slice(start, 100).set_column(place, "text", pa.array(texts)))
    command = [sys.executable, "-c", BUILD, str(root)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    process, tables = map(int, done.stdout.split())
    return process, tables


@pytest.mark.slow
def test_four_times_the_text_takes_hardly_more_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("include.parquet.TEXT_GROUP", GROUP)
    small, large = peak(tmp_path / "small", 400), peak(tmp_path / "large", 1600)
    more = 1200 * TEXT_BYTES
    assert large[1] - small[1] < 0.05 * more
    # Allocators keep some tens of megabytes, now more, now less.
    assert large[0] - small[0] < 0.7 * more
