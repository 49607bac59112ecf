"""Main text where there is no C compiler."""

import pytest
from warc_files import html

from include.ingest import blocks, extract
from include.ingest.fallback import MAX_ATTRIBUTES, MAX_DEPTH, refuse_reason


@pytest.fixture
def no_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "available", lambda: False)


@pytest.mark.usefixtures("no_compiler")
def test_without_a_compiler_resiliparse_finds_the_text_and_the_version_says_so() -> None:
    page = html("First paragraph of the story.\n© 2026 The Mill. All rights reserved.\nSecond paragraph of it.")
    assert extract.extract(page) == extract.Extraction(
        "The mill\n\nFirst paragraph of the story.\n\nSecond paragraph of it.", 0.0
    )
    assert extract.extractor().startswith("resiliparse 2")


@pytest.mark.usefixtures("no_compiler")
def test_without_a_compiler_pages_that_would_hang_the_parser_are_refused() -> None:
    assert "nested" in str(extract.refuse_reason("<div>" * (MAX_DEPTH + 1)))


def test_the_c_part_refuses_nothing() -> None:
    assert extract.extractor().startswith("blocks ")
    assert extract.refuse_reason("<div>" * (MAX_DEPTH + 1)) is None


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
