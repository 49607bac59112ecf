"""Publishers that are killed, locks that they leave, a disk that fills up: old or new version, never half of one."""

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from registry_home import CRAWL, HERE, SCRIPTS, V1, V2, corpus, git, publish, renew

from include.errors import RewrapError
from include.publish.registry import releases


def script(name: str, *arguments: object, before: tuple[str, ...] = ()) -> dict[str, Any]:
    """What a script beside this file prints as JSON."""
    command = [*before, sys.executable, "-W", "ignore", str(HERE / name), *map(str, arguments)]
    done = subprocess.run(command, env=SCRIPTS, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    content: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return content


@pytest.mark.slow
def test_a_publisher_killed_anywhere_leaves_whole_versions_and_the_next_one_finishes(tmp_path: Path) -> None:
    """SIGKILL at moments spread over all that a publish changes on disk: draft, cache, remote, commit, tag."""
    (tmp_path / "home").mkdir()
    told = script("dying_publisher.py", tmp_path / "home", "publish", 8)
    for found in told["found"]:
        assert found["died"], found
        assert found["usable"] in ({V1: True}, {V1: True, V2: True}), found
        assert found["next"], found
        assert found["finally"] == {V1: True, V2: True}, found


@pytest.mark.slow
def test_a_withdrawal_killed_anywhere_is_finished_by_the_next(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    told = script("dying_publisher.py", tmp_path / "home", "withdraw", 4)
    for found in told["found"]:
        assert found["died"], found
        assert found["usable"][V2], found
        assert found["next"], found
        assert (found["finally"], found["objects_of_first"]) == ({V2: True}, 0), found


@pytest.fixture
def home(first_version: Path) -> Path:
    return renew(first_version)


def test_a_publisher_killed_inside_git_is_repaired(home: Path) -> None:
    """SIGKILL to publisher and git at the moment when git has written the index but not the commit."""
    corpus(home, 2)
    hook = home / "datasets/.git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nkill -9 0\n")  # 0: the whole process group
    hook.chmod(0o755)
    program = (
        "import sys; from pathlib import Path; from include.lake import Lake\n"
        "from include.publish.registry import publish_release\n"
        "home = Path(sys.argv[1])\n"
        f"publish_release(Lake(home / 'lake'), {CRAWL!r}, home / 'datasets', str(home / 'remote'))\n"
    )
    publisher = subprocess.run([sys.executable, "-c", program, str(home)], start_new_session=True)
    assert publisher.returncode == -signal.SIGKILL
    hook.unlink()
    assert [r.tag for r in releases(home / "datasets")] == [V1]
    assert (home / "datasets/.git/index.lock").exists()
    assert publish(home, 2).tag == V2
    assert git(home / "datasets", "status", "--porcelain") == ""


def test_a_lock_of_a_git_that_is_at_work_is_respected(home: Path) -> None:
    lock = home / "datasets/.git/index.lock"
    lock.touch()
    fake = home.parent / "git"  # psutil sees the name of the file that runs
    shutil.copy(shutil.which("sleep") or "sleep", fake)
    working = subprocess.Popen([fake, "60"], cwd=home / "datasets")
    try:
        with pytest.raises(RewrapError, match=rf"index\.lock is there: git works in .*process {working.pid}"):
            publish(home, 2)
    finally:
        working.kill()
        working.wait()
    assert lock.exists()
    assert publish(home, 2).tag == V2
    assert not lock.exists()


def may_mount() -> bool:
    tried = ["unshare", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"]
    return (
        shutil.which("unshare") is not None and not subprocess.run(tried, capture_output=True, check=False).returncode
    )


@pytest.mark.slow
@pytest.mark.skipif(not may_mount(), reason="this machine lets nobody mount a file system, not even for itself alone")
def test_a_full_disk_makes_no_version_and_with_room_again_the_next_run_does(tmp_path: Path) -> None:
    alone = ("unshare", "--map-root-user", "--mount")
    told = script("full_disk_publisher.py", tmp_path, before=alone)
    failures = told["failures"]
    for failure in failures:
        # git does not always say why it could not write
        assert "No space left on device" in failure["error"] or failure["error"].startswith("'git "), failure
        assert "continues where this run stopped" in failure["error"] or "publish again" in failure["error"], failure
        assert failure["visible"] == {V1: True}, failure
    steps = ("did not reach the DVC remote", "'git ")
    assert all(any(step in failure["error"] for failure in failures) for step in steps), "it was full at several steps"
    assert told["finally"] == {V1: True, V2: True}
