import logging
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest
from documents import CRAWL, SENTENCES, STYLES, document, write_documents

from include.errors import BadInput
from include.lake import Lake, fingerprint
from include.ledger import StageReport
from include.recipes.registry import load_recipe
from include.rephrase import plan as module
from include.rephrase.chain import advance
from include.rephrase.params import RephraseParams
from include.rephrase.plan import plan_requests
from include.rephrase.teacher import Teacher
from include.schemas import DOCUMENT

TERMS = "test: its outputs may train models"


def plan(lake: Lake, teacher: Teacher, terms: str = TERMS, **changes: Any) -> StageReport:
    params = RephraseParams.model_validate({"recipes": STYLES} | changes)
    return plan_requests(lake, CRAWL, params, teacher, terms)


def rows(lake: Lake) -> list[dict[str, Any]]:
    return lake.read("requests", CRAWL).to_pylist()  # type: ignore[no-any-return]


def keys(lake: Lake) -> list[str]:
    return [row["generation_key"] for row in rows(lake)]


def long_text(sentences: int) -> str:
    return " ".join(f"{SENTENCES[n % 5][:-1]} and number {n} is told." for n in range(sentences))


def test_every_segment_is_asked_for_in_every_style(lake: Lake, teacher: Teacher, texts: list[str]) -> None:
    write_documents(lake, texts)
    report = plan(lake, teacher)
    found = rows(lake)
    assert [row["recipe"] for row in found] == STYLES * len(texts)
    assert [row["doc_id"] for row in found] == [f"{n // 4:032x}" for n in range(16)], "a document's recipes follow"
    assert (report.rows_in, report.rows_out, report.detail["requests"]) == (4, 4, 16)
    assert report.detail["by_recipe"]["qa"] == {"documents": 4, "requests": 4, "too_short": 0}
    assert {row["teacher_terms"] for row in found} == {TERMS}


def test_a_row_is_all_that_its_chain_needs(lake: Lake, teacher: Teacher) -> None:
    write_documents(lake, [long_text(200)])
    plan(lake, teacher, recipes=["easy", "genre_audience", "long_document"], engine={"max_model_len": 8192})
    for row in rows(lake):
        (request,) = advance(row, load_recipe(row["recipe"]), {}).ready
        assert request.generation_key == request.root == row["generation_key"]
        assert (request.seed, request.max_tokens) == (row["seed"], row["max_tokens"])
        assert row["recipe_hash"] == load_recipe(row["recipe"]).generation_fingerprint


