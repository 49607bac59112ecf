import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from include.errors import BadInput, ConservationError
from include.lake import Lake
from include.ledger import StageReport, recall, record
from include.parquet import write_parquet

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


def test_a_stream_gives_the_same_bytes_however_it_is_cut(lake: Lake, tmp_path: Path) -> None:
    # More than one row group by rows, and texts that end one early.
    rows = 10_000
    texts = [f"{number} " * (20_000 if 5_000 < number < 5_600 else 1) for number in range(rows)]
    table = pa.table({"n": range(rows), "text": texts, "maybe": [None if n % 3 else n for n in range(rows)]})
    write(lake, table)
    [whole] = lake.files("documents", "T-1")
    for size in (1, 777, 5_000):
        other = Lake(tmp_path / str(size))
        with other.stream(table.schema, layer="documents", crawl="T-1", fingerprint="f") as stream:
            for start in range(0, rows, size):
                stream.write(table.slice(start, size))
        assert other.manifest("documents", "T-1") == lake.manifest("documents", "T-1")
    groups = [pq.ParquetFile(whole).metadata.row_group(n) for n in range(pq.ParquetFile(whole).num_row_groups)]
    assert max(group.num_rows for group in groups) == 4096
    assert len(groups) > 3
    assert max(group.total_byte_size for group in groups) < 48 * 2**20
    assert lake.read("documents", "T-1") == table


def test_a_stream_that_is_broken_off_leaves_the_old_table_and_no_litter(lake: Lake) -> None:
    write(lake, TABLE)
    before = sorted(lake.path("documents", "T-1").iterdir())

    def write_half() -> None:
        with lake.stream(TABLE.schema, layer="documents", crawl="T-1", fingerprint="g") as stream:
            stream.write(TABLE)
            raise RuntimeError("the source broke off")

    with pytest.raises(RuntimeError, match="broke off"):
        write_half()
    assert sorted(lake.path("documents", "T-1").iterdir()) == before
    assert lake.read("documents", "T-1") == TABLE


def test_the_next_write_removes_what_a_killed_one_left(lake: Lake) -> None:
    write(lake, TABLE)
    left = lake.path("documents", "T-1") / ".part.parquet.99999.tmp"
    left.write_bytes(b"half a file")
    write(lake, TABLE, "g")
    assert not left.exists()


def test_an_empty_table_comes_back_empty(lake: Lake) -> None:
    write(lake, TABLE.slice(0, 0))
    assert lake.read("documents", "T-1") == TABLE.slice(0, 0)


def test_queries_at_the_same_time_spill_apart_and_clean_up(tmp_path: Path) -> None:
    lake = Lake(tmp_path, query_memory="60MB")
    query = "SELECT count(*) FROM (SELECT hash(range) AS key, count(*) FROM range(3_000_000) GROUP BY key)"
    with lake.query() as one, lake.query() as two:
        assert one.sql(query).fetchall() == two.sql(query).fetchall() == [(3_000_000,)]
        assert len(list((tmp_path / ".duckdb").iterdir())) == 2
    assert list((tmp_path / ".duckdb").iterdir()) == []


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


def test_a_table_that_was_cut_is_still_the_same_to_what_was_made_from_it(lake: Lake) -> None:
    place = {"layer": "documents", "crawl": "A"}
    whole = lake.write(pa.table({"n": list(range(10_000))}), fingerprint="made", **place)
    for rows in (5_000, 3):
        with lake.cut(**place) as stream:
            stream.write(pa.table({"n": list(range(rows))}))
        manifest = lake.finished(**place)
        assert (manifest.rows, manifest.fingerprint, manifest.origin) == (rows, "made", whole.files)
    assert len(list(lake.path(**place).glob("*.parquet"))) == 1
    again = lake.write(pa.table({"n": [1]}), fingerprint="made", **place)
    assert again.origin == again.files != whole.files, "its stage wrote it anew"


def test_a_cut_that_fails_leaves_the_table_as_it_was(lake: Lake) -> None:
    place = {"layer": "documents", "crawl": "A"}
    before = lake.write(pa.table({"n": [1, 2]}), fingerprint="made", **place)

    def cut() -> None:
        with lake.cut(**place) as stream:
            stream.write(pa.table({"n": [1]}))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        cut()
    assert lake.finished(**place) == before
