"""A page's blocks, as the C part cuts them, and their Markdown."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.ingest import blocks, extract
from include.ingest.markdown import plain, render


def texts(page: str) -> list[str]:
    found = blocks.Blocks(page)
    return found.texts(np.arange(len(found)))


def markdown(page: str) -> str:
    found = blocks.Blocks(page)
    return render(found.layout.tolist(), found.texts(np.arange(len(found))))


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("<p>one<p>two</p>three", ["one", "two", "three"]),
        ("<ul><li>one<li>two<ul><li>three</ul><li>four</ul>five", ["one", "two", "three", "four", "five"]),
        ("<table><tr><td>a<td>b<tr><th>c</table>d", ["a", "b", "c", "d"]),
        ("<dl><dt>word<dd>meaning<dt>other</dl>", ["word", "meaning", "other"]),
        ("<h1>Head</h2>text", ["Head", "text"]),
        ("<div>a<b>b</b> <i>c</i>\n\t d<br>e</div>", ["ab c d\ne"]),
        ("one<br><br>two<br/><br />three", ["one", "two", "three"]),
        ("a<!-- <p>b -->c<!---->d<!x>e<?y?>f</ >g", ["acdefg"]),
        ("1 < 2 &lt; 3 <3 & 4 &amp; 5", ["1 < 2 < 3 <3 & 4 & 5"]),
        (
            "&eacute;&#233;&#xE9;&eacute &copy2 &para &part &unknown; &#128;&#0;&#xD800;",
            ["éééé ©2 ¶ &part &unknown; €\ufffd\ufffd"],
        ),
        ("a&nbsp;\u00a0b\u200bc\u00add", ["a bcd"]),
        ("<script>if (a < b) '</p>'</script><style>p {}</style><template><p>t</p></template>text", ["text"]),
        ("a <svg><title>Icon</title><text>x</text></svg>b<svg><path><p>c", ["a b", "c"]),
        ("<p>a <noscript><img src=x></noscript>b</p><noscript><p>c</p></noscript>", ["a b", "c"]),
        ("<select><option>x</select>a<textarea><p>y</textarea>b", ["ab"]),
        ("<title>T</title><p title='a > b' hidden>text</p>", ["text"]),
        ("<pre>\n  a\n\tb  c\n</pre>", ["  a\n\tb  c"]),
        ("</p></div></table>text</body>more", ["text", "more"]),
        ("text<p", ["text"]),
        ("text<p title='", ["text"]),
        ("text<!-- ", ["text"]),
        ("lone \ud800 surrogate and \x00 NUL", ["lone ? surrogate and NUL"]),
        ("日本語<p>Ünïcödé", ["日本語", "Ünïcödé"]),
        ("", []),
    ],
)
def test_blocks_are_cut_as_browsers_lay_them_out(page: str, expected: list[str]) -> None:
    assert texts(page) == expected


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("<h2>A\n head</h2><p>Text<br>line", "## A head\n\nText\nline"),
        ("<ul><li>a<ul><li>b<p>c</p></ul><li>d</ul>e", "- a\n  - b\n    c\n- d\n\ne"),
        ("<ol><li>a<li>b</ol>", "1. a\n2. b"),
        ("<blockquote><p>a<br>b</p></blockquote>c", "> a\n> b\n\nc"),
        ("<pre>x = 1\ny = '```'</pre>", "````\nx = 1\ny = '```'\n````"),
        (
            "<table><tr><th>a<th>b|c<tr><td>1<td>2<p>3</table>d",
            "| a | b\\|c |\n| --- | --- |\n| 1 | 2 3 |\n\nd",
        ),
        ("<table><tr><td>menu<td><h1>Head</h1><p>text</table>", "menu\n\n# Head\n\ntext"),
        ("<table><tr><td><table><tr><td>a<td>b<tr><td>c<td>d</table><tr><td>e</table>",
         "| a | b |\n| --- | --- |\n| c | d |\n\ne"),
    ],
)  # fmt: skip
def test_markdown_keeps_the_structure(page: str, expected: str) -> None:
    assert markdown(page) == expected


def test_marks_are_no_words_but_bullets_stay() -> None:
    page = (
        "<h2>A head</h2><ul><li>b<ol><li>c</ol></ul><blockquote>d - e | f # g</blockquote>"
        "<table><tr><td>h<td>i|j<tr><td>k<td></table><pre>l = 1</pre>"
    )
    words = "A head - b 1. c d - e f # g h i\\|j k l = 1"
    assert plain(markdown(page)).split() == words.split()


ATTRIBUTES = " ".join(f"a{number}=1" for number in range(100_000))


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "piece",
    [
        "<div>", "<p><b>", "</div>", "<div></p></section>", "<table><td>", "<svg>", "<select>", "<template><p>", "<li>",
        "<ul><li>x", "<a ", '<a ="', "<!--", "<", "</", "<script", "<title>", "&", "&#", "&#9999999999", "<x-y>z", "x ",
        "<br>", "<noscript>x", "<p class='" + "ad-" * 50 + "'>x", "<h1>x</h1>", "<pre>\n", "<table><tr><td>x<td>y<tr>",
        "<script type=application/ld+json>\"articleBody\":\"a b", "<a href=x>y", "<meta property=og:title content=x>",
        f"<p {ATTRIBUTES}>x",
    ],
)  # fmt: skip
def test_no_page_takes_more_than_linear_time(piece: str) -> None:
    def seconds(size: int) -> float:
        page = piece * (size // len(piece) + 1)
        start = time.process_time()
        extract.main_text(page)
        return time.process_time() - start

    # 2 MB of anything in two seconds; real pages take 5 ms for 0.2 MB.
    assert seconds(2 << 20) < 2


def test_elements_nested_beyond_the_bound_keep_their_text() -> None:
    deep = "<div>" * 200_000 + "deep" + "</div>" * 200_000 + "<p>after</p>"
    assert texts(deep) == ["deep", "after"]


def test_more_blocks_than_are_kept_apart_lose_no_text() -> None:
    found = blocks.Blocks("<p>word" * 40_000)
    assert found.text.count(b"word") == 40_000
    assert len(found) == 1 << 15


PIECES = st.sampled_from([
    "<p>", "</p>", "<div class='post content'>", "</div>", "<ul>", "<li>", "</ul>", "<table>", "<tr>", "<td>",
    "</td>", "</table>", "<a href='/x'>", "</a>", "<br>", "<pre>", "</pre>", "<svg>", "</svg>", "<select>",
    "</select>", "<noscript>", "</noscript>", "<template>", "</template>", "<script>", "</script>", "<h1>", "</h1>",
    "<!--", "-->", "<", ">", "&", "&amp;", "&#x41;", "'", '"', "=", " ", "\n", "word ",
    "A sentence, of some words. ", "é", "語", "\ud800", "\x00", "<b>", "</b>", "<ol>", "</ol>", "<blockquote>",
    "<dd>", "<button>", "<x-y>", "<title>", "</title>", "<meta property=og:title content=w>",
])  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=60).map("".join) | st.text(max_size=200))
def test_any_input_gives_ordered_blocks_and_finite_features(page: str) -> None:
    found = blocks.Blocks(page)
    assert np.isfinite(found.rows).all()
    assert np.isfinite(found.context(np.full(len(found), 0.5, np.float32))).all()
    end = 0
    for start, length in found.layout[:, :2].tolist():
        assert start >= end
        assert length > 0
        end = start + length
    assert end <= len(found.text)
    found.text.decode("utf-8")
    text = extract.main_text(page)
    assert text == extract.main_text(page)
    assert "\n\n\n" not in text or "```" in text


def test_the_same_page_has_the_same_features() -> None:
    page = "<div class='main content'><h1>Head</h1><p>Some words, and more.</p></div>" * 5
    assert (blocks.Blocks(page).rows == blocks.Blocks(page).rows).all()


def test_chances_must_be_one_per_block() -> None:
    with pytest.raises(ValueError, match="3 chances for 1 blocks"):
        blocks.Blocks("<p>text").context(np.zeros(3, np.float32))
