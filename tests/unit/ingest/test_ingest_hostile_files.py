"""Every sample file, real or hostile, with its exact outcome; and files that are made to break a reader."""

import gzip
import io
import random
import subprocess
import sys
import zlib
from collections import Counter
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator
from hypothesis import example, given, settings
from hypothesis import strategies as st
from warc_files import html, http, page, prose, record, repeated, zipped

from include.ingest import members
from include.ingest.feed import CAUSES, Feed
from include.ingest.warc import FileReport, Record, read_records

MAX_BYTES = 5 << 20
pytestmark = pytest.mark.timeout(60)

PAGES_3, CRAWL_50 = {"response": 3}, {"warcinfo": 1, "request": 17, "response": 16, "metadata": 16}
ONE_CRAWL = {"warcinfo": 1, "request": 1, "response": 1, "metadata": 1}
PYWB = {"warcinfo": 1, "response": 2, "request": 2, "revisit": 1}
WARCIO = {"warcinfo": 2, "response": 1, "request": 2, "revisit": 1}
ARC_FILE, BAD_ARC = ({"arc_header": 1, "response": 1}, {}), ({"response": 1}, {"wrong_length": 3})
# Sound records by type, damaged places by cause. Checked against each file's fault by hand, and against warcio 1.8.1
# and fastwarc 2.0.1 where these read the file to its end.
EXPECTED: dict[str, tuple[dict[str, int], dict[str, int]]] = {
    "hostile_warc/01_truncated_last_member.warc.gz": ({"response": 2}, {"cut": 1}),
    "hostile_warc/03_crc_error_middle.warc.gz": ({"response": 2}, {"corrupt": 1}),
    "hostile_warc/05_content_length_too_big.warc.gz": (PAGES_3, {"wrong_length": 1}),
    "hostile_warc/07_content_length_negative.warc.gz": ({"response": 2}, {"wrong_length": 1}),
    "hostile_warc/09_content_length_missing.warc.gz": ({"response": 2}, {"wrong_length": 1}),
    "hostile_warc/11_garbage_between_members.warc.gz": ({"response": 2}, {"garbage": 1}),
    "hostile_warc/13_uncompressed_named_gz.warc.gz": ({"response": 2}, {}),
    "hostile_warc/15_content_encoding_gzip.warc.gz": (PAGES_3, {}),
    "hostile_warc/17_chunked_claimed_but_plain.warc.gz": (PAGES_3, {}),
    "hostile_warc/19_chunked_truncated.warc.gz": (PAGES_3, {}),
    "hostile_warc/21_content_encoding_bomb_256MB.warc.gz": (PAGES_3, {}),
    "hostile_warc/23_http_header_no_end.warc.gz": ({"response": 2}, {"endless_header": 1}),
    "hostile_warc/25_revisit_no_body.warc.gz": ({"response": 2, "revisit": 1}, {}),
    "hostile_warc/27_png_claimed_html.warc.gz": (PAGES_3, {}),
    "hostile_warc/29_charset_header_vs_meta_conflict.warc.gz": ({"response": 1}, {}),
    "hostile_warc/31_charset_shiftjis_meta_only.warc.gz": ({"response": 1}, {}),
    "hostile_warc/33_deep_nesting_50k_table_font.warc.gz": (PAGES_3, {}),
    "hostile_warc/35_1M_entities.warc.gz": (PAGES_3, {}),
    "hostile_warc/37_redos_email_1MB.warc.gz": (PAGES_3, {}),
    "hostile_warc/39_empty_file.warc.gz": ({}, {"empty": 1}),
    "hostile_warc/41_wet_conversion.warc.wet.gz": ({"conversion": 2}, {}),
    "hostile_warc/43_warc_1.1_uri_in_angle_brackets.warc.gz": ({"response": 1}, {}),
    "hostile_warc/45_extra_field_sl.warc.gz": (PAGES_3, {}),
    "warc/fastwarc/block-sized-records.warc": ({"unknown": 3}, {}),
    "warc/fastwarc/block-sized-records.warc.gz": ({"unknown": 3}, {}),
    "warc/fastwarc/block-sized-records.warc.lz4": ({"unknown": 3}, {}),
    "warc/fastwarc/clipped.warc.gz": ({}, {"cut": 1}),
    "warc/fastwarc/clueweb-quirk.warc.gz": ({"warcinfo": 1, "response": 29}, {}),
    "warc/fastwarc/warcfile.warc": (CRAWL_50, {}),
    "warc/fastwarc/warcfile.warc.gz": (CRAWL_50, {}),
    "warc/fastwarc/warcfile.warc.lz4": (CRAWL_50, {}),
    "warc/ia-web-commons/html-lang-attribute.warc": ({"response": 5}, {}),
    "warc/ia-web-commons/link-extraction-test.warc": ({"warcinfo": 1, "response": 9}, {}),
    "warc/ia-web-commons/meta-itemprop.warc": ({"response": 1}, {}),
    "warc/ia-web-commons/text-extraction-test.warc": ({"warcinfo": 1, "response": 2, "metadata": 1}, {}),
    "warc/ia-web-commons/title-extraction-embedded-SVG.warc": ({"response": 1}, {}),
    "warc/pywb/bad.arc": BAD_ARC,  # the lengths are -1, -1, 1 and abc
    "warc/pywb/dupes.warc.gz": ({"warcinfo": 1, "response": 3, "request": 12, "revisit": 9}, {}),
    "warc/pywb/example-bad.warc.gz.bad": (PYWB, {}),  # one gzip member over all records
    "warc/pywb/example-extra.warc": ({"response": 2, "request": 2, "revisit": 2}, {}),
    "warc/pywb/example-url-agnostic-orig.warc.gz": ({"warcinfo": 1, "response": 1}, {}),
    "warc/pywb/example-url-agnostic-revisit.warc.gz": ({"warcinfo": 1, "revisit": 1}, {}),
    "warc/pywb/example-wget-1-14.warc.gz": ({"warcinfo": 1, "request": 1, "response": 1, "resource": 3}, {}),
    "warc/pywb/example-wpull.warc.gz": ({"warcinfo": 1, "request": 1, "response": 1, "resource": 1}, {}),
    "warc/pywb/example.arc": ARC_FILE,
    "warc/pywb/example.arc.gz": ARC_FILE,
    # A request that declares 320 of its 323 bytes.
    "warc/pywb/example.warc": ({"warcinfo": 1, "response": 2, "request": 1, "revisit": 1}, {"wrong_length": 1}),
    "warc/pywb/example.warc.gz": (PYWB, {}),
    "warc/pywb/example2.warc.gz": ({"warcinfo": 1, "response": 1, "request": 1}, {}),
    "warc/pywb/httpbin-resource.warc.gz": ({"resource": 1}, {}),
    "warc/pywb/iana.warc.gz": ({"warcinfo": 1, "response": 48, "request": 171, "revisit": 123}, {}),
    "warc/pywb/invalid_example_1.wacz": ({}, {"garbage": 1}),
    "warc/pywb/missing-status-text.warc": ({"response": 1}, {}),
    "warc/pywb/post-test.warc.gz": ({"response": 3, "request": 3}, {}),
    # A ZIP archive in whose middle a WARC file stands uncompressed: what is around it is no record.
    "warc/pywb/valid_example_1.wacz": ({"warcinfo": 2, "response": 1, "request": 1}, {"garbage": 2}),
    "warc/warcio/bad.arc": BAD_ARC,
    "warc/warcio/example-bad-non-chunked.warc.gz": (WARCIO, {}),
    "warc/warcio/example-bad.warc.gz.bad": (PYWB, {}),
    "warc/warcio/example-digest.warc": ({"request": 4}, {}),
    "warc/warcio/example-iana.org-chunked.warc": ({"warcinfo": 1, "response": 1, "request": 1}, {}),
    "warc/warcio/example-resource.warc.gz": ({"warcinfo": 2, "resource": 1}, {}),
    "warc/warcio/example-space-in-target-uri.warc.gz": ({"warcinfo": 1, "resource": 1}, {}),
    # 1,579 of 1,591 declared bytes are in the file.
    "warc/warcio/example-space-in-url.arc": ({"arc_header": 1}, {"cut": 1}),
    # The response declares 973 of its 975 bytes.
    "warc/warcio/example-trunc.warc": ({"warcinfo": 2, "request": 1}, {"wrong_length": 1}),
    "warc/warcio/example-wget-bad-target-uri.warc.gz": (
        {"warcinfo": 1, "request": 1, "response": 1, "metadata": 1, "resource": 2},
        {},
    ),
    "warc/warcio/example-wrong-chunks.warc.gz": ({"response": 1, "request": 1}, {}),
    "warc/warcio/example.arc": ARC_FILE,
    "warc/warcio/example.arc.gz": ARC_FILE,
    "warc/warcio/example.warc": (WARCIO, {}),
    "warc/warcio/example.warc.gz": (WARCIO, {}),
    "warc/warcio/post-test.warc.gz": ({"response": 3, "request": 3}, {}),
    "warc/whirlwind/CC-MAIN-2024-22.warc.paths.gz": ({}, {"garbage": 1}),
    "warc/whirlwind/whirlwind.warc": (ONE_CRAWL, {}),
    "warc/whirlwind/whirlwind.warc.gz": (ONE_CRAWL, {}),
    "warc/whirlwind/whirlwind.warc.wat": ({"warcinfo": 1, "metadata": 1}, {}),
    "warc/whirlwind/whirlwind.warc.wat.gz": ({"warcinfo": 1, "metadata": 1}, {}),
    "warc/whirlwind/whirlwind.warc.wet": ({"warcinfo": 1, "conversion": 1}, {}),
    "warc/whirlwind/whirlwind.warc.wet.gz": ({"warcinfo": 1, "conversion": 1}, {}),
}


