"""Coverage: which sentences of a document ended in accepted text, with segments that overlap each other at will."""

from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from include.lake import Lake
from include.schemas import COVERAGE, GENERATION, VERDICT
from include.validate.coverage import write_coverage
from tests.unit.validate.conftest import CRAWL

Row = dict[str, Any]


def coverage(lake: Lake, rows: list[Row]) -> dict[tuple[str, str | None], tuple[int, int, float]]:
    """The table made from rows that say whether they are accepted: sentences, accepted ones, share."""
    for layer, schema in (("generations", GENERATION), ("verdicts", VERDICT)):
        fitting = [{name: row.get(name) for name in schema.names} for row in rows]
        lake.write(pa.Table.from_pylist(fitting, schema=schema), layer=layer, crawl=CRAWL, fingerprint="test")
    write_coverage(lake, CRAWL, "test")
    table = lake.read("coverage", CRAWL)
    assert table.schema == COVERAGE
    return {
        (r["doc_id"], r["recipe"]): (r["sentences"], r["accepted_sentences"], round(r["coverage"], 6))
        for r in table.to_pylist()
    }


def segments(doc_id: str, recipe: str, sentences: list[int], accepted: list[list[bool]]) -> list[Row]:
    """Rows of one document under a recipe: the sentences of each segment, and which of its variants are accepted."""
    return [
        {
            "doc_id": doc_id, "recipe": recipe, "segment": number, "variant": variant, "sentences": count,
            "document_sentences": sum(sentences), "accepted": passed,
        }
        for number, (count, variants) in enumerate(zip(sentences, accepted, strict=True))
        for variant, passed in enumerate(variants)
    ]  # fmt: skip


def test_a_sentence_that_two_recipes_cover_counts_once_by_any_recipe(lake: Lake) -> None:
    rows = segments("one", "easy", [4, 4, 2], [[True], [False], [True]]) + segments(
        "one", "hard", [6, 4], [[True], [False]]
    )
    assert coverage(lake, rows) == {
        ("one", None): (10, 8, 0.8),  # 0 to 3 and 8, 9; 0 to 5
        ("one", "easy"): (10, 6, 0.6),
        ("one", "hard"): (10, 6, 0.6),
    }


def test_one_accepted_variant_covers_its_segment(lake: Lake) -> None:
    rows = segments("one", "genre_audience", [3, 1], [[False, True, True], [False, False]])
    assert coverage(lake, rows)["one", "genre_audience"] == (4, 3, 0.75)


def test_a_segment_in_which_no_sentence_begins_adds_nothing(lake: Lake) -> None:
    rows = segments("one", "easy", [1, 0, 1], [[False], [True], [False]])
    assert coverage(lake, rows)["one", None] == (2, 0, 0.0)


def test_a_dump_without_generations_has_no_coverage(lake: Lake) -> None:
    assert coverage(lake, []) == {}


@st.composite
def documents(draw: st.DrawFn) -> list[Row]:
    """Up to three documents of a known number of sentences, each cut at other places by up to four recipes."""
    rows: list[Row] = []
    for doc_id in draw(st.sets(st.sampled_from("abc"), min_size=1)):
        total = draw(st.integers(0, 20))
        for recipe in draw(st.sets(st.sampled_from(["easy", "hard", "qa", "table"]), min_size=1)):
            cuts = sorted(draw(st.lists(st.integers(0, total), max_size=6)))
            ends = [*cuts, total]
            counts = [end - start for start, end in zip([0, *cuts], ends, strict=True)]
            accepted = [draw(st.lists(st.booleans(), min_size=1, max_size=3)) for _ in counts]
            rows += segments(doc_id, recipe, counts, accepted)
    return draw(st.permutations(rows))


@settings(max_examples=15, deadline=None)
@given(documents())
def test_the_union_of_all_recipes_is_what_counting_sentence_by_sentence_gives(
    tmp_path_factory: Any, rows: list[Row]
) -> None:
    expected: dict[tuple[str, str | None], set[int]] = {}
    for row in rows:
        before = {
            r["segment"]: r["sentences"] for r in rows if (r["doc_id"], r["recipe"]) == (row["doc_id"], row["recipe"])
        }
        first = sum(count for segment, count in before.items() if segment < row["segment"])
        for recipe in (None, row["recipe"]):
            covered = expected.setdefault((row["doc_id"], recipe), set())
            covered |= set(range(first, first + row["sentences"])) if row["accepted"] else set()
    found = coverage(Lake(tmp_path_factory.mktemp("lake")), rows)
    assert {key: accepted for key, (_, accepted, _) in found.items()} == {key: len(s) for key, s in expected.items()}
    totals = {row["doc_id"]: row["document_sentences"] for row in rows}
    for (doc_id, _), (sentences, accepted, share) in found.items():
        assert sentences == totals[doc_id]
        assert abs(share - (accepted / sentences if sentences else 0)) < 1e-5
