"""What a page's owner allows: robots, text and data mining, the page's own licence."""

import gzip
from pathlib import Path

import pytest

from include.ingest import extract, rights
from include.ingest.licences import normalise
from include.ingest.rights import Rights, opt_outs, read_rights

BY, BY_SA = "https://creativecommons.org/licenses/by/4.0/", "https://creativecommons.org/licenses/by-sa/4.0/deed.de"


@pytest.mark.parametrize(
    ("html", "headers", "expected"),
    [
        ('<META content="NoIndex, noai" name=robots>', (), ["noai", "noindex"]),
        (
            "<meta name='robots' content='noai'>",
            ("nosnippet, max-snippet: 20",),
            ["max-snippet: 20", "noai", "nosnippet"],
        ),
        ("", ("otherbot: noai, nofollow",), ["noai", "nofollow"]),
        ("<meta name=googlebot content=noindex><meta name=robots content=all>", (), ["all", "noindex"]),
        ("<meta data-hid=robots name=' Robots ' content = noai />", (), ["noai"]),
        ("<meta name=robots content='none'><body><meta name=robots content=noimageai>", (), ["noimageai", "none"]),
        ("", ("unavailable_after: 25 Jun 2026 15:00:00 PST",), ["unavailable_after: 25 jun 2026 15:00:00 pst"]),
        ('<meta name="description" content="noai">', (), []),
        ('<meta name="twitter:site" content="noai"><meta property="og:robotics" content="noai">', (), []),
        ("noai", (), []),
    ],
)
def test_robots_directives(html: str, headers: tuple[str, ...], expected: list[str]) -> None:
    assert rights.read_rights(html, {"x-robots-tag": headers}).robots == expected
    assert read_rights(html, {"x-robots-tag": headers}).robots == expected


def test_directives_for_other_robots_are_left_out_where_ours_are_named() -> None:
    html = "<meta name=googlebot content=noindex><meta name=ccbot content=noai><meta name=robots content=nofollow>"
    headers = {"x-robots-tag": ["nosnippet, otherbot: noarchive, noodp, ccbot: notranslate", "nocache"]}
    assert read_rights(html, headers, ["ccbot"]).robots == ["noai", "nocache", "nofollow", "nosnippet", "notranslate"]
    assert read_rights(html, headers, []).robots == ["nocache", "nofollow", "nosnippet"]


def test_a_page_cannot_fill_the_row_with_directives() -> None:
    html = "".join(f"<meta name=robots content=d{number}>" for number in range(10_000))
    found = read_rights(html, {"x-robots-tag": ["x" * 1000, "noai, noindex"]}).robots
    assert len(found) == rights.MAX_DIRECTIVES
    assert max(map(len, found)) < 20


@pytest.mark.parametrize(
    ("html", "headers", "reserved", "policy"),
    [
        ("", {}, None, None),
        ("<title>tdm-reservation: 1</title>", {}, None, None),
        ("", {"tdm-reservation": ["1"], "tdm-policy": ["https://a.org/p"]}, True, "https://a.org/p"),
        ('<meta name="tdm-reservation" content="1">', {}, True, None),
        ('<META CONTENT=" 1 " NAME="TDM-Reservation">', {}, True, None),
        ('<meta name="tdm-reservation" content="0">', {}, False, None),
        ('<meta name="tdm-reservation" content="0">', {"tdm-reservation": ["1"]}, True, None),
        ('<meta name="tdm-reservation" content="yes">', {"tdm-reservation": ["2"]}, None, None),
        ("<meta name=tdm-policy content='https://a.org/p?a=1&amp;b=2'>", {}, None, "https://a.org/p?a=1&b=2"),
    ],
)
def test_the_reservation_of_text_and_data_mining(
    html: str, headers: dict[str, list[str]], reserved: bool | None, policy: str | None
) -> None:
    found = read_rights(html, headers)
    assert found.tdm_reservation is reserved
    assert found.tdm_policy == policy


def test_what_is_refused_is_a_setting() -> None:
    page = Rights(robots=["noai", "noindex"], tdm_reservation=True, tdm_policy=None, license=None)
    assert opt_outs(page, ["NoAI", "noimageai", "tdm-reservation"]) == ["noai", "tdm-reservation"]
    assert opt_outs(page, ["noindex"]) == ["noindex"]
    assert opt_outs(page, []) == []
    assert opt_outs(Rights(["all"], False, None, None), ["noai", "tdm-reservation"]) == []


