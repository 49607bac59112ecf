"""A disk that is really full: a file system of three megabytes in a namespace of its own."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from children import ENVIRONMENT, HERE
from generating import CHUNK


def may_mount() -> bool:
    tried = ["unshare", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"]
    return (
        shutil.which("unshare") is not None and not subprocess.run(tried, capture_output=True, check=False).returncode
    )


@pytest.mark.skipif(not may_mount(), reason="this machine lets nobody mount a file system, not even for itself alone")
def test_a_full_disk_leaves_nothing_half_and_the_next_run_makes_the_rest(tmp_path: Path) -> None:
    done = subprocess.run(
        ["unshare", "--map-root-user", "--mount", sys.executable, str(HERE / "full_disk.py"), str(tmp_path)],
        env=ENVIRONMENT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert "The disk under" in said["error"]
    assert "is full" in said["error"]
    assert "free some space and run the generate step again" in said["error"]
    assert said["kept"] >= CHUNK, "what had been committed is kept"
    assert said["lost"] <= CHUNK, "and only the chunk for which there was no room is lost"
    assert said["repeated"] == 0
    assert said["left"] == []
    assert said["complete"]
    assert said["rows"] == [24, 24]
