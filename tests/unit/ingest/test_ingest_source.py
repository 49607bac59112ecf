"""Sources: folders, single files, lists of paths, samples, a real HTTP server and a real S3 server in this process."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from faulty_server import Chaos, FaultyServer, serving
from s3_server import s3_bucket, upload
from warc_files import CRAWL, page, write_dump, zipped
from whole_ingest import extract, plan
from whole_ingest import ingest as whole_ingest

from include.errors import BadInput
from include.ingest import fetch, s3, source, transport
from include.ingest.source import FetchPolicy, Sample, SourceUnavailable, list_files, open_file
from include.lake import Lake
from include.params import IngestParams

PARAMS = IngestParams()
POLICY = FetchPolicy("me@example.org", requests_per_second=1e4, attempts=4, stall_seconds=2.0)
SEGMENTS = f"crawl-data/{CRAWL}/segments"
FILES = {
    f"{SEGMENTS}/1700000000001.10/warc/a.warc.gz": zipped([page(n) for n in range(4)]),
    f"{SEGMENTS}/1700000000002.20/warc/b.warc.gz": zipped([page(n) for n in range(3, 6)]),
}


def ingest(lake: Lake, source: str) -> int:
    return whole_ingest(lake, source, PARAMS, policy=POLICY).rows_out


def paths(source: Path | str, crawl: str = CRAWL, kind: str = "warc", sample: Sample | None = None) -> list[str]:
    return [file.path for file in list_files(str(source), crawl, POLICY, kind, sample).files]


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "FIRST_WAIT_SECONDS", 0.002)
    monkeypatch.setattr(transport, "SLOW_DOWN_SECONDS", 0.01)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FaultyServer]:
    with serving(write_dump(tmp_path / "dump", FILES)) as running:
        yield running


def test_an_http_source_in_common_crawl_s_layout(lake: Lake, server: FaultyServer) -> None:
    assert ingest(lake, server.address + "/") == 6
    assert max(server.count(name) for name in FILES) == 1


def test_one_file_by_its_address(lake: Lake, server: FaultyServer) -> None:
    assert ingest(lake, f"{server.address}/{next(iter(FILES))}") == 4


@pytest.mark.parametrize("seed", range(4))
def test_a_dump_over_a_bad_network_gives_the_same_documents(lake: Lake, server: FaultyServer, seed: int) -> None:
    server.chaos = Chaos(seed=seed, share=0.7)
    assert ingest(lake, server.address) == 6
    assert len(server.seen) <= 3 * 4


def test_a_server_that_stays_down_fails_the_batch_and_loses_nothing(lake: Lake, server: FaultyServer) -> None:
    [batch] = plan(lake, server.address, policy=POLICY)
    server.fault("*", statuses=[503] * 4)
    with pytest.raises(SourceUnavailable, match=r"no answer after 4 attempts.*503"):
        extract(lake, batch, policy=POLICY)
    assert lake.manifest("pages", CRAWL, batch) is None
    assert extract(lake, batch, policy=POLICY).rows_out == 7


def test_an_unreachable_source_is_one_clear_message(server: FaultyServer) -> None:
    server.fault("*", statuses=[500] * 4)
    with pytest.raises(BadInput, match=r"Source http://127.* cannot be read: .*500.*Check the address"):
        paths(server.address)
    with pytest.raises(BadInput, match=r"Source nowhere://x .* cannot be read: .*use a folder, http"):
        paths("nowhere://x")
    with pytest.raises(BadInput, match="holds no WARC files of OTHER-1"):
        paths(server.address, "OTHER-1")


@pytest.fixture
def bucket() -> Iterator[str]:
    with s3_bucket() as name:
        yield name


def test_an_s3_source_in_common_crawl_s_layout_and_without(lake: Lake, bucket: str) -> None:
    listing = gzip.compress("\n".join(FILES).encode())
    upload(bucket, {f"cc/{path}": content for path, content in FILES.items()})
    upload(bucket, {f"cc/crawl-data/{CRAWL}/warc.paths.gz": listing})
    assert ingest(lake, f"s3://{bucket}/cc") == 6
    segments = f"s3://{bucket}/cc/{SEGMENTS}"
    assert paths(segments) == ["1700000000001.10/warc/a.warc.gz", "1700000000002.20/warc/b.warc.gz"]
    assert ingest(lake, segments) == 6
    with pytest.raises(BadInput, match="holds no WARC files"):
        paths(f"s3://{bucket}/empty")
    with pytest.raises(BadInput, match=r"Source s3://no-such-bucket/x .* cannot be (read|listed)"):
        paths("s3://no-such-bucket/x")


def test_an_s3_object_is_read_from_any_place_and_its_change_is_noticed(bucket: str) -> None:
    content = bytes(range(256)) * 10_000
    upload(bucket, {"deep folder/a b+c.warc": content})
    stream = fetch.RetryingStream(f"s3://{bucket}/deep folder/a b+c.warc", POLICY, start=1_000, end=2_000_000)
    assert stream.read(500) == content[1_000:1_500]
    upload(bucket, {"deep folder/a b+c.warc": content[::-1]})
    stream._disconnect()  # as a broken transfer does
    with pytest.raises(source.FileChanged, match=r"s3://dumps/deep folder/.*changed while it was read: ETag"):
        stream.read()
    with pytest.raises(FileNotFoundError, match="s3://dumps/none does not exist"):
        open_file(f"s3://{bucket}", "none", POLICY).read(1)


def test_an_s3_object_is_kept_and_its_new_state_fetched(bucket: str, tmp_path: Path) -> None:
    keeping = FetchPolicy("test", requests_per_second=1e4, cache=tmp_path)
    for content in (b"old" * 1_000, b"new" * 1_000):
        upload(bucket, {"a.warc": content})
        for _ in range(2):
            stream = open_file(f"s3://{bucket}", "a.warc", keeping)
            assert stream.read() == content
    assert sorted(file.stat().st_size for file in tmp_path.glob("*.body")) == [3_000, 3_000]


def test_a_listing_of_several_answers_is_whole(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3, "KEYS_PER_ANSWER", 10)
    upload(bucket, {f"many/{number:04}.warc.gz": b"x" for number in range(25)})
    assert paths(f"s3://{bucket}/many") == [f"{number:04}.warc.gz" for number in range(25)]


def test_a_folder_without_a_list_gives_every_file_of_the_kind_below_it(tmp_path: Path) -> None:
    for name in ("z/b.warc.gz", "a.warc", "c.warc.wet.gz", "d.txt", "y/e.warc.lz4", "y/old.arc.gz"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    assert paths(tmp_path) == ["a.warc", "y/e.warc.lz4", "z/b.warc.gz"]
    assert paths(tmp_path, kind="wet") == ["c.warc.wet.gz"]
    assert paths(tmp_path, kind="arc") == ["y/old.arc.gz"]
    assert paths(tmp_path / "a.warc") == ["a.warc"]
    with pytest.raises(BadInput, match="no files of kind 'pdf'; the kinds are warc, wet, arc"):
        paths(tmp_path, kind="pdf")


def test_the_texts_of_a_dump_are_listed_by_their_own_list(tmp_path: Path) -> None:
    write_dump(tmp_path, FILES)
    wet = [path.replace("/warc/", "/wet/").replace(".warc.gz", ".warc.wet.gz") for path in FILES]
    (tmp_path / f"crawl-data/{CRAWL}/wet.paths.gz").write_bytes(gzip.compress("\n".join(wet).encode()))
    assert paths(tmp_path, kind="wet") == wet
    assert paths(tmp_path) == list(FILES)


@pytest.mark.parametrize(
    ("path", "segment"),
    [
        (
            "crawl-data/CC-MAIN-2024-22/segments/1715971057216.39/warc/CC-MAIN-20240517233122-00000.warc.gz",
            "1715971057216.39",
        ),
        ("parse-output/segment/1341690166822/1341819847375_4319.arc.gz", "1341690166822"),
        ("my/segments.warc.gz", ""),
    ],
)
def test_a_file_knows_its_segment(path: str, segment: str) -> None:
    assert source.WarcFile(path, "").segment == segment


def test_a_list_in_the_folder_itself_keeps_its_order(tmp_path: Path) -> None:
    (tmp_path / "warc.paths.gz").write_bytes(gzip.compress(b"x/2.warc.gz\nx/1.warc.gz\nx/1.warc.wet.gz\nx/2.warc.gz\n"))
    assert paths(tmp_path) == ["x/2.warc.gz", "x/1.warc.gz"]


def test_a_list_of_your_own_names_files_anywhere(lake: Lake, server: FaultyServer, tmp_path: Path) -> None:
    (tmp_path / "near.warc.gz").write_bytes(zipped([page(7)]))
    (tmp_path / "far").mkdir()
    (tmp_path / "far" / "b.warc.gz").write_bytes(zipped([page(8)]))
    lines = ["# mine", "near.warc.gz", "", f"{tmp_path}/far/b.warc.gz", f"{server.address}/{next(iter(FILES))}"]
    (tmp_path / "mine.txt").write_text("\n".join(lines))
    (tmp_path / "mine.txt.gz").write_bytes(gzip.compress("\n".join(lines).encode()))
    assert paths(tmp_path / "mine.txt") == paths(tmp_path / "mine.txt.gz") == [lines[1], *lines[3:]]
    assert ingest(lake, str(tmp_path / "mine.txt")) == 6


def test_a_list_on_a_server_is_relative_to_its_own_folder(server: FaultyServer) -> None:
    (server.folder / "mine.paths").write_text("x/1.warc.gz?token=1\nx/2.warc.gz\n")
    listing = list_files(f"{server.address}/mine.paths", CRAWL, POLICY)
    assert (listing.root, [file.path for file in listing.files]) == (
        server.address,
        ["x/1.warc.gz?token=1", "x/2.warc.gz"],
    )


def test_common_crawl_s_own_list_is_relative_to_the_place_of_the_whole_crawl(lake: Lake, server: FaultyServer) -> None:
    assert ingest(lake, f"{server.address}/crawl-data/{CRAWL}/warc.paths.gz") == 6
    assert ingest(lake, f"{server.folder}/crawl-data/{CRAWL}/warc.paths.gz") == 6


@pytest.mark.parametrize(
    "line", ["/etc/x.warc.gz", "../x.warc.gz", "a/../../x.warc.gz", "a\x00b.warc.gz", "a\x1b[2J.warc"]
)
def test_a_list_from_the_network_cannot_reach_out_of_its_place(server: FaultyServer, line: str) -> None:
    (server.folder / "mine.paths").write_text(line)
    with pytest.raises(BadInput, match=r"mine\.paths lists .*(must not name|must be relative|control characters)"):
        paths(f"{server.address}/mine.paths")


def test_a_local_list_s_relative_paths_stay_below_it(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("../x.warc.gz")
    with pytest.raises(BadInput, match="must be relative to the source and stay inside"):
        paths(tmp_path / "mine.txt")


def packed(content: bytes) -> bytes:
    """Without the time in its head: content names a test, and every process must find the same tests."""
    return gzip.compress(content, mtime=0)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"no gzip", "not a gzipped list"),
        (packed(b"a.warc.gz\n")[:-9], "not a gzipped list"),
        (packed(b"\xff\xfe.warc.gz"), "not a gzipped list"),
        (packed(b"../../secret.warc.gz"), "must be relative"),
        (packed(b"/etc/x.warc.gz"), "must be relative"),
        (packed(b"https://elsewhere.example/x.warc.gz"), "must be relative"),
        (packed(b"cdx-00000.parquet"), "holds no WARC files"),
        (b"", "holds no WARC files"),
    ],
)
def test_an_unusable_list_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "warc.paths.gz").write_bytes(content)
    with pytest.raises(BadInput, match=message):
        paths(tmp_path)


def test_a_list_that_unpacks_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MAX_LIST_BYTES", 1 << 20)
    for bomb in (gzip.compress(bytes(8 << 20)), gzip.compress(bytes(1 << 20)) + gzip.compress(b"x")):
        (tmp_path / "warc.paths.gz").write_bytes(bomb)
        with pytest.raises(BadInput, match="unpacks to more than 1048576 bytes"):
            paths(tmp_path)


def test_a_missing_folder_and_a_file_of_another_kind_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="does not exist"):
        paths(tmp_path / "nowhere")
    (tmp_path / "notes.pdf").write_text("x")
    with pytest.raises(BadInput, match="is neither a WARC file nor a list of paths"):
        paths(tmp_path / "notes.pdf")


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A dump of 2,000 listed files."""
    lines = "".join(f"{SEGMENTS}/{number % 100}/warc/{number:05}.warc.gz\n" for number in range(2_000))
    (tmp_path / "warc.paths.gz").write_bytes(gzip.compress(lines.encode()))
    return tmp_path


