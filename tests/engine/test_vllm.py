"""Real vLLM with the real default teacher on this machine's CPU."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from still_running import still_running

from include.lake import Lake, fingerprint
from include.schemas import DOCUMENT

pytestmark = [pytest.mark.slow, pytest.mark.engine]

PROJECT = Path(__file__).resolve().parents[2]
CRAWL = "T-1"
TEXTS = [
    "Tides follow the moon. Twice a day the sea climbs the beach and falls back, and on the coast of Brittany the "
    "difference can reach 13 metres. Fishermen plan their work by printed tables.",
    "A bicycle chain wears slowly. Dust grinds the pins until the links grow longer, and after about 3000 kilometres "
    "a worn chain begins to damage the cogs. A drop of oil every few weeks delays that.",
    "Honey bees tell each other where flowers are by dancing. The angle of the dance shows the direction, and its "
    "length shows the distance. Karl von Frisch described this in 1927.",
    "Salt was once so dear that towns grew rich from it. Carts carried it along roads that still bear its name, and "
    "Venice taxed every sack that passed its harbour.",
]
SETTINGS = ["--set", "rephrase.recipes=[easy, qa]", "--set", "rephrase.chunk_size=2"]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Path:
    home = tmp_path_factory.mktemp("home")
    (home / "models").symlink_to(models)
    rows = [
        dict.fromkeys(DOCUMENT.names)
        | {"doc_id": f"{n:032x}", "crawl": CRAWL, "language": "en", "text": text, "content_hash": fingerprint(text)}
        for n, text in enumerate(TEXTS)
    ]
    table = pa.Table.from_pylist(rows, schema=DOCUMENT)
    Lake(home / "lake").write(table, layer="documents", crawl=CRAWL, fingerprint="test")
    return home


@pytest.fixture(scope="module")
def lake(home: Path) -> Lake:
    return Lake(home / "lake")


def start(home: Path, log: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "include.cli", "rephrase", "--crawl", CRAWL, *SETTINGS]
    env = os.environ | {"REWRAP_HOME": str(home)}
    return subprocess.Popen(command, cwd=PROJECT, env=env, stdout=log.open("wb"), stderr=subprocess.STDOUT)


def chunks(lake: Lake) -> list[Path]:
    return sorted((lake.root / "store").glob("chunk-*.parquet"))


def stored_keys(lake: Lake) -> list[str]:
    return [key for file in chunks(lake) for key in pq.read_table(file).column("generation_key").to_pylist()]


@pytest.fixture(scope="module")
def kept(home: Path, lake: Lake) -> list[str]:
    """Keys that a worker had committed when it was killed in the middle of its work."""
    worker = start(home, home / "killed.log")
    until = time.monotonic() + 400
    while not chunks(lake):
        assert worker.poll() is None, (home / "killed.log").read_text()[-3000:]
        assert time.monotonic() < until, (home / "killed.log").read_text()[-3000:]
        time.sleep(0.05)  # watching a file, with a deadline
    started = psutil.Process(worker.pid).children(recursive=True)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    _, alive = psutil.wait_procs(started, timeout=30)
    assert not still_running(alive), "the engine outlived it"
    return stored_keys(lake)


@pytest.fixture(scope="module")
def finished(home: Path, kept: list[str]) -> str:
    """The log of the run that finished the work."""
    log = home / "finished.log"
    assert start(home, log).wait() == 0, log.read_text()[-3000:]
    return log.read_text()


def test_a_killed_worker_loses_and_repeats_nothing(lake: Lake, kept: list[str], finished: str) -> None:
    planned = lake.read("requests", CRAWL).column("generation_key").to_pylist()
    assert 0 < len(kept) < len(planned), "it was killed in the middle"
    assert Counter(stored_keys(lake)) == Counter(planned), "every key is there, and once"
    made = int(re.findall(r"\d+ of (\d+) generations", finished)[-1])
    assert made == len(planned) - len(kept), "what was committed was not made again"


def test_vllm_generates_text_about_the_page(lake: Lake, finished: str) -> None:
    rows = lake.read("generations", CRAWL).to_pylist()
    assert len(rows) == 8
    assert {row["engine"] for row in rows} == {"vllm"}
    assert all(row["finish_reason"] in ("stop", "length") for row in rows)
    assert all(row["completion_tokens"] > 0 and row["prompt_tokens"] > 40 for row in rows)
    tides = [row["output"].lower() for row in rows if row["doc_id"] == f"{0:032x}"]
    assert any("sea" in text or "tide" in text or "moon" in text for text in tides)


def test_prompt_lengths_were_planned_with_the_teachers_own_tokenizer(lake: Lake, finished: str) -> None:
    planned = {r["generation_key"]: r["prompt_tokens"] for r in lake.read("requests", CRAWL).to_pylist()}
    for row in lake.read("generations", CRAWL).to_pylist():
        assert row["prompt_tokens"] <= planned[row["generation_key"]] <= row["prompt_tokens"] + 40


def test_nothing_left_to_do_starts_no_engine(home: Path, finished: str) -> None:
    log = home / "again.log"
    assert start(home, log).wait() == 0
    assert "no engine is started, nothing is generated" in log.read_text()
    assert "starting vLLM" not in log.read_text()


def test_a_teacher_that_cannot_be_loaded_is_one_clear_message(home: Path, finished: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "include.cli", "rephrase", "--crawl", CRAWL, "--set", "rephrase.teacher=no/such-model"],
        cwd=PROJECT, env=os.environ | {"REWRAP_HOME": str(home), "HF_HUB_OFFLINE": "1"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 65
    message = done.stderr.splitlines()[-1]
    assert message.startswith("error: Teacher 'no/such-model' cannot be loaded")
    assert "rephrase.teacher" in message
    assert len(lake_rows(home)) == 8, "what was there is untouched"


def lake_rows(home: Path) -> list[dict[str, object]]:
    return Lake(home / "lake").read("generations", CRAWL).to_pylist()
