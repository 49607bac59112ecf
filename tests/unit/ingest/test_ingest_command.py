"""Ingest from the command line: killed at many moments, and without its C parts."""

import hashlib
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from warc_files import page, write_dump, zipped

from include.lake import Lake
from include.settings import PROJECT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

CRAWL = "KILLED-1"
KILLS = 8
LAYERS = ("pages", "signatures", "documents", "rejected_pages", "dedup_index")


def command(source: Path) -> list[str]:
    return [sys.executable, "-m", "include.cli", "ingest", "--crawl", CRAWL, "--source", str(source)]


def environment(home: Path) -> dict[str, str]:
    return os.environ | {"REWRAP_HOME": str(home), "REWRAP_PARAMS": "params.yaml"}


def tables(home: Path) -> dict[str, str]:
    """Digests of all Parquet files that a manifest vouches for."""
    lake = Lake(home / "lake")
    files = [
        file
        for layer in LAYERS
        for manifest in (lake.root / layer).rglob("manifest.json")
        for file in manifest.parent.glob("*.parquet")
    ]
    return {str(f.relative_to(lake.root)): hashlib.sha256(f.read_bytes()).hexdigest() for f in sorted(files)}


def test_killed_at_any_moment_and_run_again_it_gives_the_same_documents(tmp_path: Path) -> None:
    files = {f"{n}.warc.gz": zipped([page(60 * n + m) for m in range(60)]) for n in range(4)}
    source = write_dump(tmp_path / "dump", files, CRAWL)
    undisturbed, killed = tmp_path / "undisturbed", tmp_path / "killed"
    subprocess.run(command(source), cwd=PROJECT, env=environment(undisturbed), check=True, capture_output=True)
    draw, died = random.Random(5), 0
    for _ in range(KILLS):
        process = subprocess.Popen(
            command(source), cwd=PROJECT, env=environment(killed), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            process.wait(draw.uniform(0.5, 4.0))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            died += process.wait() == -signal.SIGKILL
    assert died > 0, "no run lasted long enough to be killed"
    subprocess.run(command(source), cwd=PROJECT, env=environment(killed), check=True, capture_output=True)
    assert tables(killed) == tables(undisturbed) != {}
    told = [sys.executable, "-m", "include.cli", "completeness", "--crawl", CRAWL]
    done = subprocess.run(told, cwd=PROJECT, env=environment(killed), check=True, capture_output=True, text=True)
    assert "records   240 = 240 pages + 0 skipped (none) + 0 failed" in done.stdout


def test_without_a_c_compiler_the_same_pages_become_documents(tmp_path: Path) -> None:
    source = write_dump(tmp_path / "dump", {"a.warc.gz": zipped([page(n) for n in range(8)] + [page(3)])}, CRAWL)
    extractors, urls = [], []
    for native in ("on", "off"):
        home = tmp_path / native
        env = environment(home) | {"REWRAP_NATIVE": native}
        subprocess.run(command(source), cwd=PROJECT, env=env, check=True, capture_output=True)
        documents = Lake(home / "lake").read("documents", CRAWL)
        urls.append(documents["url"].to_pylist())
        extractors += [name.split()[0] for name in documents["extractor"].unique().to_pylist()]
    assert urls[0] == urls[1]
    assert len(urls[0]) == 8
    assert extractors == ["blocks", "resiliparse"]
