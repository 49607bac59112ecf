"""What the dataset card says of who wrote the synthetic text, how, and under which terms."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from small_dumps import Dump, fill, shares

from include.lake import Lake
from include.ledger import recall, record
from include.publish.card import write_card
from include.publish.mix import build_corpus
from include.publish.mix_params import MixParams
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
    told = write_card(lake, CRAWL, build_corpus(lake, CRAWL, shares(1.0)))
    assert "There are none." in told


def test_equal_data_has_an_equal_card(card: Callable[..., str], lake: Lake, tmp_path: Path) -> None:
    first = card()
    other = Lake(tmp_path / "elsewhere")
    fill(other, Dump())
    assert write_card(other, CRAWL, build_corpus(other, CRAWL, MixParams())) == first
    shutil.rmtree(lake.root)
    assert card(edition=2) != first


def test_the_card_tells_sources_mix_checks_and_how_to_cite(card: Callable[..., str]) -> None:
    told = card()
    assert "60 documents of 20 hosts from" in told
    assert "fetched from 2026-01-05 to 2026-01-05" in told
    assert line(told, "| `near_copy` |") == "| `near_copy` | 120 | 100.0% | 0 |"
    assert line(told, "| real |").startswith("| real | 50.0% | ")
    assert "@misc{rewrap-sample-2026-01," in told
    assert "WRAP (arXiv 2401.16380)" in told
    assert line(told, "license:") == "license: other"


def test_warnings_of_the_gate_stand_on_the_card(lake: Lake, make_dump: Callable[..., Dump]) -> None:
    make_dump()
    report = build_corpus(lake, CRAWL, MixParams())
    assert "No expectation of the gate failed." in write_card(lake, CRAWL, report)
    gate = recall(lake, CRAWL, "gate")
    assert gate is not None
    record(lake, replace(gate, detail=gate.detail | {"warnings": ["accepted_share_is_good: observed 0.1"]}))
    assert "- accepted_share_is_good: observed 0.1" in write_card(lake, CRAWL, report)
