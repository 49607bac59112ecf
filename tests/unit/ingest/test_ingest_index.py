"""Index mode: the wanted pages, planned from a columnar index, fetched as joined ranges, each byte checked."""

import base64
import hashlib
import io
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from faulty_server import Chaos, FaultyServer, serving
from hypothesis import given
from hypothesis import strategies as st
from index_files import index_rows, members, write_index
from s3_server import s3_bucket, upload
from warc_files import CRAWL, http, page, record, write_dump, zipped

from include.errors import BadInput
from include.ingest import fetch, transport
from include.ingest.columnar_index import Wanted, plan_ranges, read_plan
from include.ingest.policy import FetchPolicy, SourceUnavailable
from include.ingest.ranges import ByteRange, FetchedRecord, WantedRecord, coalesce, fetch_ranges
from include.ingest.warc import read_records

POLICY = FetchPolicy("me@example.org", requests_per_second=1e4, attempts=4, stall_seconds=2.0)
MAX_BYTES = 10_000_000
ANYTHING = Wanted(mimes=(), statuses=())


def response(url: str, body: bytes, number: int, **headers: str) -> bytes:
    """A response record with the digest that Common Crawl writes."""
    digest = f"sha1:{base64.b32encode(hashlib.sha1(body).digest()).decode()}"
    return record("response", http(body, **headers), number, url, WARC_Payload_Digest=digest)


def file_of(name: str, hosts: list[str]) -> bytes:
    """A WARC file as Common Crawl has it: a request before each response and metadata behind."""
    records = []
    for number, host in enumerate(hosts):
        body = f"<html><body>{name} {number} {hashlib.sha256(str(number).encode()).hexdigest() * 20}".encode()
        records += [record("request", b"GET / HTTP/1.1\r\n\r\n", number)]
        records += [response(f"https://{host}/{name}/{number}", body, number)]
        records += [record("metadata", b"fetchTimeMs: 5", number)]
    return zipped(records)


HOSTS = ["example.org", "docs.example.org", "notexample.org", "example.com", "other.de"] * 20
FILES = {f"crawl-data/{CRAWL}/segments/1/warc/{name}.warc.gz": file_of(name, HOSTS) for name in "abc"}


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "FIRST_WAIT_SECONDS", 0.002)
    monkeypatch.setattr(transport, "SLOW_DOWN_SECONDS", 0.01)


@pytest.fixture(scope="module")
def dump(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_dump(tmp_path_factory.mktemp("dump"), FILES)
    languages = {"a": "eng", "b": "deu,eng", "c": "eng,deu"}
    rows = [row for path, content in FILES.items() for row in index_rows(path, content, languages[path[-9]])]
    write_index(folder, CRAWL, rows)
    return folder


@pytest.fixture
def server(dump: Path) -> Iterator[FaultyServer]:
    with serving(dump) as running:
        yield running


def plan(source: object, tmp_path: Path, wanted: Wanted, **bounds: int) -> list[ByteRange]:
    planned = plan_ranges(str(source), CRAWL, wanted, tmp_path / "plan.parquet", POLICY, **bounds)
    ranges = list(read_plan(planned.path))
    assert planned.ranges == len(ranges)
    assert planned.records == sum(len(part.records) for part in ranges)
    assert planned.range_bytes == sum(part.end - part.start for part in ranges)
    assert list(planned.files) == sorted({part.path for part in ranges})
    return ranges


def urls(ranges: list[ByteRange]) -> set[str]:
    return {found.url for part in ranges for found in part.records}


def expected(*hosts: str, files: str = "abc") -> set[str]:
    return {f"https://{host}/{name}/{n}" for name in files for n, host in enumerate(HOSTS) if host in hosts}


def fetched(root: object, ranges: list[ByteRange], policy: FetchPolicy = POLICY) -> list[FetchedRecord]:
    return list(fetch_ranges(str(root), ranges, policy, MAX_BYTES))


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(hosts=("example.org",)), expected("example.org", "docs.example.org")),
        (Wanted(hosts=("docs.example.org", "other.de")), expected("docs.example.org", "other.de")),
        (Wanted(url_patterns=(r"^https://example\.com/a/", "de/b/4$")), {*expected("example.com", files="a"), "https://other.de/b/4"}),
        (Wanted(languages=("deu",), hosts=("example.com",)), expected("example.com", files="b")),
        (Wanted(languages=("deu", "eng"), hosts=("example.com",)), expected("example.com")),
        (ANYTHING, expected(*HOSTS)),
    ],
)  # fmt: skip
def test_the_wanted_pages_are_planned_and_no_others(
    dump: Path, tmp_path: Path, wanted: Wanted, found: set[str]
) -> None:
    assert urls(plan(dump, tmp_path, wanted)) == found