def test_segments_of_a_recipe_are_the_document_and_carry_its_sentences(lake: Lake, teacher: Teacher) -> None:
    text = long_text(120) + "\n"
    write_documents(lake, [text])
    plan(lake, teacher, recipes=["easy", "wikipedia", "distill"], engine={"max_model_len": 8192})
    for recipe in ("easy", "wikipedia", "distill"):
        found = [row for row in rows(lake) if row["recipe"] == recipe]
        assert "".join(row["source"] for row in found) == text
        assert [row["segment"] for row in found] == list(range(len(found)))
        assert all(text[row["span_start"] : row["span_end"]] == row["source"] for row in found)
        assert sum(row["sentences"] for row in found) == found[0]["document_sentences"] == 120
        assert max(row["source_tokens"] for row in found) <= load_recipe(recipe).segment.max_tokens
        assert len(found) == -(-sum(row["source_tokens"] for row in found) // load_recipe(recipe).segment.max_tokens)


def test_the_same_text_under_several_recipes_stands_together_for_the_prefix_cache(lake: Lake, teacher: Teacher) -> None:
    write_documents(lake, [long_text(60)])
    plan(lake, teacher, recipes=["qa", "wikipedia", "easy"])
    places = [(row["span_start"], row["span_end"], row["recipe"]) for row in rows(lake)]
    assert [place[:2] for place in places] == sorted(place[:2] for place in places)
    assert [recipe for start, end, recipe in places if (start, end) == places[-1][:2]] == ["qa", "easy"]


def test_recipes_do_not_change_each_others_keys(lake: Lake, teacher: Teacher) -> None:
    write_documents(lake, [long_text(60)])
    plan(lake, teacher, recipes=["qa", "wikipedia", "distill"])
    together = {key for key, row in zip(keys(lake), rows(lake), strict=True) if row["recipe"] == "distill"}
    plan(lake, teacher, recipes=["distill"])
    assert set(keys(lake)) == together


def test_a_recipe_along_pieces_says_where_they_end(lake: Lake, teacher: Teacher) -> None:
    write_documents(lake, [long_text(150)])
    plan(lake, teacher, recipes=["long_document"], engine={"max_model_len": 16384})
    (row,) = rows(lake)
    ends = [piece["end"] for piece in row["pieces"]]
    assert ends == sorted(ends)
    assert ends[-1] == len(row["source"])
    assert all(piece["tokens"] <= 256 for piece in row["pieces"])
    assert sum(piece["tokens"] for piece in row["pieces"]) == row["source_tokens"]
    assert all(row["source"][end - 1].isspace() for end in ends[:-1]), "white space stays behind a piece"
    assert row["predicted_prompt_tokens"] > len(ends) * row["source_tokens"], "each piece is asked for with all of it"


def test_a_document_that_is_too_short_for_a_recipe_is_counted(lake: Lake, teacher: Teacher) -> None:
    write_documents(lake, ["Too short.", long_text(10), " \n "])
    report = plan(lake, teacher, recipes=["easy", "distill"])
    assert report.rejected == {"too_short": 1}, "white space has nothing to rephrase"
    assert report.detail["by_recipe"]["distill"] == {"documents": 1, "requests": 1, "too_short": 2}
    assert report.detail["by_recipe"]["easy"]["documents"] == 2
    report = plan(lake, teacher, recipes=["distill"])
    assert (report.rows_out, report.rejected) == (1, {"too_short": 2})


def test_documents_that_no_rule_takes_are_counted(lake: Lake, teacher: Teacher) -> None:
    buckets = ["low", "high", "medium", None]
    table = [document(n, long_text(9) + str(n)) | {"quality_bucket": bucket} for n, bucket in enumerate(buckets)]
    lake.write(pa.Table.from_pylist(table, schema=DOCUMENT), layer="documents", crawl=CRAWL, fingerprint="d")
    rules = [{"quality": ["high"], "recipes": ["qa", "distill"]}, {"quality": ["low"], "recipes": ["wikipedia"]}]
    report = plan(lake, teacher, recipes=None, routing="mine", routings={"mine": {"rules": rules}})
    assert [row["recipe"] for row in rows(lake)] == ["wikipedia", "qa", "distill"]
    assert (report.rows_in, report.rows_out, report.rejected) == (4, 2, {"not_routed": 2})


def test_keys_depend_on_the_text_alone_not_on_its_place(lake: Lake, teacher: Teacher, texts: list[str]) -> None:
    write_documents(lake, texts)
    plan(lake, teacher)
    first = keys(lake)
    write_documents(lake, texts[::-1])
    plan(lake, teacher)
    assert sorted(keys(lake)) == sorted(first)


def test_two_documents_of_the_same_text_have_rows_of_their_own_under_the_same_keys(
    lake: Lake, teacher: Teacher, texts: list[str]
) -> None:
    write_documents(lake, [texts[0], texts[0]])
    plan(lake, teacher)
    assert keys(lake)[:4] == keys(lake)[4:]
    assert len({row["doc_id"] for row in rows(lake)}) == 2


@pytest.mark.parametrize("change", ["seed", "teacher_revision"])
def test_another_seed_or_revision_makes_other_keys(lake: Lake, teacher: Teacher, texts: list[str], change: str) -> None:
    write_documents(lake, texts)
    plan(lake, teacher)
    first = set(keys(lake))
    plan(lake, replace(teacher, revision="r2") if change == "teacher_revision" else teacher, seed=int(change == "seed"))
    assert first.isdisjoint(keys(lake))


def test_a_sample_takes_the_same_pages_from_a_longer_dump(lake: Lake, teacher: Teacher) -> None:
    texts = [long_text(2) + f" Page {n}." for n in range(150)]
    write_documents(lake, texts[:100])
    report = plan(lake, teacher, max_documents=30)
    assert (report.rows_in, report.rows_out, report.rejected) == (100, 30, {"beyond_max_documents": 70})
    sample = set(keys(lake))
    assert {row["source"] for row in rows(lake)} == set(sorted(texts[:100], key=fingerprint)[:30])
    write_documents(lake, texts)
    plan(lake, teacher, max_documents=45)
    assert len(sample & set(keys(lake))) > 2 * len(sample) / 3
    assert not plan(lake, teacher, max_documents=151).rejected


def test_an_unchanged_plan_is_not_written_again(lake: Lake, teacher: Teacher, texts: list[str]) -> None:
    write_documents(lake, texts)
    report = plan(lake, teacher)
    file = lake.files("requests", CRAWL)[0]
    written = file.stat().st_mtime_ns
    assert plan(lake, teacher) == report
    assert lake.files("requests", CRAWL)[0].stat().st_mtime_ns == written


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 1}, {"recipes": ["easy"]}, {"max_documents": 2}, {"max_segment_tokens": 70},
        {"engine": {"max_model_len": 1024}}, {"models": {"words": {"max_model_len": 1024}}}, {"terms": "other"},
        {"recipes": None, "routing": "r", "routings": {"r": {"rules": [{"languages": ["de"], "recipes": STYLES}]}}},
    ],
)  # fmt: skip
def test_what_decides_the_plan_makes_it_anew(
    lake: Lake, teacher: Teacher, texts: list[str], change: dict[str, Any]
) -> None:
    write_documents(lake, texts)
    first = plan(lake, teacher).detail["fingerprint"]
    assert plan(lake, teacher, **change).detail["fingerprint"] != first


