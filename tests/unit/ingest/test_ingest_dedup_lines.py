"""Lines that a host repeats: which are found, what is taken out, what becomes of the documents."""

import numpy as np
import pyarrow as pa
import pytest
from near_duplicates import Page, Writer, deduplicate, extract

from include.ingest.dedup.lines import as_lists, line_hashes, strip_lines
from include.ingest.dedup.settings import DedupParams
from include.lake import Lake

CRAWL = "CC-1"
PARAMS = DedupParams(bands=3, band_rows=3)
NOTICE = "We use cookies to make this site better for you."
OTHER = "Subscribe to the weekly letter of the mill!"


def texts_of(lake: Lake) -> dict[int, str]:
    return {int(row["doc_id"], 16): row["text"] for row in lake.read("documents", CRAWL).to_pylist()}


def hashes(*lines: str, host: str = "a.example") -> list[int]:
    texts = pa.chunked_array([pa.array(["\n".join(lines)])])
    found: list[int] = line_hashes(texts, pa.chunked_array([pa.array([host])]), PARAMS)[0].tolist()
    return found


def pages_with(line: str, count: int, of: int, host: str = "a.example", first_id: int = 0, seed: int = 1) -> list[Page]:
    """``of`` pages of a host, the first ``count`` of them with the line between two paragraphs."""
    writer = Writer(seed)
    pages = []
    for number in range(of):
        parts = [writer.text(30), *([line] if number < count else []), writer.text(30)]
        pages.append(Page("\n\n".join(parts), first_id + number, host))
    return pages


def test_a_line_on_most_pages_of_a_host_goes_from_all_of_them(lake: Lake) -> None:
    pages = pages_with(NOTICE, 12, of=15)
    extract(lake, CRAWL, [pages[:7], pages[7:]], PARAMS)
    counts = deduplicate(lake, CRAWL, [], PARAMS)
    found = texts_of(lake)
    for page in pages:
        assert found[page.id] == page.text.replace(f"{NOTICE}\n\n", "")
    assert (counts.lines_removed, counts.documents_shortened, counts.rejected) == (12, 12, {})
    [row] = [
        row for part in lake.shards("host_lines", CRAWL) for row in lake.read("host_lines", CRAWL, part).to_pylist()
    ]
    assert (row["host"], row["documents"], row["host_documents"]) == ("a.example", 12, 15)
    for row in lake.read("documents", CRAWL).to_pylist():
        assert row["words"] == len(row["text"].split())  # measured again


@pytest.mark.parametrize(
    ("count", "of", "why"), [(9, 9, "on too few pages"), (10, 40, "on too small a share of the host's pages")]
)
def test_a_line_stays_if_it_is(lake: Lake, count: int, of: int, why: str) -> None:
    pages = pages_with(NOTICE, count, of)
    extract(lake, CRAWL, [pages], PARAMS)
    counts = deduplicate(lake, CRAWL, [], PARAMS)
    assert texts_of(lake) == {page.id: page.text for page in pages}
    assert counts.lines_removed == 0


def test_a_line_of_many_hosts_is_not_a_line_of_one(lake: Lake) -> None:
    pages = [page for n in range(12) for page in pages_with(NOTICE, 1, 1, f"{n}.example", first_id=n, seed=n)]
    pages += [page for n in range(3) for page in pages_with(OTHER, 12, 12, f"{n}.test", 100 * (n + 1), seed=50 + n)]
    extract(lake, CRAWL, [pages], PARAMS)
    deduplicate(lake, CRAWL, [], PARAMS, parts=3)
    found = texts_of(lake)
    assert all(NOTICE in found[number] for number in range(12))
    assert not any(OTHER in text for text in found.values())


