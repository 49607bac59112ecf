"""``plan`` from a shell: whose outputs may be used, and what they would cost, before any engine."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from documents import CRAWL, write_documents
from typer.testing import CliRunner

from include.cli import app
from include.errors import BadInput
from include.lake import Lake
from include.rephrase.cost import recall_estimate
from include.rephrase.teacher import Teacher
from include.settings import settings


@pytest.fixture
def home(tmp_path: Path, texts: list[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home with a dump's documents, for commands that run in this process."""
    write_documents(Lake(tmp_path / "lake"), texts)
    monkeypatch.setenv("REWRAP_HOME", str(tmp_path))
    settings.cache_clear()
    yield tmp_path
    settings.cache_clear()


def plan(teacher: Path | str, *overrides: str) -> str:
    """What the command prints; raises what it raises."""
    given = [
        f"rephrase.teacher={teacher}",
        "rephrase.teacher_revision=r1",
        "rephrase.engine.kind=scripted",
        "rephrase.recipes=[easy, qa]",
        *overrides,
    ]
    options = [option for override in given for option in ("--set", override)]
    result = CliRunner().invoke(app, ["plan", "--crawl", CRAWL, *options], env={"COLUMNS": "80"})
    if result.exception:
        raise result.exception
    return result.output


def test_a_teacher_whose_terms_nobody_knows_needs_an_override_that_every_row_carries(
    home: Path, teacher: Teacher
) -> None:
    with pytest.raises(BadInput, match=r"rephrase\.allow_unlisted_teacher: true"):
        plan(teacher.path)
    assert Lake(home / "lake").manifest("requests", CRAWL) is None
    plan(teacher.path, "rephrase.allow_unlisted_teacher=true")
    terms = set(Lake(home / "lake").read("requests", CRAWL)["teacher_terms"].to_pylist())
    assert len(terms) == 1
    assert terms.pop().startswith("override: not in the catalogue of teachers")


def test_a_forbidden_teacher_is_refused_before_anything_is_fetched_or_planned(home: Path) -> None:
    with pytest.raises(BadInput, match="No setting overrides that"):
        plan("meta-llama/Meta-Llama-3-8B-Instruct", "rephrase.allow_unlisted_teacher=true")
    assert Lake(home / "lake").manifest("requests", CRAWL) is None
    assert not (home / "models").exists()


def test_the_bill_is_shown_and_kept(home: Path, teacher: Teacher) -> None:
    shown = plan(teacher.path, "rephrase.allow_unlisted_teacher=true", "rephrase.budget.tokens=100")
    estimate = recall_estimate(Lake(home / "lake"), CRAWL)
    assert estimate is not None
    assert (estimate.chains, estimate.in_store) == (8, 0)
    for words in ("easy", "qa", "all", "rephrase.budget.tokens of 100 will be reached"):
        assert words in shown