def test_a_genre_that_the_routing_does_not_name_leaves_the_plan_as_it_is(
    lake: Lake, teacher: Teacher, texts: list[str]
) -> None:
    write_documents(lake, texts)
    rules = {"r": {"rules": [{"recipes": ["qa"]}]}}
    first = plan(lake, teacher, recipes=None, routing="r", routings=rules)
    changes = {"genres": {"prose": {"words": {"min": 5}}}, "units": 7, "budget": {"tokens": 5}}
    assert plan(lake, teacher, recipes=None, routing="r", routings=rules, **changes) == first


def test_equal_inputs_give_equal_bytes_whatever_the_size_of_a_batch(
    lake: Lake, teacher: Teacher, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_documents(lake, [long_text(n) for n in range(40)])
    plan(lake, teacher)
    first = lake.finished("requests", CRAWL)
    monkeypatch.setattr(module, "BATCH", 7)
    plan(lake, teacher, terms="other")
    plan(lake, teacher)
    assert lake.finished("requests", CRAWL) == first


def test_segments_are_cut_shorter_where_the_context_is_small(
    lake: Lake, teacher: Teacher, caplog: pytest.LogCaptureFixture
) -> None:
    write_documents(lake, [long_text(100), long_text(80)])
    with caplog.at_level(logging.WARNING, "rewrap.plan"):
        plan(lake, teacher, recipes=["distill"], engine={"max_model_len": 600})
    assert caplog.text.count("recipe distill: segments of at most") == 1, "said once"
    for row in rows(lake):
        assert row["prompt_tokens"] + row["max_tokens"] <= 600
    assert "".join(row["source"] for row in rows(lake)[:-1]).startswith(long_text(80)), "nothing is lost"


def test_a_context_too_small_for_a_recipe_is_refused_before_any_engine_starts(
    lake: Lake, teacher: Teacher, texts: list[str]
) -> None:
    write_documents(lake, texts)
    with pytest.raises(BadInput, match=r"easy needs a context of \d+ tokens .*max_model_len is 100"):
        plan(lake, teacher, engine={"max_model_len": 100})


def test_without_a_routing_it_says_where_the_ready_ones_are(lake: Lake, teacher: Teacher, texts: list[str]) -> None:
    write_documents(lake, texts)
    with pytest.raises(BadInput, match=r"no routing 'wrap' in rephrase\.routings \(empty\)"):
        plan(lake, teacher, recipes=None)


def test_a_dump_without_documents_says_what_to_run(lake: Lake, teacher: Teacher) -> None:
    with pytest.raises(BadInput, match="no documents yet"):
        plan(lake, teacher)


def test_a_dump_of_no_pages_has_a_plan_of_no_rows(lake: Lake, teacher: Teacher) -> None:
    lake.write(DOCUMENT.empty_table(), layer="documents", crawl=CRAWL, fingerprint="none")
    assert plan(lake, teacher, max_documents=3).rows_in == 0
    assert rows(lake) == []
