"""Which recipes are warned of because their texts are alike."""

import pytest

from include.validate.collapse_params import CollapseParams
from include.validate.figures import NONE
from include.validate.suites.collapse import expectations, figures

PARAMS = CollapseParams()
VARIED = {
    "texts": 500.0, "opening_5": 0.02, "source_opening_5": 0.01, "ngrams_top_100": 0.03, "source_ngrams_top_100": 0.02,
    "distinct_4": 0.9, "source_distinct_4": 0.95, "length_variation": 0.4, "source_length_variation": 0.5,
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "alike", "told"),
    [
        ("same_openings", {"opening_5": 0.32}, "qa 0.320 (sources 0.010)"),
        ("same_phrases", {"ngrams_top_100": 0.23}, "qa 0.230 (sources 0.020)"),
        ("little_variety", {"distinct_4": 0.56}, "qa 0.560 (sources 0.950)"),
        ("same_lengths", {"length_variation": 0.09}, "qa 0.090 (sources 0.500)"),
    ],
)
def test_a_recipe_whose_texts_are_alike_is_named(name: str, alike: dict[str, float], told: str) -> None:
    found = figures({"easy": VARIED, "qa": VARIED | alike}, PARAMS)
    names = {item.name for item in expectations(PARAMS)}
    assert found.figures == dict.fromkeys(names, NONE) | {name: told}
    assert found.not_judged == {}


def test_what_the_sources_repeat_themselves_is_not_held_against_a_recipe() -> None:
    pages = VARIED | {"opening_5": 0.9, "source_opening_5": 0.8, "distinct_4": 0.3, "source_distinct_4": 0.35}
    assert set(figures({"qa": pages}, PARAMS).figures.values()) == {NONE}


def test_recipes_with_few_texts_are_passed_over_aloud() -> None:
    few = VARIED | {"texts": 499.0, "opening_5": 1.0}
    found = figures({"easy": VARIED, "qa": few}, PARAMS)
    assert set(found.figures.values()) == {NONE}
    assert found.not_judged == {"sameness of qa": "it has fewer than 500 accepted texts"}
    assert figures({"qa": few}, PARAMS).figures == figures({}, PARAMS).figures == {}
    assert figures({}, PARAMS).not_judged.keys() == {item.name for item in expectations(PARAMS)}
