from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pydantic import ValidationError

from include.errors import BadInput
from include.ingest.quality.score import BUCKETS
from include.params import load_params
from include.recipes.registry import load_recipe
from include.rephrase.params import RephraseParams
from include.rephrase.route import Router
from include.settings import PROJECT

PROSE = {"line_punct_ratio": {"min": 0.5}, "short_line_ratio": {"max": 0.3}}
READY = load_params((PROJECT / "params.yaml",)).rephrase


def documents(*rows: dict[str, Any]) -> pa.RecordBatch:
    usual = {
        "language": "en", "text": "x" * 1000, "quality_bucket": "high", "line_punct_ratio": 0.8,
        "short_line_ratio": 0.1, "bullet_lines": 0.0,
    }  # fmt: skip
    return pa.RecordBatch.from_pylist([usual | row for row in rows])


def routed(params: RephraseParams, *rows: dict[str, Any]) -> list[list[str]]:
    router = Router(params)
    return [
        [recipe for recipe, is_wanted in zip(router.recipes, wanted, strict=True) if is_wanted]
        for wanted in router.route(documents(*rows))
    ]


def by(*rules: dict[str, Any], **genres: Any) -> RephraseParams:
    return RephraseParams.model_validate({"routing": "r", "routings": {"r": {"rules": list(rules)}}, "genres": genres})


def ready(routing: str, *rows: dict[str, Any]) -> list[list[str]]:
    return routed(READY.model_copy(update={"routing": routing}), *rows)


def test_all_matching_rules_add_their_recipes_in_the_order_of_the_rules() -> None:
    params = by({"recipes": ["qa", "easy"]}, {"quality": ["low"], "recipes": ["easy", "hard"]})
    assert routed(params, {}, {"quality_bucket": "low"}) == [["qa", "easy"], ["qa", "easy", "hard"]]


def test_every_condition_of_a_rule_must_be_met() -> None:
    rule = {"quality": ["high", "medium-high"], "languages": ["en", "de"], "characters": {"min": 500, "max": 1000}}
    params = by(rule | {"genres": ["prose"], "recipes": ["qa"]}, prose=PROSE)
    others = [
        {"quality_bucket": "low"}, {"language": "fr"}, {"text": "x" * 499}, {"text": "x" * 1001},
        {"short_line_ratio": 0.31},
    ]  # fmt: skip
    assert routed(params, {}, {"language": "de", "text": "é" * 500}, *others) == [["qa"], ["qa"], [], [], [], [], []]


def test_one_of_several_genres_is_enough_and_bounds_belong_to_them() -> None:
    params = by({"genres": ["prose", "list"], "recipes": ["qa"]}, prose=PROSE, list={"bullet_lines": {"min": 0.5}})
    prose_and_list = [{"line_punct_ratio": 0.5, "short_line_ratio": 0.3}, {"line_punct_ratio": 0, "bullet_lines": 0.5}]
    assert routed(params, *prose_and_list, {"line_punct_ratio": 0.4}) == [["qa"], ["qa"], []]


def test_what_is_not_known_of_a_document_meets_no_condition() -> None:
    open_bounds = {"line_punct_ratio": {}}
    params = by(
        {"quality": list(BUCKETS), "recipes": ["easy"]}, {"genres": ["any"], "recipes": ["qa"]}, any=open_bounds
    )
    nothing = {"quality_bucket": None, "line_punct_ratio": None}
    assert routed(params, {}, nothing, {"language": None}) == [["easy", "qa"], [], ["easy", "qa"]]


def test_only_columns_that_rules_name_are_read() -> None:
    assert Router(by({"recipes": ["qa"]}, prose=PROSE)).columns == []
    columns = Router(by({"genres": ["prose"], "quality": ["low"], "recipes": ["qa"]}, prose=PROSE)).columns
    assert columns == ["line_punct_ratio", "quality_bucket", "short_line_ratio"]


