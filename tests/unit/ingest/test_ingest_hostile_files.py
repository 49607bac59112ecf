"""Files that are made to break a reader: damage at random places, and one fault each."""

import gzip
import random
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from warc_files import html, http, page, prose, read, record, zipped

from include.ingest import members

pytestmark = pytest.mark.timeout(60)

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
