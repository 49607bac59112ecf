"""From bytes to main text."""

import re

import pytest
from warc_files import PROSE, html

from include.ingest.extract import MAX_ATTRIBUTES, MAX_DEPTH, decode, looks_like_html, main_text, refuse_reason

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


def test_main_text_drops_menus_footers_and_banners_and_keeps_paragraphs() -> None:
    page = html(
        "Skip to main content\nFirst paragraph of the story.\nSecond paragraph, about cookies that the baker made.\n"
        "This site uses cookies to improve your experience.\n© 2026 The Mill. All rights reserved.\n"
        "Share this article\nBy the editors · 4 min read"
    )
    page = page.replace("</main>", "</main><footer><p>Imprint and contact</p></footer><script>let a = 1</script>")
    assert main_text(page) == (
        "The mill\n\nFirst paragraph of the story.\n\nSecond paragraph, about cookies that the baker made."
    )


def test_long_lines_stay_whatever_words_they_hold() -> None:
    line = "The court held that all rights reserved by the treaty stay with the village. " * 5
    assert "treaty" in main_text(html(line))


def test_broken_html_still_gives_its_text() -> None:
    broken = html(PROSE).replace("</p>", "").replace("</article>", "</div></b>").replace("<main>", "<main <b>")
    assert "the miller who gave the children warm bread" in main_text(broken[:-20])


def test_hostile_pages_are_refused_before_the_parser() -> None:
    assert "nested" in str(refuse_reason("<div>" * (MAX_DEPTH + 1)))
    assert "nested" in str(refuse_reason("<p><b>" * (MAX_DEPTH + 1)))
    attributes = " ".join(f"a{number}" for number in range(MAX_ATTRIBUTES + 1))
    assert "attributes" in str(refuse_reason(f"<p {attributes}>"))
    assert "attributes" in str(refuse_reason(f'<p title=">" {attributes}>'))


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * (MAX_DEPTH - 1),
        "<div><br><p>text</div>" * (MAX_DEPTH + 1),
        "<ul>" + "<li>one" * (MAX_DEPTH + 1) + "</ul>",
        f'<img src="data:image/png;base64,{"A" * 200_000}">',
        "<script>" + "if (a <b && c) { d = e } " * 10_000 + "</script><p>text",
        "<svg>" + "<path d='M0 0'/>" * (MAX_DEPTH + 1) + "</svg>",
        "",
    ],
)
def test_large_but_honest_pages_reach_the_parser(page: str) -> None:
    assert refuse_reason(page) is None


@pytest.mark.timeout(20)
@pytest.mark.parametrize("piece", ["<a ", '<a ="', """<a ='"'""", "<!--", "<script", "<", "=\"'", "<svg><"])
def test_no_page_makes_the_scan_slow(piece: str) -> None:
    refuse_reason(piece * ((5 << 20) // len(piece)))


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


def test_the_text_never_holds_more_than_one_empty_line() -> None:
    assert not re.search(r"\n{3,}", main_text(html("One.\n\n\n\nTwo.\nCookie settings\nThree.")))
