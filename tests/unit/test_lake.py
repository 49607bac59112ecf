import json
from pathlib import Path

import pyarrow as pa
import pytest

from include.errors import BadInput, ConservationError
from include.lake import Lake, write_parquet
from include.ledger import StageReport, recall, record

TABLE = pa.table({"n": [3, 1, 2], "text": ["c", "a", "b"]})


def write(lake: Lake, table: pa.Table, fingerprint: str = "f") -> None:
    lake.write(table, layer="documents", crawl="T-1", fingerprint=fingerprint)


def test_a_table_comes_back_in_its_order(lake: Lake) -> None:
    write(lake, TABLE)
    assert lake.read("documents", "T-1") == TABLE


def test_equal_rows_give_equal_bytes(lake: Lake, tmp_path: Path) -> None:
    write(lake, TABLE)
    other = Lake(tmp_path / "other")
    write(other, TABLE)
    assert lake.manifest("documents", "T-1") == other.manifest("documents", "T-1")


def test_a_reader_trusts_the_manifest_alone(lake: Lake) -> None:
    write(lake, TABLE)
    write_parquet(lake.path("documents", "T-1") / "part-left-by-a-killed-writer.parquet", TABLE)
    assert lake.read("documents", "T-1").num_rows == 3


def test_a_write_that_dies_before_the_manifest_leaves_the_old_table(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(lake, TABLE)

    def die(path: Path, content: bytes) -> None:
        raise OSError("No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("include.lake.write_atomically", die)
        with pytest.raises(OSError, match="No space"):
            write(lake, TABLE.slice(0, 1), "g")
    assert lake.read("documents", "T-1") == TABLE
    assert lake.is_current("f", "documents", "T-1")


def test_a_new_table_leaves_no_file_of_the_old_one(lake: Lake) -> None:
    write(lake, TABLE)
    write(lake, TABLE.slice(0, 1), "g")
    assert sorted(file.suffix for file in lake.path("documents", "T-1").iterdir()) == [".json", ".parquet"]
    assert not lake.is_current("f", "documents", "T-1")


def test_an_unfinished_table_says_which_stage_is_missing(lake: Lake) -> None:
    with pytest.raises(BadInput, match="T-1 has no documents yet"):
        lake.read("documents", "T-1")


@pytest.mark.parametrize("name", ["..", "a/b", ".hidden", "", "a\0b"])
def test_no_name_leaves_the_lake(lake: Lake, name: str) -> None:
    with pytest.raises(BadInput, match="cannot name a folder"):
        lake.path("documents", name)


def test_a_report_that_loses_a_row_is_refused_and_not_written(lake: Lake) -> None:
    report = StageReport("ingest", "T-1", rows_in=10, rows_out=6, rejected={"language": 2}, failed={"broken": 1})
    with pytest.raises(ConservationError, match="10 rows went in but 9 are accounted for"):
        record(lake, report)
    assert recall(lake, "T-1", "ingest") is None


def test_a_report_can_be_read_back(lake: Lake) -> None:
    report = StageReport("ingest", "T-1", rows_in=9, rows_out=6, rejected={"language": 2}, failed={"broken": 1})
    assert recall(lake, "T-1", record(lake, report).stage) == report
    json.dumps(report.summary())