def test_the_whole_dump_is_no_sample(large: Path) -> None:
    listing = list_files(str(large), CRAWL, POLICY)
    assert (len(listing.files), listing.sampled) == (2_000, "")


def test_the_first_files_are_a_sample_that_says_so(large: Path) -> None:
    listing = list_files(str(large), CRAWL, POLICY, sample=Sample(first=10))
    assert listing.sampled == "first 10 of 2000"
    assert [file.path for file in listing.files] == paths(large)[:10]
    assert list_files(str(large), CRAWL, POLICY, sample=Sample(first=9_999)).sampled == "first 2000 of 2000"


def test_a_seeded_share_is_the_same_every_time_and_another_with_another_seed(large: Path) -> None:
    listing = list_files(str(large), CRAWL, POLICY, sample=Sample(share=0.05, seed=7))
    assert listing.sampled == "100 of 2000, a share of 0.05 with seed 7"
    chosen = [file.path for file in listing.files]
    assert chosen == sorted(chosen, key=paths(large).index)
    assert chosen == paths(large, sample=Sample(share=0.05, seed=7))
    assert len(set(chosen) & set(paths(large, sample=Sample(share=0.05, seed=8)))) < 20
    assert set(chosen) < set(paths(large, sample=Sample(share=0.1, seed=7))), "a larger share holds the smaller one"
    assert len({file.segment for file in listing.files}) > 50, "it comes from all over the dump"
    assert len(paths(large, sample=Sample(share=1e-9))) == 1


@pytest.mark.parametrize(
    "sample", [{}, {"first": 1, "share": 0.5}, {"first": 0}, {"share": 0.0}, {"share": 1.1}, {"share": float("nan")}]
)
def test_a_sample_that_means_nothing_is_refused(sample: dict[str, float]) -> None:
    with pytest.raises(BadInput, match="sample"):
        Sample(**sample)  # type: ignore[arg-type]
