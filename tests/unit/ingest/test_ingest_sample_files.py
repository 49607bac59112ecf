"""Every sample file, real or hostile, with its exact outcome."""

from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator
from warc_files import read

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
