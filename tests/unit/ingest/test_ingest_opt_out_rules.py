"""Lists of opt-outs: what a line means, what is refused, and which pages rules name."""

import re
from urllib.parse import urlsplit

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from include.errors import BadInput
from include.ingest.opt_outs.match import TOGETHER, Matcher, RuleList
from include.ingest.opt_outs.rules import MAX_LINE, MAX_PATTERNS, parse

UUID = "01234567-89ab-cdef-0123-456789abcdef"
HEX = UUID.replace("-", "")


def matcher(*lines: str) -> Matcher:
    return Matcher([RuleList("list", parse("\n".join(lines).encode(), "list"))])


def pages(*urls: str, doc_id: str = "0" * 32) -> pa.Table:
    hosts = [urlsplit(url).hostname for url in urls]
    return pa.table({"doc_id": [doc_id] * len(urls), "url": urls, "host": pa.array(hosts, pa.string())})


def names(lines: str, url: str, doc_id: str = "0" * 32) -> bool:
    """Whether the rule names the page; many at once and one by one agree."""
    found = matcher(*lines.split("\n"))
    [rule] = found.match(pages(url, doc_id=doc_id)).to_pylist()
    assert rule == found.match_one({"doc_id": doc_id, "url": url, "host": urlsplit(url).hostname})
    return rule is not None


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("example.org", "host"),
        ("*.example.org", "host"),
        (".example.org", "host"),
        ("HOST: Example.ORG.", "host"),
        ("host:localhost", "host"),
        ("192.0.2.7", "host"),
        ("2001:db8::1", "host"),
        ("host:münchen.example", "host"),
        ("https://example.org", "host"),
        ("https://example.org/", "host"),
        ("https://example.org/?page=1", "url"),
        ("https://example.org/a#part", "url"),
        ("example.org/a/b", "url"),
        ("url:https://example.org/", "url"),
        ("https://example.org/*/print", "pattern"),
        ("pattern:*.pdf", "pattern"),
        (r"regex:^https?://[^/]+/(draft|private)/", "regex"),
        (f"<urn:uuid:{UUID}>", "record"),
        (UUID.upper(), "record"),
        (f"record:{HEX}", "record"),
    ],
)
def test_a_line_is_what_it_looks_like_or_says(line: str, kind: str) -> None:
    [rule] = parse(f"# a comment\n\n{line}  # why\n{line}\r\n".encode(), "list")
    assert rule.kind == kind


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"good.example\n<html>\n", "line 2: '<html>'"),
        (b"good.example\nregex:(a\n", "line 2: .*RE2"),
        (b"regex:(?=a)b\n", "line 1: .*RE2"),  # lookahead: what makes other engines slow
        (b"regex:((a{1000}){1000}){1000}\n", "line 1: .*RE2"),
        (b"pattern:*\n", "names every page"),
        (b"a b\n", "line 1"),
        (b"host:exa mple.org\n", "line 1: .*no host"),
        (b"record:1234\n", "line 1: .*no WARC-Record-ID"),
        (b"word\n", "line 1: 'word'"),
        (b"good.example\x00evil\n", "line 1: .*control"),
        (b"x" * (MAX_LINE + 1) + b".org\n", f"line 1: .*{MAX_LINE + 5} characters"),
        (b"PK\x03\x04\xff\xfe binary", "byte 4 is not UTF-8"),
        (b"\n".join(b"pattern:*/%d" % n for n in range(MAX_PATTERNS + 1)), f"{MAX_PATTERNS + 1} patterns"),
        (b"bad\n" * 20, "and 12 more lines"),
    ],
)
def test_what_is_no_list_is_refused_with_its_lines(content: bytes, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        parse(content, "list")


@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace"))))
@example(b"http://[::1\n")
@example(b"url://\n")
@example(b"https://[v1.a]/x\n")
def test_whatever_bytes_come_are_rules_or_a_clear_refusal(content: bytes) -> None:
    try:
        rules = parse(content, "list")
    except BadInput:
        return
    Matcher([RuleList("list", rules)]).match(pages("https://example.org/a?b"))


def test_a_host_stands_for_all_below_it_and_nothing_else() -> None:
    for url in ("https://example.org/a", "http://www.example.org:8080/", "https://user@a.b.Example.org/x"):
        assert names("example.org", url)
    for url in ("https://notexample.org/", "https://example.org.evil.example/", "https://other.example/example.org"):
        assert not names("example.org", url)
    assert names("münchen.example", "https://www.xn--mnchen-3ya.example/")


def test_a_url_names_one_page_whatever_its_scheme_port_or_fragment() -> None:
    for url in ("https://example.org/a?b=1", "http://EXAMPLE.org:80/a?b=1#x"):
        assert names("https://example.org/a?b=1", url)
    for url in ("https://example.org/a", "https://example.org/a?b=12", "https://www.example.org/a?b=1"):
        assert not names("https://example.org/a?b=1", url)
    assert names("url:http://example.org", "https://example.org/")
    assert not names("url:http://example.org", "https://example.org/x")


def test_patterns_cover_the_whole_url_and_expressions_a_part_of_it() -> None:
    assert names("pattern:*.example.org/private/*", "https://www.example.org/private/x?y")
    assert not names("pattern:*.example.org/private/*", "https://www.example.org/public/")
    assert names("pattern:example.org/a", "https://example.org/a")
    assert not names("pattern:example.org/a", "https://example.org/ab")
    assert not names("pattern:http://example.org/*", "https://example.org/a")
    assert not names("pattern:e.ample.org/*", "https://exxample.org/")
    assert names("regex:/private/", "https://example.org/private/x")


def test_a_record_is_named_by_its_id_in_any_form() -> None:
    for line in (UUID, f"<urn:uuid:{UUID}>", f"record:{HEX}"):
        assert names(line, "https://example.org/", HEX)
        assert not names(line, "https://example.org/", "f" * 32)


WORD = st.text("ab.*+?()[]{}|^$\\/- é", max_size=6)


@given(st.lists(WORD, min_size=1, max_size=4), st.lists(WORD, min_size=1, max_size=4))
@settings(max_examples=200)
def test_only_the_star_of_a_pattern_means_anything_but_itself(pattern: list[str], path: list[str]) -> None:
    glob, url = f"http://h.example/{'*'.join(pattern)}".strip(), f"http://h.example/{''.join(path)}"
    if " #" in glob or "\\" in url:
        return
    expected = re.fullmatch(".*".join(map(re.escape, glob.split("*"))), url) is not None
    assert names(f"pattern:{glob}", url) == expected


@given(st.lists(st.sampled_from(["a", "b", "a.b", "b.a", "c.a.b", "a.a"]), max_size=4), st.lists(st.integers(0, 5)))
def test_many_pages_at_once_are_named_as_one_by_one(listed: list[str], which: list[int]) -> None:
    hosts = ["a.x", "b.a.x", "a.b.x", "c.a.b.x", "d.x", ""]
    found = matcher(*(f"host:{host}.x" for host in listed))
    urls = [f"https://{hosts[number]}/{number}" for number in which]
    rows = [{"doc_id": "", "url": url, "host": urlsplit(url).hostname} for url in urls]
    assert found.match(pages(*urls)).to_pylist() == [found.match_one(row) for row in rows]


def test_the_rule_that_decided_is_named_among_hundreds() -> None:
    lines = [f"regex:/page-{number}$" for number in range(3 * TOGETHER)]
    found = matcher(*lines).match(pages("https://a.example/page-517", "https://a.example/page-x")).to_pylist()
    assert found == ["list: regex:/page-517$", None]


def test_expressions_too_large_together_are_tried_in_parts() -> None:
    found = matcher(*(f"regex:[a-zé]{{{900 + number}}}x{number}$" for number in range(100)), "regex:/end$")
    assert found.match(pages("https://a.example/end")).to_pylist() == ["list: regex:/end$"]


def test_an_expression_that_makes_other_engines_hang_takes_linear_time() -> None:
    assert not names("regex:(a+)+$", "https://h.example/" + "a" * 4000 + "!")
    assert names("regex:(a+)+$", "https://h.example/" + "a" * 4000)


def test_no_rules_name_nothing() -> None:
    assert matcher("").empty
    assert not names("", "https://example.org/")
