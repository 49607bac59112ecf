"""The store and the worker with the scripted engine: what is generated, how often, and what is not again."""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from chained import Chained
from documents import CRAWL
from generating import CHUNK, PAGES, assert_exactly_once, expected, generate, never, page, plan, stored

from include.errors import BadInput, RewrapError
from include.lake import Lake
from include.recipes import registry
from include.recipes.registry import load_recipe
from include.rephrase.chain import planned_recipe
from include.rephrase.collect import collect_generations
from include.rephrase.engines.base import Request, Result
from include.rephrase.params import RephraseParams
from include.rephrase.progress import progress_of
from include.rephrase.store import Store
from include.rephrase.teacher import Teacher
from include.rephrase.units import Unit

WithRecipe = Callable[[str, str, Callable[[Any], None]], None]


@pytest.fixture
def with_recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WithRecipe]:
    """Puts a changed copy of a recipe into a folder of recipes of this test's own."""
    folder = tmp_path / "recipes"
    shutil.copytree(registry.FOLDER, folder)
    monkeypatch.setattr(registry, "FOLDER", folder)

    def put(source: str, name: str, change: Callable[[Any], None]) -> None:
        recipe = yaml.safe_load((folder / f"{source}.yaml").read_text()) | {"id": name}
        change(recipe)
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(recipe))
        forget()

    def forget() -> None:
        registry.load_recipe.cache_clear()
        planned_recipe.cache_clear()

    yield put
    forget()


@pytest.fixture
def params(lake: Lake, teacher: Teacher) -> RephraseParams:
    return plan(lake, teacher)


def test_every_generation_of_every_chain_is_made_once(lake: Lake, params: RephraseParams) -> None:
    engine = Chained()
    summary = generate(lake, params, lambda: engine)
    assert set(Counter(engine.asked).values()) == {1}
    assert_exactly_once(lake)
    steps = Counter(row["step"] for row in stored(lake))
    assert steps["propose"] == 5
    assert steps["rewrite"] == len(engine.asked) - 5, "three for each proposal, and one for each piece"
    assert summary["requests"] == summary["generated"] == len(engine.asked)
    assert summary["chains"] == lake.finished("requests", CRAWL).rows
    assert summary["texts"] == summary["accepted"] == lake.finished("generations", CRAWL).rows
    planned = lake.read("requests", CRAWL).column("predicted_tokens").to_pylist()
    assert summary["predicted_tokens"] == sum(planned)
    assert {row["engine"] for row in lake.read("generations", CRAWL).to_pylist()} == {"scripted"}


def test_a_second_run_starts_no_engine_and_changes_no_file(lake: Lake, params: RephraseParams) -> None:
    generate(lake, params)
    collect_generations(lake, CRAWL)
    tables = {file: file.stat().st_mtime_ns for file in lake.root.rglob("*.parquet")}
    assert generate(lake, params, never)["requests"] == 0
    collect_generations(lake, CRAWL)
    assert {file: file.stat().st_mtime_ns for file in lake.root.rglob("*.parquet")} == tables
    assert (progress_of(lake, CRAWL) or {})["generated"] == 0


def test_what_follows_on_a_result_is_asked_before_new_chains(lake: Lake, params: RephraseParams) -> None:
    engine = Chained(capacity=2)
    generate(lake, params, lambda: engine)
    step = {row["generation_key"]: row["step"] for row in stored(lake)}
    root = {row["generation_key"]: row["root"] for row in stored(lake)}
    first = next(number for number, key in enumerate(engine.asked) if step[key] == "propose")
    # One other request may have been in flight already.
    after = [root[key] == root[engine.asked[first]] for key in engine.asked[first + 1 : first + 5]]
    assert sum(after) == 3


class DiesAt(Chained):
    """Ends badly before answer number ``at``."""

    at = 0

    def answer(self, request: Request) -> Result:
        if len(self.asked) == self.at:
            raise RuntimeError("the engine died")
        return super().answer(request)


@pytest.mark.parametrize("at", [3, 13, 29, 38])
def test_an_error_of_the_engine_costs_only_what_was_in_flight(lake: Lake, params: RephraseParams, at: int) -> None:
    dying, second = DiesAt(), Chained()
    dying.at = at
    with pytest.raises(RuntimeError, match="the engine died"):
        generate(lake, params, lambda: dying)
    assert len(stored(lake)) == at, "also what did not fill a chunk"
    generate(lake, params, lambda: second)
    assert not set(dying.asked) & set(second.asked), "steps of half-finished chains, too, were not made again"
    assert_exactly_once(lake)