def test_types_and_statuses_are_conditions_too(tmp_path: Path) -> None:
    kinds = [
        response("https://x.org/ok", b"<html>1", 1),
        response("https://x.org/gone", b"<html>2", 2, status="404 Not Found"),
        response("https://x.org/pdf", b"%PDF", 3, content_type="application/pdf"),
    ]
    content = zipped(kinds)
    write_index(write_dump(tmp_path, {"w.warc.gz": content}), CRAWL, index_rows("w.warc.gz", content), files=1)
    assert urls(plan(tmp_path, tmp_path, Wanted())) == {"https://x.org/ok"}
    assert urls(plan(tmp_path, tmp_path, Wanted(statuses=(404,)))) == {"https://x.org/gone"}
    assert urls(plan(tmp_path, tmp_path, Wanted(mimes=("application/pdf",)))) == {"https://x.org/pdf"}


@pytest.mark.parametrize("listed", [True, False])
def test_the_index_is_found_by_its_list_or_in_its_folder(dump: Path, tmp_path: Path, listed: bool) -> None:
    rows = [row for path, content in FILES.items() for row in index_rows(path, content)]
    write_index(tmp_path, CRAWL, rows, files=3, listed=listed)
    assert urls(plan(tmp_path, tmp_path, ANYTHING)) == expected(*HOSTS)


def test_every_planned_record_is_fetched_byte_for_byte(server: FaultyServer, tmp_path: Path) -> None:
    ranges = plan(server.address, tmp_path, Wanted(hosts=("example.org",)), gap=0)
    assert len(ranges) == 2 * 60, "with no gap allowed, requests and metadata lie between any two"
    seen = len(server.seen)
    records = fetched(server.address, ranges)
    assert {one.record.url for one in records} == expected("example.org", "docs.example.org")
    for one in records:
        place = slice(one.record.offset, one.record.offset + one.record.length)
        [there] = read_records(io.BytesIO(FILES[one.path][place]), MAX_BYTES)
        assert one.found == replace(there, offset=one.record.offset)
        assert not one.failure
    assert len(server.seen) - seen == len(ranges)


def test_near_records_are_fetched_together(server: FaultyServer, tmp_path: Path) -> None:
    ranges = plan(server.address, tmp_path, Wanted(hosts=("example.org",)))
    assert len(ranges) == 3
    seen = len(server.seen)
    records = fetched(server.address, ranges)
    assert [one.failure for one in records] == [""] * 120
    assert len(server.seen) - seen == 3


def test_a_bad_network_changes_nothing(server: FaultyServer, tmp_path: Path) -> None:
    server.chaos = Chaos(seed=3, share=0.6)
    ranges = plan(server.address, tmp_path, Wanted(hosts=("example.org",)))
    records = fetched(server.address, ranges)
    assert {one.record.url for one in records if not one.failure} == expected("example.org", "docs.example.org")


def test_only_the_part_of_the_index_that_can_match_is_fetched(tmp_path: Path) -> None:
    rows = []
    for number in range(20_000):
        host, noise = f"site{number // 100:03}.org", hashlib.sha256(b"%d" % number).hexdigest()
        rows.append(
            {
                **{
                    "url_surtkey": f"org,{host[:-4]}){noise}",
                    "url": f"https://{host}/{noise * 4}",
                    "fetch_status": 200,
                },
                **{"url_host_name": host, "url_host_registered_domain": host, "content_mime_detected": "text/html"},
                **{"warc_filename": "w.warc.gz", "warc_record_offset": number, "warc_record_length": 1},
                "content_digest": noise[:32],
            }
        )
    files = write_index(tmp_path, CRAWL, rows, row_group=500)
    with serving(tmp_path) as server:
        assert len(urls(plan(server.address, tmp_path, Wanted(hosts=("site007.org",))))) == 100
        asked = [seen.range.removeprefix("bytes=").split("-") for seen in server.seen if seen.range]
    assert len(server.seen) <= 10
    assert sum(int(end) - int(start) for start, end in asked) < 0.5 * sum(file.stat().st_size for file in files)


