"""Equal inputs and settings give equal bytes: whatever the machine, the order of rows, the room in memory."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from small_dumps import Dump, fill

from include.lake import Lake
from include.publish import gather
from include.publish.mix import build_corpus
from include.publish.mix_params import MixParams

CRAWL = "SAMPLE-2026-01"
LAYERS = ("mix", "real", "heldout")
DUMP = Dump(documents=200, rephrased=60, buckets=("low", "medium", "high"))
PARAMS = MixParams.model_validate(
    {
        "mixes": {
            "mine": {
                "sources": {
                    "real": {"share": 0.6, "quality": {"high": 2.5}},
                    "qa": {"share": 0.3, "max_repeats": 3},
                    "synthetic": {"share": 0.1},
                }
            }
        },
        "use": "mine",
        "shard_bytes": 30_000,
    }
)


class Machine(Lake):
    """A lake on another machine: so many threads, so much memory, and no promise about the order of rows."""

    def __init__(self, root: Path, threads: int, memory: str) -> None:
        super().__init__(root, memory)
        self.threads = threads

    def query(self) -> "duckdb.DuckDBPyConnection":
        connection = super().query()
        connection.execute(f"SET threads = {self.threads}")
        connection.execute("SET preserve_insertion_order = false")
        return connection


def digests(lake: Lake) -> dict[str, list[str]]:
    return {layer: [file.sha256 for file in lake.finished(layer, CRAWL).files] for layer in LAYERS}


@pytest.fixture
def usual(lake: Lake) -> dict[str, list[str]]:
    fill(lake, DUMP)
    build_corpus(lake, CRAWL, PARAMS)
    return digests(lake)


@pytest.mark.parametrize(("threads", "memory"), [(1, "2GB"), (4, "100MB")])
def test_another_machine_gives_the_same_bytes(
    usual: dict[str, list[str]], tmp_path: Path, threads: int, memory: str
) -> None:
    there = Machine(tmp_path / "there", threads, memory)
    fill(there, DUMP)
    build_corpus(there, CRAWL, PARAMS)
    assert digests(there) == usual


def test_another_order_of_the_inputs_in_other_row_groups_gives_the_same_bytes(
    lake: Lake, usual: dict[str, list[str]]
) -> None:
    for layer in ("documents", "accepted"):
        table = lake.read(layer, CRAWL)
        turned = table.take(pa.array(range(table.num_rows - 1, -1, -1)))
        [file] = lake.files(layer, CRAWL)
        pq.write_table(turned, file, row_group_size=7)
    for layer in LAYERS:
        (lake.path(layer, CRAWL) / "manifest.json").unlink()
    build_corpus(lake, CRAWL, PARAMS)
    assert digests(lake) == usual


def test_the_size_of_the_buckets_does_not_show(
    lake: Lake, usual: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gather, "BUCKET_BYTES", 5_000)
    monkeypatch.setattr(gather, "BATCH", 3)
    for layer in LAYERS:
        (lake.path(layer, CRAWL) / "manifest.json").unlink()
    build_corpus(lake, CRAWL, PARAMS)
    assert digests(lake) == usual
    assert not list((lake.root / ".scratch/corpus").iterdir())


def test_shards_cut_one_order(lake: Lake, usual: dict[str, list[str]]) -> None:
    sharded = {layer: lake.read(layer, CRAWL) for layer in LAYERS}
    assert len(usual["mix"]) == len(lake.files("mix", CRAWL)) > 2
    for file in lake.files("mix", CRAWL)[:-1]:
        sizes = [len(text.encode()) for text in pq.read_table(file)["text"].to_pylist()]
        assert abs(sum(sizes) - 30_000) < 2_000, "the row that reaches the bound is the last"
    build_corpus(lake, CRAWL, PARAMS.model_copy(update={"shard_bytes": 10**9}))
    assert {layer: len(lake.files(layer, CRAWL)) for layer in LAYERS} == dict.fromkeys(LAYERS, 1)
    assert all(lake.read(layer, CRAWL).equals(sharded[layer]) for layer in LAYERS)


def test_a_text_that_is_larger_than_a_shard_has_one_of_its_own(lake: Lake, make_dump: Callable) -> None:
    make_dump(documents=20)
    build_corpus(lake, CRAWL, MixParams().model_copy(update={"shard_bytes": 100}))
    assert {file.rows for file in lake.finished("real", CRAWL).files} == {1}
    assert len(lake.files("real", CRAWL)) == lake.read("real", CRAWL).num_rows


def test_what_a_killed_build_left_does_not_show(lake: Lake, make_dump: Callable) -> None:
    make_dump()
    left = lake.root / ".scratch/corpus" / CRAWL / "mix-00007.arrow"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half a bucket")
    staged = lake.path("mix", CRAWL) / "part-00003.parquet"
    staged.parent.mkdir(parents=True)
    staged.write_bytes(b"half a shard")
    build_corpus(lake, CRAWL, MixParams())
    assert not left.exists()
    assert not staged.exists()
    assert lake.read("mix", CRAWL).num_rows == lake.finished("mix", CRAWL).rows > 0
