"""'make run' on WARC files that nobody here made."""

import os
import subprocess
from pathlib import Path

import pytest

from include.lake import Lake

pytestmark = [pytest.mark.slow, pytest.mark.engine]

PROJECT = Path(__file__).resolve().parents[2]
CHANGES = (
    "rephrase.max_documents=4", "rephrase.recipes=[easy, medium]", "rephrase.max_segment_tokens=120",
    "gate.min_accepted_share=0", "gate.checks.near_copy.max=1", "train.tokens=20000",
)  # fmt: skip


def test_make_run_goes_the_whole_way_on_real_files(tmp_path: Path, models: Path, shared_data: Path) -> None:
    (tmp_path / "models").symlink_to(models)
    arguments = " ".join(f"--set '{change}'" for change in CHANGES)
    done = subprocess.run(
        ["make", "run", "CRAWL=REAL-1", f"SOURCE={shared_data / 'warc/pywb'}", f"ARGS={arguments}"],
        cwd=PROJECT, env=os.environ | {"REWRAP_HOME": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    lake = Lake(tmp_path / "lake")
    assert "iana.org" in " ".join(lake.read("documents", "REAL-1").column("host").to_pylist())
    assert set(lake.read("generations", "REAL-1").column("engine").to_pylist()) == {"vllm"}
    tags = subprocess.run(["git", "-C", str(tmp_path / "datasets"), "tag"], capture_output=True, text=True, check=True)
    assert tags.stdout.split() == ["REAL-1@v1.0.0"]
    assert (lake.path("training", "REAL-1") / "report.json").exists()
