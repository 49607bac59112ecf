"""Tables in several files."""

import pyarrow as pa
import pytest

from include.lake import Lake
from include.parts import parts

TABLE = pa.table({"n": [1, 2, 3, 4, 5], "text": list("abcde")})


def write(lake: Lake, cuts: list[int], fingerprint: str = "f") -> None:
    with parts(lake, TABLE.schema, layer="mix", crawl="T-1", fingerprint=fingerprint) as table:
        start = 0
        for cut in cuts:
            table.write(TABLE.slice(start, cut - start))
            table.cut()
            start = cut
        table.write(TABLE.slice(start))


def test_a_table_in_parts_comes_back_in_its_order(lake: Lake) -> None:
    write(lake, [2, 4])
    manifest = lake.finished("mix", "T-1")
    assert [file.rows for file in manifest.files] == [2, 2, 1]
    assert [file.name[:11] for file in manifest.files] == ["part-00000-", "part-00001-", "part-00002-"]
    assert lake.read("mix", "T-1") == TABLE
    assert pa.concat_tables(lake.row_groups("mix", "T-1", ["n", "text"])) == TABLE


def test_fewer_parts_leave_none_of_the_old_ones(lake: Lake) -> None:
    write(lake, [1, 2, 3])
    write(lake, [4], "g")
    assert len(list(lake.path("mix", "T-1").glob("*.parquet"))) == 2
    lake.write(TABLE, layer="mix", crawl="T-1", fingerprint="h")
    assert len(list(lake.path("mix", "T-1").glob("*.parquet"))) == 1


def test_a_table_without_rows_still_has_its_columns(lake: Lake) -> None:
    with parts(lake, TABLE.schema, layer="mix", crawl="T-1", fingerprint="f"):
        pass
    assert lake.read("mix", "T-1") == TABLE.schema.empty_table()


def test_parts_that_are_broken_off_leave_the_old_table_and_no_litter(lake: Lake) -> None:
    write(lake, [2])
    before = sorted(lake.path("mix", "T-1").iterdir())

    def write_half() -> None:
        with parts(lake, TABLE.schema, layer="mix", crawl="T-1", fingerprint="g") as table:
            table.write(TABLE)
            table.cut()
            table.write(TABLE)
            raise RuntimeError("the source broke off")

    with pytest.raises(RuntimeError, match="broke off"):
        write_half()
    assert sorted(lake.path("mix", "T-1").iterdir()) == before
    assert lake.read("mix", "T-1") == TABLE
