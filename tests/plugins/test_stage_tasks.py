"""What tasks do around a stage; how they fare under a real scheduler is seen in tests/e2e."""

from __future__ import annotations

import os
import signal

import pytest

pytestmark = pytest.mark.usefixtures("airflow_home")


def cancelled(kept: list[str]) -> None:
    """A stage that gets the signal of a task that somebody cancels."""
    from stage_tasks import _ending_on_sigterm

    with _ending_on_sigterm():
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            signal.pause()
        finally:
            kept.append("what was made")


def test_a_task_that_is_cancelled_leaves_its_stage_as_after_an_error() -> None:
    before: object = signal.getsignal(signal.SIGTERM)
    kept: list[str] = []
    with pytest.raises(SystemExit, match="ended by SIGTERM"):
        cancelled(kept)
    assert kept == ["what was made"]
    assert signal.getsignal(signal.SIGTERM) is before