def test_the_index_is_read_from_s3(dump: Path, tmp_path: Path) -> None:
    with s3_bucket() as bucket:
        upload(
            bucket, {f"cc/{file.relative_to(dump)}": file.read_bytes() for file in dump.rglob("*") if file.is_file()}
        )
        ranges = plan(f"s3://{bucket}/cc", tmp_path, Wanted(hosts=("example.com",)))
        assert urls(ranges) == expected("example.com")
        assert [one.failure for one in fetched(f"s3://{bucket}/cc", ranges)] == [""] * 60


def test_a_plan_can_be_read_for_some_files_alone(dump: Path, tmp_path: Path) -> None:
    planned = plan_ranges(str(dump), CRAWL, ANYTHING, tmp_path / "plan.parquet", POLICY)
    assert list(planned.files) == sorted(FILES)
    part = list(read_plan(planned.path, planned.files[1:]))
    assert {one.path for one in part} == set(planned.files[1:])


def test_real_records_of_a_real_crawl(shared_data: Path, tmp_path: Path) -> None:
    content = (shared_data / "warc/pywb/iana.warc.gz").read_bytes()
    write_index(write_dump(tmp_path, {"iana.warc.gz": content}), CRAWL, index_rows("iana.warc.gz", content), files=1)
    ranges = plan(tmp_path, tmp_path, Wanted(), gap=10_000)
    records = fetched(tmp_path, ranges)
    html = [row for row in index_rows("iana.warc.gz", content) if row["content_mime_type"] == "text/html"]
    assert sorted(one.record.offset for one in records) == [
        row["warc_record_offset"] for row in html if row["fetch_status"] == 200
    ]
    assert [one.failure for one in records] == [""] * len(records)
    planned = sum(part.end - part.start for part in ranges)
    assert planned < 0.8 * len(content)


def test_what_lies_elsewhere_than_the_index_says_is_named(tmp_path: Path) -> None:
    content = zipped([response(f"https://x.org/{n}", b"<html>%d" % n, n) for n in range(6)])
    places = [(offset, length) for offset, length, _ in members(content)]
    digests = [row["content_digest"] for row in index_rows("w", content)]
    wrong = [
        WantedRecord(places[0][0], places[0][1], digests[0], "right"),
        WantedRecord(places[1][0], places[1][1], digests[0], "another digest"),
        WantedRecord(places[2][0] + 5, places[2][1] - 5, digests[2], "no member begins there"),
        WantedRecord(places[3][0], places[3][1] - 3, digests[3], "cut"),
        WantedRecord(places[4][0], places[4][1] + places[5][1], digests[4], "two members"),
    ]
    (tmp_path / "w.warc.gz").write_bytes(content)
    ranges = list(coalesce(("w.warc.gz", one) for one in wrong))
    failures = {one.record.url: (one.failure, one.found is None) for one in fetched(tmp_path, ranges)}
    assert failures == {
        "right": ("", False),
        "another digest": ("digest_mismatch", True),
        "no member begins there": ("no_record", True),
        "cut": ("no_record", True),
        "two members": ("no_record", True),
    }


def test_records_that_overlap_in_a_damaged_index_are_fetched_apart() -> None:
    overlapping = [WantedRecord(0, 100, "", "a"), WantedRecord(50, 100, "", "b"), WantedRecord(150, 10, "", "c")]
    ranges = list(coalesce(("w", one) for one in overlapping))
    assert [(part.start, part.end) for part in ranges] == [(0, 100), (50, 160)]


def test_a_record_that_is_too_large_packed_or_unpacked_is_passed_over(tmp_path: Path) -> None:
    noise = hashlib.shake_256(b"x").digest(3 << 20)
    content = zipped(
        [response("https://x.org/bomb", bytes(3 << 20), 1), response("https://x.org/noise", noise, 2), page(3)]
    )
    (tmp_path / "w.warc.gz").write_bytes(content)
    records = [WantedRecord(offset, length, "", str(length)) for offset, length, _ in members(content)]
    found = list(fetch_ranges(str(tmp_path), coalesce(("w.warc.gz", one) for one in records), POLICY, 1 << 20))
    assert [one.failure for one in found] == ["too_large", "too_large", ""]