@pytest.mark.parametrize(
    ("statement", "license"),
    [
        (BY, "CC-BY-4.0"),
        ("http://www.creativecommons.org/licenses/by-nc-sa/3.0/de/", "CC-BY-NC-SA-3.0-DE"),
        ("//creativecommons.org/licenses/BY-ND/2.5", "CC-BY-ND-2.5"),
        ("https://creativecommons.org/licenses/by-nd-nc/1.0/", "CC-BY-NC-ND-1.0"),
        ("https://creativecommons.org/licenses/by/4.0/legalcode.en", "CC-BY-4.0"),
        ("https://creativecommons.org/publicdomain/zero/1.0/deed.fr", "CC0-1.0"),
        ("https://creativecommons.org/publicdomain/mark/1.0/", "CC-PDM-1.0"),
        ("Licensed under CC BY-SA 4.0.", "CC-BY-SA-4.0"),
        ("CC0 1.0 Universal", "CC0-1.0"),
        ("https://creativecommons.org/licenses/", None),
        ("https://creativecommons.org/licenses/by/", None),
        ("https://creativecommons.org/licenses/sampling/1.0/", None),
        ("https://creativecommons.org/licenses/by/4.01/", None),
        ("https://creativecommons.org/about", None),
        ("https://evil.org/?creativecommons.org/licenses/by/4.0/", None),
        ("https://notcreativecommons.org/licenses/by/4.0/", None),
        ("Copyright 2020", None),
        ("", None),
    ],
)
def test_creative_commons_urls_and_names_become_spdx_ids(statement: str, license: str | None) -> None:
    assert normalise(statement) == license


@pytest.mark.parametrize(
    "html",
    [
        f'<link rel="license" href="{BY}">',
        f"<p>Text under <a class=x rel='noopener license' href='{BY}'>this licence</a>.",
        f'<A HREF="{BY}" REL="LICENSE">',
        f'<meta name="dcterms.license" content="{BY}">',
        '<meta name="DC.rights" content="CC BY 4.0">',
        f'<link itemprop="license" href="{BY}">',
        f'<script type="application/ld+json">{{"@type": "NewsArticle", "license": "{BY}"}}</script>',
        f'<script type="application/ld+json">{{"@graph": [{{"@type": "WebPage", "license": {{"@id": "{BY}"}}}}, '
        f'{{"@type": "ImageObject", "license": "{BY_SA}"}}]}}</script>',
        f'<link rel="license" href="{BY}"><a rel="license" href="{BY_SA}">a picture\'s</a>',
        f'<a rel="license" href="{BY}"><figure><a rel="license" href="{BY_SA}"></figure>',
        f'<a rel="license" href="{BY}"><ol id="comments"><li>Mine is <a rel="license" href="{BY_SA}">free</a></ol>',
        f'<!-- <link rel="license" href="{BY_SA}"> --><link rel="license" href="{BY}">',
        f'<meta name="copyright" content="Copyright 2020 by us"><a rel="license" href="{BY}">',
    ],
)
def test_the_page_s_own_licence(html: str) -> None:
    assert read_rights(html, {}).license == "CC-BY-4.0"


@pytest.mark.parametrize(
    "html",
    [
        f'<a href="{BY}">a licence that is linked, not stated</a>',
        f"Text that mentions {BY}",
        f'<a rel="license" href="{BY}"><a rel="license" href="{BY_SA}">',
        f'<link rel="license" href="{BY}"><meta name="dcterms.license" content="{BY_SA}">',
        f'<link rel="license" href="https://a.org/terms"><a rel="license" href="{BY}">',
        f'<a rel="license" href="https://a.org/terms"><a rel="license" href="{BY}">',
        f'<!-- <a rel="license" href="{BY}"> -->',
        f'<script>document.write(\'<a rel="license" href="{BY}">\')</script>',
        f'<figure><img><figcaption><a rel="license" href="{BY}">photo</a></figcaption></figure>',
        f'<div class="comment-list"><a rel="license" href="{BY}">',
        f'<script type="application/ld+json">{{"@type": "ImageObject", "license": "{BY}"}}</script>',
        f'<script type="application/ld+json">{{"@type": "Article", "image": {{"license": "{BY}"}}}}</script>',
        f'<script type="application/ld+json">{{"license": "{BY}"</script>',
        f'<script type="application/ld+json">{{"license": "{BY}", "@type": "Article"}}',
        f'<link rel="license" href="{BY}">' * 11,
        '<link rel="license" href="https://a.org/terms">',
        '<meta name="rights" content="All rights reserved">',
    ],
)
def test_doubtful_licences_are_none(html: str) -> None:
    assert read_rights(html, {}).license is None


def test_a_licence_in_the_link_header() -> None:
    links = [f'<https://a.org/next>; rel="next", <{BY}>; rel="license"; title="x"']
    assert read_rights("", {"link": links}).license == "CC-BY-4.0"
    assert read_rights("", {"link": [f'<{BY}>; rel="next"']}).license is None
    assert read_rights(f'<link rel="license" href="{BY_SA}">', {"link": links}).license is None


def test_real_pages_keep_what_they_say(shared_data: Path) -> None:
    files = sorted((shared_data / "html_gold").rglob("*.html.gz"))
    found = [read_rights(extract.decode(gzip.decompress(file.read_bytes()), ""), {}) for file in files[::7]]
    assert sum("index" in page.robots for page in found) >= len(found) // 10
    assert all(page.license is None or page.license.startswith("CC-") for page in found)


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "piece",
    ["<", "<meta ", "<meta name=robots content=a>", "<a ", "<a rel=license ", '<a rel="license" href=x>', "<!--", "='",
     "<script application/ld+json>", '<script application/ld+json>{"license":[</script', "id=comment ", "<link rel="],
)  # fmt: skip
def test_no_page_makes_it_slow(piece: str) -> None:
    read_rights("creativecommons.org " + piece * (3_000_000 // len(piece)), {"link": [piece * 10_000]})
