"""From bytes to characters."""

import pytest

from include.ingest.charset import decode, looks_like_html

JAPANESE = "水車小屋は川のそばに立っている。" * 20
CYRILLIC = "Старая мельница стоит у реки, и каждую весну вода поднимается. " * 20


@pytest.mark.parametrize(
    ("body", "label", "expected"),
    [
        ("naïve café".encode(), "windows-1252", "naïve café"),
        ("naïve café".encode("cp1252"), "ISO-8859-1", "naïve café"),
        ("“quoted”".encode("cp1252"), "latin1", "“quoted”"),
        (f'<meta charset="shift_jis">{JAPANESE}'.encode("shift_jis"), "", f'<meta charset="shift_jis">{JAPANESE}'),
        (JAPANESE.encode("iso2022_jp"), "iso-2022-jp", JAPANESE),
        (CYRILLIC.encode("cp1251"), "utf-8", CYRILLIC),
        (CYRILLIC.encode("cp1251"), "no-such-charset", CYRILLIC),
        (b"\xff\xfe" + "mill".encode("utf-16-le"), "", "mill"),
        (b"\xef\xbb\xbfmill", "", "mill"),
        (b"", "", ""),
    ],
)
def test_charsets(body: bytes, label: str, expected: str) -> None:
    assert decode(body, label) == expected


def test_bytes_of_no_charset_do_not_raise() -> None:
    assert "mill" in decode(b"mill \xff\x00\x81\xfe" + bytes(range(128, 256)), "utf-8")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"<!DOCTYPE html><p>x", True),
        (b"\xef\xbb\xbf\n<HTML lang=en>", True),
        (b"<?xml version='1.0'?><html>", True),
        (b"<!-- made by hand -->\n<head>", True),
        (b"<svg>", False),
        (b"%PDF-1.7 <html>", False),
        (b"", False),
    ],
)
def test_html_is_recognised_by_its_beginning(body: bytes, expected: bool) -> None:
    assert looks_like_html(body) is expected
