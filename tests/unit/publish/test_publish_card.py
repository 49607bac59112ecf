"""What the dataset card says of who wrote the synthetic text, how, and under which terms."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from small_dumps import Dump, fill

from include.lake import Lake
from include.params import MixParams
from include.publish.card import write_card
from include.publish.mix import build_corpus
from include.teachers.catalogue import require_allowed

CRAWL = "SAMPLE-2026-01"


@pytest.fixture
def card(lake: Lake, make_dump: Callable[..., Dump]) -> Callable[..., str]:
    """The card of a dump with the given fields."""

    def write(**fields: object) -> str:
        make_dump(**fields)
        return write_card(lake, CRAWL, build_corpus(lake, CRAWL, MixParams()))

    return write


def line(card: str, start: str) -> str:
    [found] = [line for line in card.splitlines() if line.startswith(start)]
    return found


def test_duties_of_a_teacher_stand_on_the_card(card: Callable[..., str]) -> None:
    terms = 'conditional: Some Licence: may train others. Duties: Say "Built with Some". Source: section 1.b.'
    assert line(card(teacher_terms=terms), "- `test-teacher`") == f"- `test-teacher` (revision abc123): {terms}"


def test_a_teacher_that_nobody_has_looked_up_stands_out(card: Callable[..., str]) -> None:
    terms = require_allowed("nobody/knows-this", None, allow_unlisted=True)
    told = line(card(teacher_terms=terms), "- `test-teacher`")
    assert told.endswith(terms)
    assert "**Nobody has looked up whether this may train models.**" in told
    assert "**Nobody" not in card()


def test_each_recipe_says_how_its_text_came_about(card: Callable[..., str]) -> None:
    told = card(recipes=("easy", "diverse_qa"), recipe_version="1")
    assert "Nemotron-CC" in line(told, "| diverse_qa | 1 |")
    assert "| before the instruction | the passage, then the output |" in line(told, "| diverse_qa | 1 |")
    assert "now at version" in line(told, "| easy | 1 |")
    assert "| unknown | unknown |" in line(told, "| easy | 1 |")


def test_a_recipe_that_is_gone_is_still_named(card: Callable[..., str]) -> None:
    assert "not among the recipes any more" in line(card(recipes=("easy", "long_gone")), "| long_gone | 2 |")


def test_a_dump_without_synthetic_text_has_no_teachers(lake: Lake, make_dump: Callable[..., Dump]) -> None:
    make_dump(rephrased=0)
    told = write_card(lake, CRAWL, build_corpus(lake, CRAWL, MixParams(synthetic_share=0)))
    assert "There are none." in told


def test_equal_data_has_an_equal_card(card: Callable[..., str], lake: Lake, tmp_path: Path) -> None:
    first = card()
    other = Lake(tmp_path / "elsewhere")
    fill(other, Dump())
    assert write_card(other, CRAWL, build_corpus(other, CRAWL, MixParams())) == first
    shutil.rmtree(lake.root)
    assert card(edition=2) != first