def test_units_share_a_plan_without_making_anything_twice(lake: Lake, teacher: Teacher) -> None:
    # The same text on two pages, and in two units: the recipes' roots stand in the plan twice.
    params = plan(lake, teacher, [PAGES[0] + " Extra.", PAGES[1], PAGES[0] + " Extra."], recipes=["easy", "qa"])
    rows = lake.read("requests", CRAWL).to_pylist()
    assert len({row["generation_key"] for row in rows}) == 4 < len(rows)
    engine = Chained()
    middle = len(rows) // 2
    for unit in (Unit(0, middle), Unit(middle, len(rows))):
        generate(lake, params, lambda: engine, unit=unit)
    assert set(Counter(engine.asked).values()) == {1}
    assert collect_generations(lake, CRAWL).rows_out == len(rows)
    assert (progress_of(lake, CRAWL) or {})["generated"] == 4


def test_a_page_that_comes_back_in_the_next_dump_costs_nothing(
    lake: Lake, teacher: Teacher, params: RephraseParams
) -> None:
    generate(lake, params)
    plan(lake, teacher, [*PAGES[:3], page(7, 4)], crawl="T-2")
    new = set(expected(lake, "T-2")) - set(expected(lake, CRAWL))
    engine = Chained()
    generate(lake, params, lambda: engine, crawl="T-2")
    assert set(engine.asked) == new
    assert_exactly_once(lake, CRAWL, "T-2")


def test_two_recipes_that_begin_alike_share_their_first_step(
    lake: Lake, teacher: Teacher, with_recipe: WithRecipe
) -> None:
    retell = "Retell the text as this genre: {genre}. Its readers: {audience}. Reply with the result only."
    with_recipe("genre_audience", "other", lambda recipe: recipe["steps"][1].update(instruction=retell))
    params = plan(lake, teacher, PAGES[:2], recipes=["genre_audience", "other"])
    engine = Chained()
    generate(lake, params, lambda: engine)
    assert Counter(row["step"] for row in stored(lake)) == {"propose": 2, "rewrite": 12}
    assert set(Counter(engine.asked).values()) == {1}
    assert collect_generations(lake, CRAWL).rows_out == 4


