from itertools import pairwise

import pyarrow as pa
import pytest
from documents import CRAWL

from include.errors import BadInput
from include.lake import Lake
from include.recipes.registry import load_recipe
from include.rephrase.store import Store
from include.rephrase.units import Unit, cut_units
from include.schemas import REQUEST, RESULT


def write_plan(lake: Lake, documents: list[list[int]], keys: list[str] | None = None, recipe: str = "easy") -> None:
    """A plan whose documents have chains of these predicted tokens; keys are "0", "1"... in order."""
    chains = [(doc, tokens) for doc, chains in enumerate(documents) for tokens in chains]
    keys = keys or [str(n) for n in range(len(chains))]
    of_recipe = {"recipe": recipe, "recipe_version": "1", "recipe_hash": load_recipe(recipe).generation_fingerprint}
    empty = dict.fromkeys(REQUEST.names) | of_recipe
    rows = [
        empty | {"generation_key": key, "doc_id": f"d{doc}", "predicted_tokens": tokens}
        for key, (doc, tokens) in zip(keys, chains, strict=True)
    ]
    lake.write(pa.Table.from_pylist(rows, schema=REQUEST), layer="requests", crawl=CRAWL, fingerprint="f")


def store(lake: Lake, root: str, key: str, tokens: int, output: str = "") -> None:
    made = {"root": root, "generation_key": key, "completion_tokens": tokens, "output": output}
    rows = [dict.fromkeys(RESULT.names) | made]
    Store(lake).commit(pa.Table.from_pylist(rows, schema=RESULT), "test")


def sums(units: list[Unit]) -> list[int]:
    return [unit.predicted_tokens for unit in units]


@pytest.mark.parametrize("count", [1, 2, 3, 7, 40])
def test_units_are_contiguous_whole_documents_and_balanced_within_the_largest(lake: Lake, count: int) -> None:
    documents = [[(7 * n) % 50 + 1] * (n % 4 + 1) for n in range(60)]
    write_plan(lake, documents)
    units = cut_units(lake, CRAWL, count)
    assert len(units) == count if count < 10 else 20 < len(units) <= count
    assert (units[0].start, units[-1].stop) == (0, sum(map(len, documents)))
    ends = {sum(map(len, documents[:n])) for n in range(61)}
    assert all(one.stop == two.start and one.stop in ends for one, two in pairwise(units))
    largest, mean = max(map(sum, documents)), sum(map(sum, documents)) / count
    assert all(abs(tokens - mean) <= largest for tokens in sums(units))
    assert sum(sums(units)) == sum(map(sum, documents))


def test_there_are_no_more_units_than_documents_and_always_one(lake: Lake) -> None:
    write_plan(lake, [[5, 5], [5]])
    assert cut_units(lake, CRAWL, 9) == [Unit(0, 2, 10), Unit(2, 3, 5)]
    write_plan(lake, [])
    assert cut_units(lake, CRAWL, 9) == [Unit(0, 0, 0)]


def test_one_giant_document_makes_a_unit_of_its_own(lake: Lake) -> None:
    write_plan(lake, [[1], [1], [1000], [1], [1]])
    units = cut_units(lake, CRAWL, 3)
    assert max(sums(units)) <= 1002
    assert (units[0].start, units[-1].stop) == (0, 5)


def test_what_the_store_has_is_not_counted(lake: Lake) -> None:
    write_plan(lake, [[10], [10], [10], [10]])
    assert cut_units(lake, CRAWL, 2) == [Unit(0, 2, 20), Unit(2, 4, 20)]
    for root, tokens in [("0", 4), ("1", 14), ("elsewhere", 99)]:
        store(lake, root, root, tokens)
    assert cut_units(lake, CRAWL, 2) == [Unit(0, 3, 10), Unit(3, 4, 10)]


def test_a_chain_that_is_half_made_counts_for_its_rest(lake: Lake) -> None:
    write_plan(lake, [[30], [10]], recipe="genre_audience")
    store(lake, "0", "0", 12)
    store(lake, "0", "first item", 13)
    store(lake, "0", "first item", 13, output="made twice, by workers that raced")
    assert cut_units(lake, CRAWL, 1) == [Unit(0, 2, 15)]


def test_with_everything_made_there_is_one_unit_over_the_whole_plan(lake: Lake) -> None:
    write_plan(lake, [[10], [10]])
    store(lake, "0", "0", 10)
    store(lake, "1", "1", 11)
    assert cut_units(lake, CRAWL, 5) == [Unit(0, 2, 0)]


def test_a_key_that_stands_in_two_documents_is_counted_where_it_stands_first(lake: Lake) -> None:
    write_plan(lake, [[10], [10], [10], [10]], keys=["a", "a", "a", "b"])
    assert sums(cut_units(lake, CRAWL, 2)) == [10, 10]
    assert sums(cut_units(lake, CRAWL, 1)) == [20]


def test_a_unit_goes_by_its_name() -> None:
    assert str(Unit(3, 17, 99)) == "3-17"
    assert Unit.parse("3-17") == Unit(3, 17)
    for wrong in ("", "3", "a-b", "5-3", "-1-4", "1-2-3", "²-3"):
        with pytest.raises(BadInput, match="START-STOP"):
            Unit.parse(wrong)


def test_without_a_plan_it_says_what_to_run(lake: Lake) -> None:
    with pytest.raises(BadInput, match="no requests yet"):
        cut_units(lake, CRAWL, 1)