def test_copies_of_a_page_do_not_make_its_lines_boilerplate(lake: Lake) -> None:
    writer = Writer(2)
    story = "\n".join(writer.text(20) for _ in range(10))
    pages = [Page(f"{story}\n{writer.text(2)}", number, "a.example") for number in range(20)]
    pages += [Page(story, 100 + number, "a.example") for number in range(20)]
    others = [Page(writer.text(60), 200 + number, "a.example") for number in range(12)]
    extract(lake, CRAWL, [pages + others], PARAMS)
    counts = deduplicate(lake, CRAWL, [], PARAMS)
    assert texts_of(lake) == {page.id: page.text for page in [pages[0], *others]}
    assert counts.lines_removed == 0


def test_a_document_that_becomes_too_short_is_rejected_with_its_whole_text(lake: Lake) -> None:
    pages = [*pages_with(NOTICE, 12, 12), Page(f"Page one\n{NOTICE}", 500, "a.example")]
    extract(lake, CRAWL, [pages], PARAMS)
    counts = deduplicate(lake, CRAWL, [], PARAMS, min_words=5)
    assert (counts.rejected, counts.documents, counts.lines_removed) == ({"repeated_lines": 1}, 12, 12)
    [row] = lake.read("rejected_pages", CRAWL).to_pylist()
    assert (row["status"], row["reason"], row["text"]) == ("rejected", "repeated_lines", f"Page one\n{NOTICE}")
    assert row["detail"] == "2 words are left without 1 lines that its host repeats; 5 are needed"


def test_without_a_bound_every_line_stays(lake: Lake) -> None:
    params = DedupParams(bands=2, line_min_documents=None)
    pages = pages_with(NOTICE, 12, 12)
    extract(lake, CRAWL, [pages], params)
    assert deduplicate(lake, CRAWL, [], params).lines_removed == 0
    assert texts_of(lake) == {page.id: page.text for page in pages}


def test_pages_without_a_host_are_no_host(lake: Lake) -> None:
    pages = pages_with(NOTICE, 12, 12, host="")
    extract(lake, CRAWL, [pages], PARAMS)
    assert deduplicate(lake, CRAWL, [], PARAMS).lines_removed == 0


def test_case_marks_and_spaces_do_not_tell_lines_apart_but_digits_and_hosts_do() -> None:
    [one, other] = hashes(NOTICE, f"  {NOTICE.upper()}  !")
    assert one == other != 0
    [one, other] = hashes("Population of the town: 34,221", "Population of the town: 34,222")
    assert one != other
    assert hashes(NOTICE) != hashes(NOTICE, host="b.example")
    # A host and a line must not run into each other.
    assert hashes("omething that is long enough", host="a.s") != hashes("something that is long enough", host="a.")


def test_short_and_very_long_lines_are_never_repeated_lines() -> None:
    assert hashes("Summary", "---", "", "fourteen chars", "word " * 1_000) == [0] * 5
    assert 0 not in hashes("fifteen letters", "word " * 100)


def test_only_hashed_lines_are_stored() -> None:
    texts = pa.chunked_array([pa.array([f"{NOTICE}\nshort\n{OTHER}", "", None, OTHER])])
    hosts = pa.chunked_array([pa.array(["a", "a", None, "a"])])
    lists = as_lists(*line_hashes(texts, hosts, PARAMS)).to_pylist()
    assert [len(found) for found in lists] == [2, 0, 0, 1]
    assert lists[0][1] == lists[3][0]


def test_taking_lines_out_keeps_the_rest_and_leaves_no_gaps() -> None:
    text = f"{NOTICE}\n\n# Title\n\n{OTHER}\n\nOne.\nTwo.\n\n    code  \n{OTHER}\n\n{NOTICE}"
    texts, hosts = pa.chunked_array([pa.array([text, "Three."])]), pa.chunked_array([pa.array(["a", "a"])])
    flat, _ = line_hashes(texts, hosts, PARAMS)
    repeated = sorted({int(flat[0]), int(flat[4])})
    stripped, lost = strip_lines(texts, hosts, np.array(repeated, dtype=np.uint64), PARAMS)
    assert stripped == ["# Title\n\nOne.\nTwo.\n\n    code  ", "Three."]
    assert lost == [4, 0]
