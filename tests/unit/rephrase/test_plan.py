import json

import pytest
from documents import CRAWL, write_documents

from include.errors import BadInput
from include.lake import Lake
from include.params import EngineParams, RephraseParams
from include.rephrase.plan import plan_requests
from include.rephrase.teacher import Teacher

STYLES = ["easy", "medium", "hard", "qa"]


def keys(lake: Lake) -> list[str]:
    return lake.read("requests", CRAWL).column("generation_key").to_pylist()


def plan(lake: Lake, teacher: Teacher, **changes: object) -> list[str]:
    plan_requests(lake, CRAWL, RephraseParams(**changes), teacher)  # type: ignore[arg-type]
    return keys(lake)


def test_every_segment_is_asked_for_in_every_style(planned: Lake, texts: list[str]) -> None:
    rows = planned.read("requests", CRAWL).to_pylist()
    assert len(rows) == len(texts) * len(STYLES)
    assert [row["recipe"] for row in rows[:4]] == STYLES
    assert len({row["doc_id"] for row in rows[:4]}) == 1, "one document's recipes follow each other"
    system, user = json.loads(rows[0]["messages"])
    assert (system["role"], user["role"]) == ("system", "user")
    assert user["content"] == rows[0]["source"].strip()


def test_keys_depend_on_the_text_alone_not_on_its_place(lake: Lake, teacher: Teacher, texts: list[str]) -> None:
    write_documents(lake, texts)
    first = plan(lake, teacher)
    write_documents(lake, texts[::-1])
    assert sorted(plan(lake, teacher)) == sorted(first)


@pytest.mark.parametrize("change", ["seed", "teacher_revision"])
def test_another_seed_or_revision_makes_other_keys(lake: Lake, teacher: Teacher, texts: list[str], change: str) -> None:
    write_documents(lake, texts)
    first = set(plan(lake, teacher))
    other = Teacher(teacher.name, "r2", teacher.license, teacher.path) if change == "teacher_revision" else teacher
    assert first.isdisjoint(plan(lake, other, seed=1 if change == "seed" else 0))


def test_a_sample_takes_the_same_pages_from_a_longer_dump(lake: Lake, teacher: Teacher, texts: list[str]) -> None:
    write_documents(lake, texts)
    both = set(plan(lake, teacher))
    report = plan_requests(lake, CRAWL, RephraseParams(max_documents=2), teacher)
    assert set(keys(lake)) < both
    assert report.rejected == {"beyond_max_documents": 2}


def test_an_unchanged_plan_is_not_written_again(planned: Lake, teacher: Teacher) -> None:
    file = planned.files("requests", CRAWL)[0]
    written = file.stat().st_mtime_ns
    plan(planned, teacher)
    assert planned.files("requests", CRAWL)[0].stat().st_mtime_ns == written


def test_prompts_that_cannot_fit_are_refused_before_any_engine_starts(
    lake: Lake, teacher: Teacher, texts: list[str]
) -> None:
    write_documents(lake, texts)
    with pytest.raises(BadInput, match="max_model_len is 100"):
        plan(lake, teacher, engine=EngineParams(max_model_len=100))


def test_an_unknown_recipe_is_refused_with_the_known_ones(lake: Lake, teacher: Teacher, texts: list[str]) -> None:
    write_documents(lake, texts)
    with pytest.raises(BadInput, match=r"no recipe 'poem'.*easy, hard, medium, qa"):
        plan(lake, teacher, recipes=["poem"])


def test_a_dump_without_documents_says_what_to_run(lake: Lake, teacher: Teacher) -> None:
    with pytest.raises(BadInput, match="no documents yet"):
        plan(lake, teacher)