def test_a_range_that_cannot_be_had_names_its_records_and_the_others_arrive(dump: Path, tmp_path: Path) -> None:
    folder = write_dump(tmp_path / "copy", FILES)
    first, second, _ = sorted(FILES)
    ranges = plan(dump, tmp_path, Wanted(hosts=("example.com",)))
    (folder / first).unlink()
    (folder / second).write_bytes(FILES[second][: len(FILES[second]) // 2])
    with serving(folder) as server:
        records = fetched(server.address, ranges)
    assert len(records) == 60, "every planned record is accounted for"
    failed = {path: [one for one in records if one.path == path and one.failure] for path in sorted(FILES)}
    assert len(failed[first]) == 20
    assert {one.failure for one in failed[first]} == {"unreadable_range"}
    assert "does not exist" in failed[first][0].detail
    assert 5 < len(failed[second]) <= 20
    assert sum(not one.failure for one in records) == 60 - 20 - len(failed[second])


def test_a_server_that_is_down_is_not_asked_for_every_range(server: FaultyServer, tmp_path: Path) -> None:
    ranges = plan(server.address, tmp_path, Wanted(hosts=("example.org",)), gap=0)
    server.seen.clear()
    server.fault("*", statuses=[503] * 999)
    arriving = fetch_ranges(server.address, ranges, POLICY, MAX_BYTES)
    arrived = [next(arriving), next(arriving)]
    with pytest.raises(SourceUnavailable, match="no answer after 4 attempts"):
        next(arriving)
    assert [one.failure for one in arrived] == ["unreadable_range"] * 2
    assert len(server.seen) == 3 * 4


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (Wanted(hosts=("nobody.example",)), "No page of TEST-2026-01 is wanted"),
        (Wanted(url_patterns=("(",)), r"cannot be asked .*missing \).*mend it"),
        (Wanted(url_patterns=("'); DROP TABLE x; --",)), "cannot be asked|No page"),
    ],
)
def test_a_wish_that_cannot_be_met_is_one_clear_message(
    dump: Path, tmp_path: Path, wanted: Wanted, message: str
) -> None:
    with pytest.raises(BadInput, match=message):
        plan(dump, tmp_path, wanted)
    assert not (tmp_path / "plan.parquet").exists()


@pytest.mark.parametrize("wish", [{"hosts": ("https://x.org/",)}, {"hosts": ("X.org",)}, {"languages": ("en",)}])
def test_a_wish_in_other_words_than_the_index_s_is_refused(wish: dict[str, tuple[str, ...]]) -> None:
    with pytest.raises(BadInput, match=r"is no (host name|language of the index)"):
        Wanted(**wish)  # type: ignore[arg-type]


@pytest.mark.parametrize("damage", ["none", "truncated", "negative", "outside"])
def test_a_missing_or_damaged_index_is_named(tmp_path: Path, damage: str) -> None:
    [content] = list(FILES.values())[:1]
    rows = index_rows("w.warc.gz", content)
    if damage == "negative":
        rows[7]["warc_record_offset"] = -5
    if damage == "outside":
        rows[7]["warc_filename"] = "../../etc/passwd"
    if damage != "none":
        [file] = write_index(tmp_path, CRAWL, rows, files=1)
        if damage == "truncated":
            file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(BadInput, match=r"has no columnar index|cannot be asked|is damaged"):
        plan(tmp_path, tmp_path, ANYTHING)


def test_an_index_that_cannot_be_reached_can_be_tried_again_later(server: FaultyServer, tmp_path: Path) -> None:
    [first, _] = [f"{file}" for file in FILES][:2]
    rows = index_rows(first, FILES[first])
    [file] = write_index(tmp_path, CRAWL, rows, files=1)
    with serving(tmp_path) as running:
        running.fault(str(file.relative_to(tmp_path)), statuses=[503] * 99)
        with pytest.raises(SourceUnavailable, match="no answer after 4 attempts"):
            plan(running.address, tmp_path, ANYTHING)


@given(
    lengths=st.lists(st.tuples(st.integers(0, 50), st.integers(1, 60)), min_size=1, max_size=40),
    gap=st.integers(0, 60),
    longest=st.integers(1, 300),
)
def test_joined_ranges_hold_every_record_once_within_the_bounds(
    lengths: list[tuple[int, int]], gap: int, longest: int
) -> None:
    records, place = [], 0
    for before, length in lengths:
        records.append(("w", WantedRecord(place + before, length, "", "")))
        place += before + length
    ranges = list(coalesce(records, gap, longest))
    assert [one for part in ranges for one in part.records] == [one for _, one in records]
    for part in ranges:
        assert part.end - part.start <= longest or len(part.records) == 1
        for one, following in pairwise(part.records):
            assert following.offset - one.offset - one.length <= gap
    for part, following in pairwise(ranges):
        too_far = following.start - part.end > gap
        assert too_far or following.records[0].offset + following.records[0].length - part.start > longest