def test_recipes_that_are_given_go_before_every_routing() -> None:
    params = READY.model_copy(update={"routing": "nemotron_cc", "recipes": ["qa", "easy", "qa"]})
    assert routed(params, {"quality_bucket": None}) == [["qa", "easy"]]


def test_no_documents_get_nothing() -> None:
    assert Router(READY).route(documents({}).slice(0, 0)).shape == (0, 4)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"recipes": ["qa"], "quality": ["best"]}, "no quality bucket best; known: low, medium-low, medium"),
        ({"recipes": ["qa", "poem"]}, r"no recipe poem; known: .*qa"),
        ({"recipes": []}, "at least 1 item"),
        ({"recipes": ["qa"], "genres": ["fiction"]}, "no genre for routing r, fiction; known: prose"),
        ({"recipes": ["qa"], "hosts": ["a.example"]}, "Extra inputs"),
        ({"recipes": ["qa"], "characters": {"min": 9, "max": 3}}, "must not be above max"),
    ],
)
def test_a_rule_with_an_unknown_name_is_refused_with_what_is_known(rule: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        by(rule, prose=PROSE)


def test_a_genre_of_an_unknown_signal_is_refused_with_the_signals() -> None:
    with pytest.raises(ValidationError, match=r"no signal digits; known: characters, words"):
        by({"recipes": ["qa"]}, numbers={"digits": {"min": 0.1}})


def test_an_unknown_routing_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("rephrase: {routing: best}")
    with pytest.raises(BadInput, match=r"rephrase\.routing = 'best': .*no routing best; known: .*nemotron_cc.*wrap"):
        load_params((PROJECT / "params.yaml", file))
    with pytest.raises(BadInput, match=r"no routing 'best' in rephrase\.routings \(empty\).*params\.yaml:mine\.yaml"):
        Router(load_params((file,)).rephrase)


def test_a_second_file_adds_a_routing_to_the_ready_ones(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("rephrase: {routing: mine, routings: {mine: {rules: [{languages: [de], recipes: [easy]}]}}}")
    params = load_params((PROJECT / "params.yaml", file)).rephrase
    assert routed(params, {}, {"language": "de"}) == [[], ["easy"]]
    assert "wrap" in params.routings


def test_wrap_gives_its_four_styles_to_everything() -> None:
    assert ready("wrap", {}, {"quality_bucket": None}) == [["easy", "medium", "hard", "qa"]] * 2


FIVE = ["diverse_qa", "distill", "extract_knowledge", "knowledge_list", "wikipedia"]


@pytest.mark.parametrize(
    ("routing", "low_to_high"),
    [
        ("nemotron_cc", [["wikipedia"], [], [], [], FIVE]),
        ("nemotron_cc_v2", [["wikipedia"], [], [], FIVE, FIVE]),
        ("nemo_curator", [["wikipedia"], ["wikipedia"], FIVE[:4], FIVE[:4], FIVE[:4]]),
        ("rewire", [["guided_rewrite"], ["guided_rewrite"], [], [], []]),
    ],
)
def test_ready_routings_go_by_the_quality_buckets_of_their_papers(routing: str, low_to_high: list[list[str]]) -> None:
    found = ready(routing, *({"quality_bucket": bucket} for bucket in BUCKETS))
    assert [sorted(recipes) for recipes in found] == [sorted(recipes) for recipes in low_to_high]


def test_long_documents_go_piece_by_piece_and_others_do_not() -> None:
    assert ready("kimi_k2", {"text": "x" * 4000}, {"text": "x" * 3999}) == [["long_document"], ["medium"]]
    assert load_recipe("long_document").segment.piece_tokens


def test_pages_of_entries_get_other_recipes_than_prose() -> None:
    entries = {"line_punct_ratio": 0.1, "short_line_ratio": 0.8}
    found = ready("by_genre", {}, {"quality_bucket": "low"}, entries, {"line_punct_ratio": 0.4})
    assert found == [["medium", "qa", "distill", "tutorial"], ["medium", "qa"], ["table", "knowledge_list"], []]