def read(content: bytes, max_bytes: int = MAX_BYTES) -> tuple[list[Record], FileReport]:
    """All records, after checking what holds for every file: each is sound or failed, and the report says so."""
    report = FileReport()
    found = list(read_records(io.BytesIO(content), max_bytes, report))
    assert report.complete
    assert report.bytes == len(content)
    assert report.records == Counter(one.type for one in found if not one.failure)
    assert report.failed == Counter(one.failure for one in found if one.failure)
    assert report.total == len(found)
    assert report.damage.total() == report.failed.total()
    assert report.damage.keys() <= CAUSES.keys()
    return found, report


@pytest.fixture(params=["isal", "zlib"])
def either_decompressor(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "zlib":
        monkeypatch.setattr(members, "decompressobj", zlib.decompressobj)
    elif members.decompressobj is zlib.decompressobj:
        pytest.skip("isal has no wheel for this machine")


def test_the_table_names_every_sample_file(shared_data: Path) -> None:
    files = {
        path.relative_to(shared_data).as_posix()
        for folder in ("hostile_warc", "warc")
        for path in (shared_data / folder).rglob("*")
        if path.is_file() and not path.name.startswith("LICENSE")
    }
    assert files == EXPECTED.keys()


@pytest.mark.parametrize("name", EXPECTED)
@pytest.mark.usefixtures("either_decompressor")
def test_every_sample_file_ends_with_the_right_counts(shared_data: Path, name: str) -> None:
    found, report = read((shared_data / name).read_bytes())
    assert (dict(report.records), dict(report.damage)) == EXPECTED[name]
    failures = {"truncated_record"} if any(one.type != "damage" for one in found) else {"unreadable_file"}
    assert report.failed.keys() <= failures
    assert all(len(one.payload) <= MAX_BYTES for one in found)


@pytest.mark.parametrize("name", [name for name, (_, damage) in EXPECTED.items() if not damage and ".arc" not in name])
def test_a_sound_file_s_payloads_are_those_that_fastwarc_reads(shared_data: Path, name: str) -> None:
    path = str(shared_data / name)
    expected = [
        (str(one.record_type), bytes(one.reader.read()))
        for one in ArchiveIterator(path, parse_http=True, quirks_mode=True, auto_decode="none")
    ]
    found, _ = read(Path(path).read_bytes(), max_bytes=64 << 20)
    assert [one.type for one in found] == [kind for kind, _ in expected]
    for one, (kind, payload) in zip(found, expected, strict=True):
        if kind in ("response", "resource", "conversion") and not one.too_large:
            assert one.wire == payload


# --- damage at random places -----------------------------------------------------------------------------------------


def random_page(number: int, seed: int) -> bytes:
    """A page that does not compress to nothing, so that damage finds something to hit."""
    noise = random.Random(f"{seed} {number}").randbytes(400).hex()
    return page(number, html(f"{prose(number)} {noise}"))


Edit = tuple[str, float, int]
EDITS = st.lists(
    st.tuples(st.sampled_from(["flip", "cut", "insert"]), st.floats(0, 1, exclude_max=True), st.integers(1, 255)),
    min_size=1,
    max_size=4,
)


def damaged(parts: list[bytes], edits: list[Edit]) -> tuple[bytes, set[int]]:
    """The parts, edited at relative places, joined; and the numbers of those that no edit touched."""
    changed = list(map(bytearray, parts))
    touched = set()
    for kind, where, amount in edits:
        number = int(where * len(parts))
        part = changed[number]
        at = int((where * len(parts) - number) * len(part))
        touched.add(number)
        if kind == "flip" and part:
            part[at] ^= amount
        elif kind == "cut":
            del part[at : at + amount]
        else:
            part[at:at] = random.Random(amount).randbytes(amount)
    return b"".join(changed), set(range(len(parts))) - touched


@given(seed=st.integers(0, 5), edits=EDITS)
@example(seed=0, edits=[("flip", 0.0, 1)])
@example(seed=0, edits=[("cut", 0.99, 255)])
@settings(max_examples=150, deadline=2_000)
def test_whatever_is_damaged_all_other_members_are_read(seed: int, edits: list[Edit]) -> None:
    pages = [random_page(number, seed) for number in range(8)]
    content, untouched = damaged([gzip.compress(one, mtime=0) for one in pages], edits)
    found, report = read(content)
    sound = {one.url: one for one in found if not one.failure}
    whole = {f"https://www.example.org/page/{number}" for number in untouched}
    assert whole <= sound.keys()
    assert report.records.total() == len(sound)
    for number in untouched:
        assert pages[number].rstrip().endswith(sound[f"https://www.example.org/page/{number}"].payload)
    assert report.failed.total() <= len(edits) * 2


@given(seed=st.integers(0, 5), edits=EDITS)
@example(seed=0, edits=[("cut", 0.4375, 252)])  # the block then ends at the blank line of the next record's header
@settings(max_examples=150, deadline=2_000)
def test_in_a_plain_file_too_all_other_records_are_read(seed: int, edits: list[Edit]) -> None:
    pages = [random_page(number, seed) for number in range(8)]
    content, untouched = damaged(pages, edits)
    found, _ = read(content)
    sound = {one.url for one in found if not one.failure}
    assert {f"https://www.example.org/page/{number}" for number in untouched} <= sound


@given(
    content=st.binary(max_size=3_000),
    kind=st.sampled_from([b"", b"WARC/1.0\r\n", b"\x1f\x8b\x08\0", b"\x28\xb5\x2f\xfd"]),
)
@settings(max_examples=200, deadline=2_000)
def test_any_bytes_are_read_to_their_end(content: bytes, kind: bytes) -> None:
    found, _ = read(kind + content)
    assert found


@pytest.mark.parametrize("block", [1, 7, 60, 300, 5_000])
def test_a_file_compressed_in_blocks_of_equal_size_is_one_stream(block: int) -> None:
    plain = b"".join(page(number) for number in range(6))
    content = zipped([plain[at : at + block] for at in range(0, len(plain), block)])
    found, report = read(content)
    assert (report.records, report.failed) == (Counter(response=6), Counter())
    assert [one.payload for one in found] == [html(prose(number)).encode() for number in range(6)]


# --- one fault each --------------------------------------------------------------------------------------------------


def test_damage_in_one_large_member_costs_only_what_follows_in_it() -> None:
    whole = bytearray(gzip.compress(b"".join(random_page(number, 1) for number in range(2_000)), mtime=0))
    whole[len(whole) * 3 // 4 : len(whole) * 3 // 4 + 64] = b"\xff" * 64
    found, report = read(bytes(whole) + zipped([page(5_000)]))
    assert found[-1].url.endswith("/5000")
    assert 1_000 < report.records["response"] < 1_600
    assert report.damage == {"corrupt": 1}
    assert report.lost_file_bytes == len(whole)


def test_a_length_that_swallows_the_rest_of_a_plain_file_gives_it_back() -> None:
    too_long = record("response", http(b"short"), 1, Content_Length="900000000")
    found, report = read(page(0) + too_long + b"".join(page(number) for number in range(2, 2_000)), max_bytes=1_000)
    assert (report.records["response"], report.damage) == (1_999, {"cut": 1})
    assert [one.offset for one in found if one.failure] == [len(page(0))]


@pytest.mark.parametrize("declared", ["10", "100000"])
def test_a_wrong_length_within_one_member_loses_one_record(declared: str) -> None:
    wrong = record("response", http(html(prose(1)).encode()), 1, Content_Length=declared)
    found, report = read(gzip.compress(page(0) + wrong + page(2) + page(3)))
    assert [one.url[-1] for one in found if not one.failure] == ["0", "2", "3"]
    assert report.damage == {"wrong_length": 1}


def test_garbage_of_any_kind_is_one_damage_with_its_size() -> None:
    garbage = b"\x1f\x8b\x08 looks like a member" + random.Random(3).randbytes(3 << 20)
    found, report = read(zipped([page(0)]) + garbage + zipped([page(1)]))
    assert [one.type for one in found] == ["response", "damage", "response"]
    assert found[1].offset == len(zipped([page(0)]))
    assert report.lost_file_bytes == len(garbage)
    found, report = read(page(0) + garbage + b"\n" + page(1))
    assert [one.type for one in found] == ["response", "damage", "response"]
    assert report.damage == {"garbage": 1}
    assert report.lost_content_bytes == len(garbage) + 1


def test_zeros_that_pad_a_tape_block_are_no_damage() -> None:
    _, report = read(zipped([page(0)]) + bytes(70_000) + zipped([page(1)]) + bytes(513))
    assert (report.records, report.failed) == ({"response": 2}, {})


def test_records_that_a_page_quotes_are_not_taken_for_records() -> None:
    quoted = page(7).decode()
    found, report = read(zipped([page(0, html(quoted)), page(1)]))
    assert ([one.url[-1] for one in found], report.total) == (["0", "1"], 2)
    arc_line = "\nhttp://evil.example/ 192.0.2.1 20200101000000 text/html 5\nHello\n"
    broken = record("response", http(html(arc_line).encode()), 1, Content_Length="x")
    found, report = read(zipped([page(0), broken, page(2)]))
    assert report.records == {"response": 2}


def test_a_member_that_is_damaged_twice_in_a_row_counts_each_time() -> None:
    bad = bytearray(zipped([page(1)]))
    bad[-6] ^= 1
    _, report = read(zipped([page(0)]) + bytes(bad) * 3 + zipped([page(2)]))
    assert (report.records, report.damage) == ({"response": 2}, {"corrupt": 3})
    assert report.lost_file_bytes == 3 * len(bad)


def test_members_that_a_broken_one_swallows_are_given_back() -> None:
    # A stored block that claims 65,535 bytes and holds 60: its decompressor runs on through what follows.
    broken = b"\x1f\x8b\x08" + bytes(7) + b"\x01\xff\xff\x00\x00" + page(0)[:60]
    following = [gzip.compress(random_page(number, 4), mtime=0) for number in range(1, 200)]
    found, report = read(broken + b"".join(following))
    assert len(b"".join(following)) > 2 * 65_535
    assert [one.url.rpartition("/")[2] for one in found if not one.failure] == [str(n) for n in range(1, 200)]
    assert report.lost_file_bytes == len(broken)


@pytest.mark.parametrize("given", [1, 7, 100, 32 << 10])
@pytest.mark.usefixtures("either_decompressor")
def test_no_record_is_believed_before_its_checksum(given: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members.GzipMembers, "SLICE", given)
    bad = bytearray(zipped([page(1)]))
    bad[-6] ^= 1
    found, report = read(zipped([page(0)]) + bytes(bad) + zipped([page(2)]))
    assert [one.url[-1] for one in found if not one.failure] == ["0", "2"]
    assert report.damage == {"corrupt": 1}


def test_an_endless_warc_header_is_passed_over() -> None:
    endless = b"WARC/1.0\r\nWARC-Type: response\r\n" + b"X-Filler: yes\r\n" * 20_000
    for content in (page(0) + endless + page(1), zipped([page(0), endless, page(1)])):
        found, report = read(content)
        assert [one.url[-1:] for one in found if not one.failure] == ["0", "1"]
        assert report.damage == {"endless_header": 1}


@pytest.mark.parametrize("name", ["zst", "lz4"])
def test_damage_to_other_compression_keeps_what_came_before(name: str, tmp_path: Path) -> None:
    from fastwarc.stream_io import Lz4Writer, ZstdWriter

    path = tmp_path / f"a.warc.{name}"
    writer = (ZstdWriter if name == "zst" else Lz4Writer)(str(path))
    for number in range(300):
        writer.write(random_page(number, 2))
    writer.close()
    whole = path.read_bytes()
    found, report = read(whole)
    assert report.records == {"response": 300}
    found, report = read(whole[: len(whole) * 9 // 10])
    assert 100 < report.records["response"] < 300
    assert report.failed.total() == 1
    assert found[-1].failure == "truncated_record"


# --- bounds ----------------------------------------------------------------------------------------------------------


def test_a_member_that_expands_without_measure_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "BOMB_BYTES", 8 << 20)
    head = record("response", b"", 1, Content_Length=str(1 << 40)).rstrip() + b"\r\n\r\n"
    found, report = read(zipped([page(0)]) + repeated(head, bytes(1 << 20), 64) + zipped([page(2)]))
    assert [one.failure for one in found] == ["", "truncated_record", ""]
    assert report.damage == {"bomb": 1}


class Counted(io.BytesIO):
    given = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.given += len(data)
        return data


@pytest.mark.parametrize("declared", ["400000", "99999999999"])
def test_lengths_that_swallow_each_other_cost_linear_time(declared: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Feed, "SPARE", 1 << 20)
    monkeypatch.setattr(Feed, "KEPT", 256 << 10)
    swallows = record("response", http(b"x" * 300), 1, Content_Length=declared)
    stream = Counted(page(0) + swallows * 8_000 + page(2))
    report = FileReport()
    list(read_records(stream, 1 << 20, report))
    assert report.complete
    assert stream.given <= 4 * report.bytes + (4 << 20)


MEASURE = """
import sys
from include.ingest.warc import FileReport, read_records

def peak():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))

report = FileReport()
before = peak()
with open(sys.argv[1], "rb") as stream:
    for one in read_records(stream, 5 << 20, report):
        del one
print(peak() - before, report.records["response"], report.failed.total())
"""


def with_bomb(path: Path) -> None:
    body = repeated(b"<html>", bytes(1 << 20), 512)
    path.write_bytes(zipped([page(0), page(1, body, Content_Encoding="gzip"), page(2)]))


def with_chunked_bomb(path: Path) -> None:
    body = repeated(b"<html>", bytes(1 << 20), 512)
    chunked = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (body[:1000], body[1000:])) + b"0\r\n\r\n"
    path.write_bytes(zipped([page(0), page(1, chunked, Content_Encoding="gzip", Transfer_Encoding="chunked"), page(2)]))


def with_huge_member(path: Path) -> None:
    head, tail = page(1, b"").removesuffix(b"\r\n\r\n"), b"\r\n\r\n"
    block = head.split(b"\r\n\r\n", 1)[1]
    head = head.replace(b"Content-Length: %d" % len(block), b"Content-Length: %d" % (len(block) + (512 << 20)))
    path.write_bytes(zipped([page(0)]) + repeated(head, bytes(1 << 20), 512, tail) + zipped([page(2)]))


def with_huge_plain_record(path: Path) -> None:
    head = record("resource", b"", 1, Content_Type="text/html", Content_Length=str(512 << 20)).removesuffix(b"\r\n\r\n")
    with path.open("wb") as out:
        out.write(page(0) + head)
        out.seek(512 << 20, io.SEEK_CUR)  # a hole: takes no room on the disk
        out.write(b"\r\n\r\n" + page(2))


def with_endless_headers(path: Path) -> None:
    endless = repeated(b"WARC/1.0\r\nWARC-Type: response\r\n", b"X: y\r\n" * 100_000, 300)
    http_endless = repeated(
        page(1, b"").split(b"\r\n\r\n")[0] + b"\r\n\r\nHTTP/1.1 200 OK\r\n", b"X: y\r\n" * 100_000, 300
    )
    path.write_bytes(zipped([page(0)]) + endless + http_endless + zipped([page(2)]))


@pytest.mark.parametrize(
    ("write", "sound", "failed"),
    [
        (with_bomb, 3, 0),
        (with_chunked_bomb, 3, 0),
        (with_huge_member, 3, 0),
        (with_huge_plain_record, 2, 0),
        (with_endless_headers, 2, 2),
    ],
)
def test_no_file_takes_more_than_64_mib(write: object, sound: int, failed: int, tmp_path: Path) -> None:
    assert callable(write)
    write(tmp_path / "hostile")
    command = [sys.executable, "-c", MEASURE, str(tmp_path / "hostile")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=True)
    grown_kib, responses, failures = map(int, done.stdout.split())
    assert grown_kib < 64 << 10
    assert (responses, failures) == (sound, failed)
