"""Stages work side by side; a take-down works alone, and does not wait for ever while new stages come."""

import logging
import multiprocessing
import signal
import time
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from filelock import Timeout

from include.lake import Lake
from include.locks import _lock, nobody_at_work, stage_at_work

FORKS = multiprocessing.get_context("forkserver")


def _hold(root: Path, alone: bool, parent: Connection) -> None:
    """In a process of its own: hold the lock until it is killed or told to stop."""
    told = logging.Handler()
    told.emit = lambda record: parent.send("waits")  # type: ignore[method-assign]
    logging.getLogger("rewrap.locks").addHandler(told)
    logging.getLogger("rewrap.locks").setLevel(logging.INFO)
    with (nobody_at_work if alone else stage_at_work)(Lake(root)):
        parent.send("has it")
        parent.recv()


class Holder:
    """A process that wants the lock, or has it."""

    def __init__(self, lake: Lake, alone: bool = False) -> None:
        self.pipe, theirs = FORKS.Pipe()
        self.process = FORKS.Process(target=_hold, args=(lake.root, alone, theirs), daemon=True)
        self.process.start()

    def says(self) -> str:
        return str(self.pipe.recv())

    def end(self) -> None:
        self.pipe.send("end")

    def kill(self) -> None:
        self.process.kill()
        self.process.join()
        assert self.process.exitcode == -signal.SIGKILL


def test_stages_do_not_wait_for_each_other(lake: Lake) -> None:
    other = Holder(lake)
    assert other.says() == "has it"
    with stage_at_work(lake), stage_at_work(lake):
        other.kill()


def test_a_take_down_comes_before_stages_that_come_later(lake: Lake) -> None:
    stage = Holder(lake)
    assert stage.says() == "has it"
    take_down = Holder(lake, alone=True)
    assert take_down.says() == "waits"
    until = time.monotonic() + 60
    while _can_begin(lake):  # it has said that it waits, and is about to
        assert time.monotonic() < until
    later = Holder(lake)
    assert later.says() == "waits"
    stage.end()
    assert take_down.says() == "has it"
    assert not later.pipe.poll()
    take_down.end()
    assert later.says() == "has it"
    later.end()


@pytest.mark.parametrize("alone", [False, True])
def test_the_dead_hold_nobody_up(lake: Lake, alone: bool) -> None:
    holder = Holder(lake, alone)
    assert holder.says() == "has it"
    holder.kill()
    with nobody_at_work(lake):
        pass


def _can_begin(lake: Lake) -> bool:
    """Whether a stage would get in at once."""
    try:
        with _lock(lake).read_lock(blocking=False):
            return True
    except Timeout:
        return False
