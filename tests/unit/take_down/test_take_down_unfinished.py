"""What killed stages left half written goes, and nothing else."""

import os
import subprocess
import sys

import pyarrow as pa
import pytest

from include.lake import Lake
from include.rephrase.store import Store
from include.schemas import RESULT
from include.take_down.unfinished import clear_unfinished

ROWS = pa.table({"text": ["a secret"]})


def dead() -> int:
    """The number of a process that is gone."""
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


def test_half_written_files_go_and_finished_tables_stay(lake: Lake) -> None:
    lake.write(ROWS, layer="documents", crawl="A", fingerprint="x")
    Store(lake).commit(pa.Table.from_pylist([{"generation_key": "k", "output": "o"}], schema=RESULT), worker="w")
    finished = {file for file in lake.root.rglob("*") if file.is_file()}
    for name in (".part.parquet.123.tmp", "part-0123456789abcdef.parquet", "part.parquet"):
        (lake.path("documents", "A") / name).write_bytes(b"PAR1 half")
    lake.path("gate_verdicts", "A").mkdir(parents=True)
    (lake.path("gate_verdicts", "A") / "part.parquet").write_bytes(b"PAR1 half")
    (lake.root / ".scratch" / "corpus" / "A").mkdir(parents=True)
    spilled = [lake.root / ".duckdb" / f"{pid}-ab" for pid in (dead(), os.getpid())]
    for folder in spilled:
        folder.mkdir(parents=True)
    assert clear_unfinished(lake) == 4
    assert {file for file in lake.root.rglob("*") if file.is_file()} == finished
    assert not (lake.root / ".scratch").exists()
    assert [folder.exists() for folder in spilled] == [False, True]
    assert lake.read("documents", "A").equals(ROWS)


def test_a_stage_that_fails_leaves_nothing_to_clear(lake: Lake) -> None:
    def fail() -> None:
        with lake.stream(ROWS.schema, layer="documents", crawl="A", fingerprint="x") as stream:
            stream.write(ROWS)
            raise RuntimeError("on the way")

    with pytest.raises(RuntimeError, match="on the way"):
        fail()
    assert clear_unfinished(lake) == 0
