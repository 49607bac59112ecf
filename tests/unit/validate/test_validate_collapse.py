"""Figures that tell a template from varied texts."""

import random
from pathlib import Path
from typing import Any

import pytest

from include.lake import Lake
from include.validate.collapse import OF_ALL, measure_collapse
from include.validate.coverage import write_coverage
from include.validate.generations_report import gate_report
from include.validate.passes import check_rows, write_tables
from tests.unit.validate.conftest import CRAWL, GOOD_QA, SOURCE, generation, table
from tests.unit.validate.test_validate_copies import UNBOUNDED

WORDS = Path(__file__).parents[2].joinpath("prose_words.txt").read_text().split()


def prose(draw: random.Random, words: int) -> str:
    return " ".join(draw.choices(WORDS, k=words))


def accept(lake: Lake, rows: list[dict[str, Any]]) -> None:
    lake.write(table(rows), layer="generations", crawl=CRAWL, fingerprint="given")
    check_rows(lake, CRAWL, UNBOUNDED, [], False, "key")
    write_tables(lake, CRAWL, UNBOUNDED, "key")


def test_a_recipe_that_always_begins_and_goes_on_alike_is_seen_beside_a_varied_one(lake: Lake) -> None:
    draw = random.Random(1)
    rows = []
    for number in range(40):
        length = draw.randint(50, 120)
        source = prose(draw, length)
        template = f"In this short Article, the reader learns {prose(draw, 30)} and all about it in detail"
        rows.append(generation(number, recipe="easy", source=source, output=template))
        rows.append(
            generation(number, recipe="medium", source=source, output=prose(draw, int(length * draw.uniform(0.5, 1.4))))
        )
    accept(lake, rows)
    found = measure_collapse(lake, CRAWL)
    same, varied, of_all = found["easy"], found["medium"], found[OF_ALL]
    assert (same["texts"], of_all["texts"], of_all["source_texts"]) == (40, 80, 40)
    assert (same["opening_3"], same["opening_5"]) == (1, 1)
    assert varied["opening_3"] == varied["opening_5"] == 1 / 40
    assert of_all["opening_3"] == 1 / 2
    assert of_all["opening_3_top_10"] == pytest.approx(49 / 80)
    assert same["source_opening_3"] == 1 / 40
    assert same["length_variation"] == 0
    assert 0.25 < varied["length_variation"] < 0.6
    # 4 4-grams in front and 4 behind of 42 stand in every text
    assert same["distinct_4"] < 0.82 < 0.95 < varied["distinct_4"]
    assert same["ngrams_top_100"] > varied["ngrams_top_100"]
    assert same["source_distinct_4"] == varied["source_distinct_4"]


def test_a_source_that_is_published_in_front_of_a_text_is_not_counted_as_made(lake: Lake) -> None:
    accept(lake, [generation(0, recipe="diverse_qa", source=f"\n{SOURCE} \n", output=GOOD_QA)])
    [text] = lake.read("accepted", CRAWL)["text"].to_pylist()
    assert text.startswith(f"{SOURCE}\n\nQuestion:")
    write_coverage(lake, CRAWL, "key")
    report = gate_report(lake, CRAWL, "gate", 1)
    assert report.detail["accepted_words"] == len(text.removeprefix(SOURCE).split()) < len(SOURCE.split())
    assert report.detail["collapse"]["diverse_qa"]["opening_3"] == 1


def test_of_nothing_accepted_there_are_no_figures(lake: Lake) -> None:
    accept(lake, [generation(0, finish_reason="length")])
    assert measure_collapse(lake, CRAWL) == {}