CHANGES = {
    "a new version of a recipe's wording": lambda recipe: recipe.update(
        version="99", system="You are a careful editor of texts."
    ),
    "other sampling": lambda recipe: recipe["steps"][0]["sampling"].update(temperature=0.21),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_changed_recipe_makes_its_own_generations_anew_and_no_others(
    lake: Lake, teacher: Teacher, params: RephraseParams, what: str, with_recipe: WithRecipe
) -> None:
    generate(lake, params)
    before = {row["generation_key"]: row for row in stored(lake)}
    with_recipe("easy", "easy", CHANGES[what])
    with pytest.raises(BadInput, match=r"easy .*(?i:plan)"):
        generate(lake, params, never)
    plan(lake, teacher)
    engine = Chained()
    generate(lake, params, lambda: engine)
    easy = [row for row in lake.read("requests", CRAWL).to_pylist() if row["recipe"] == "easy"]
    assert set(engine.asked) == {row["generation_key"] for row in easy}
    assert not set(engine.asked) & set(before), "under new keys"
    after = {row["generation_key"]: row for row in stored(lake)}
    assert len(after) == len(stored(lake))
    assert all(after[key] == row for key, row in before.items()), "what was made before is kept"


def test_other_bounds_of_a_recipe_leave_its_plan_and_its_generations_alone(
    lake: Lake, teacher: Teacher, params: RephraseParams, with_recipe: WithRecipe
) -> None:
    planned = lake.finished("requests", CRAWL)
    generate(lake, params)
    with_recipe("easy", "easy", lambda recipe: recipe["checks"].update(near_copy={"max": 0.125}))
    assert load_recipe("easy").checks["near_copy"].max == 0.125
    generate(lake, params, never)
    plan(lake, teacher)
    assert lake.finished("requests", CRAWL) == planned


def test_another_model_revision_makes_everything_anew_beside_the_old(
    lake: Lake, teacher: Teacher, params: RephraseParams
) -> None:
    generate(lake, params)
    before = {row["generation_key"] for row in stored(lake)}
    plan(lake, Teacher(teacher.name, "r2", teacher.license, teacher.path))
    engine = Chained()
    generate(lake, params, lambda: engine)
    assert set(engine.asked) == set(expected(lake))
    assert not set(engine.asked) & before
    assert {row["generation_key"] for row in stored(lake)} == before | set(engine.asked)
    plan(lake, teacher)
    generate(lake, params, never)


class Failing(Chained):
    """Cannot answer one request: number ``fails_at``."""

    fails_at = 2

    def answer(self, request: Request) -> Result:
        result = super().answer(request)
        if len(self.asked) - 1 == self.fails_at:
            return Result(result.generation_key, "", "error", "needs 4000 tokens, max_model_len is 2048", 0, 0)
        return result


@pytest.fixture
def failed(lake: Lake, teacher: Teacher) -> RephraseParams:
    """A dump of which one request has failed."""
    params = plan(lake, teacher, recipes=["easy", "qa"])
    assert generate(lake, params, Failing)["failed"] == 1
    return params


def test_one_bad_request_stops_nothing_and_keeps_its_reason(lake: Lake, failed: RephraseParams) -> None:
    report = collect_generations(lake, CRAWL)
    assert (report.rows_out, report.failed) == (report.rows_in - 1, {"engine_error": 1})
    errors = [row["error"] for row in lake.read("generations", CRAWL).to_pylist() if row["error"]]
    assert errors == ["needs 4000 tokens, max_model_len is 2048"]
    generate(lake, failed, never)


def test_what_failed_is_made_again_when_asked_for(lake: Lake, failed: RephraseParams) -> None:
    assert collect_generations(lake, CRAWL).failed
    engine = Chained()
    retry = failed.model_copy(update={"retry_failed": True})
    generate(lake, retry, lambda: engine)
    assert len(engine.asked) == 1
    report = collect_generations(lake, CRAWL)
    assert (report.rows_out, report.failed) == (report.rows_in, {})
    generate(lake, retry, never)


def test_a_chain_that_cannot_go_on_is_counted_by_its_step(lake: Lake, teacher: Teacher) -> None:
    class Mute(Chained):
        def answer(self, request: Request) -> Result:
            result = super().answer(request)
            return Result(result.generation_key, "I would rather not.", "stop", None, 5, 4)

    params = plan(lake, teacher, PAGES[:2], recipes=["easy", "genre_audience"])
    generate(lake, params, Mute)
    report = collect_generations(lake, CRAWL)
    assert (report.rows_in, report.rows_out, report.rejected) == (4, 2, {"stopped_at_propose": 2})
    generate(lake, params, never)


def test_of_a_key_that_two_workers_made_one_result_counts(lake: Lake, params: RephraseParams) -> None:
    generate(lake, params)
    store = Store(lake)
    chunk = store.chunks()[0]
    (chunk.parent / f"results-{'f' * 32}.parquet").write_bytes(chunk.read_bytes())
    report = collect_generations(lake, CRAWL)
    assert report.rows_in == report.rows_out == lake.finished("requests", CRAWL).rows
    assert len(stored(lake)) > report.detail["generations"]


def test_collecting_too_early_says_what_to_run_and_writes_nothing(lake: Lake, params: RephraseParams) -> None:
    with pytest.raises(RewrapError, match=r"20 of 20 chains .* Run the generate step"):
        collect_generations(lake, CRAWL)
    assert lake.manifest("generations", CRAWL) is None
    assert not list(lake.path("generations", CRAWL).iterdir())


def test_results_are_committed_a_chunk_at_a_time(lake: Lake, params: RephraseParams) -> None:
    generate(lake, params)
    sizes = sorted(row for row in Counter(chunk_of(lake)).values())
    assert sizes[1:] == [CHUNK] * (len(sizes) - 1)
    assert sizes[0] <= CHUNK


def chunk_of(lake: Lake) -> list[str]:
    with Store(lake).query() as query:
        return [chunk for (chunk,) in query.execute("SELECT chunk FROM result").fetchall()]
