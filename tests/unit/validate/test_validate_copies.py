"""Copies among the outputs of a dump: which are found, which one stays, and that a killed gate goes on."""

import random
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from include.errors import BadInput
from include.lake import Lake
from include.recipes.recipe import Bounds
from include.schemas import IDENTITY, SEMANTICS
from include.validate import passes
from include.validate.checks import CHECKS
from include.validate.copies import sign
from include.validate.gate_params import GateParams
from include.validate.passes import LAYERS, STEPS, check_rows, in_step, write_tables
from tests.unit.validate.conftest import CRAWL, SOURCE, generation, table

WORDS = Path(__file__).parents[2].joinpath("prose_words.txt").read_text().split()
UNBOUNDED = GateParams(checks={check.name: Bounds() for check in CHECKS if not check.fixed})


def prose(seed: int, words: int = 120) -> list[str]:
    draw = random.Random(seed)
    return [draw.choice(WORDS) for _ in range(words)]


def changed(words: list[str], every: int) -> list[str]:
    """With one word in so many replaced."""
    return [f"other{place}" if place % every == every // 2 else word for place, word in enumerate(words)]


def jaccard(one: list[str], other: list[str]) -> float:
    sets = [{tuple(words[start : start + 5]) for start in range(len(words) - 4)} for words in (one, other)]
    return len(sets[0] & sets[1]) / len(sets[0] | sets[1])


def judge_dump(lake: Lake, rows: list[dict[str, Any]], params: GateParams = UNBOUNDED) -> dict[tuple[Any, ...], Any]:
    """Verdicts by identity."""
    lake.write(table(rows), layer="generations", crawl=CRAWL, fingerprint="given")
    check_rows(lake, CRAWL, params, [], False, "key")
    write_tables(lake, CRAWL, params, "key")
    verdicts = lake.read("verdicts", CRAWL).to_pylist()
    return {tuple(row[name] for name in IDENTITY): row for row in verdicts}


def row(number: int, words: list[str], **different: Any) -> dict[str, Any]:
    return generation(number, source=f"{SOURCE} {' '.join(words)}", output=" ".join(words), **different)


def similarity(verdict: dict[str, Any]) -> float | None:
    values: list[float] = [check["value"] for check in verdict["checks"] if check["name"] == "near_duplicate"]
    return values[0] if values else None


def test_of_copies_the_one_with_the_smallest_identity_stays_whatever_recipe_or_page_it_is_of(lake: Lake) -> None:
    text, other = prose(1), prose(2)
    rows = [
        row(3, text),
        row(2, changed(text, 100)),
        row(2, text, recipe="medium"),
        row(2, text, segment=1),
        row(1, other, variant=1),
        row(1, other),
        row(0, prose(3)),
        row(0, prose(3), finish_reason="length", recipe="hard"),
    ]
    found = judge_dump(lake, rows)
    assert {key[0::3] + key[1:3] for key, verdict in found.items() if verdict["accepted"]} == {
        ("doc0000", 0, 0, "easy"), ("doc0001", 0, 0, "easy"), ("doc0002", 0, 0, "easy")
    }  # fmt: skip
    assert found["doc0001", 0, "easy", 1]["reason"] == "near_duplicate"
    assert similarity(found["doc0001", 0, "easy", 1]) == 1
    assert similarity(found["doc0002", 0, "medium", 0]) == pytest.approx(jaccard(text, changed(text, 100)), abs=0.1)
    assert similarity(found["doc0000", 0, "easy", 0]) == 0
    assert found["doc0000", 0, "hard", 0]["reason"] == "truncated"  # what fails otherwise is not compared
    assert similarity(found["doc0000", 0, "hard", 0]) is None
    quarantined = lake.read("quarantined", CRAWL)
    assert quarantined["reason"].to_pylist().count("near_duplicate") == 4
    assert lake.read("accepted", CRAWL)["doc_id"].to_pylist() == ["doc0002", "doc0001", "doc0000"]


def test_resembling_is_not_passed_on_along_a_chain(lake: Lake) -> None:
    first = prose(4, 400)
    second = [*first[:-40], *prose(5, 40)]
    third = [*prose(6, 40), *second[40:]]
    assert min(jaccard(first, second), jaccard(second, third)) > 0.8 > jaccard(first, third)
    found = judge_dump(lake, [row(number, text) for number, text in enumerate((first, second, third))])
    assert [verdict["accepted"] for verdict in found.values()] == [True, False, True]
    values = [similarity(verdict) for verdict in found.values()]
    assert values == [
        0,
        pytest.approx(jaccard(first, second), abs=0.12),
        pytest.approx(jaccard(first, third), abs=0.12),
    ]


def test_copies_behind_a_different_first_text_of_their_bucket_are_found_as_well(lake: Lake) -> None:
    base = prose(7, 300)
    alike = [*base[:-45], *prose(8, 45)]  # shares bands with base, but is another text
    assert 0.65 < jaccard(base, alike) < 0.75
    found = judge_dump(lake, [row(0, base), row(1, alike), row(2, alike), row(3, alike)])
    assert [verdict["accepted"] for verdict in found.values()] == [True, True, False, False]


def test_a_recipe_or_the_parameters_may_allow_more(lake: Lake) -> None:
    rows = [row(0, prose(9)), row(1, prose(9)), row(2, changed(prose(9), 100))]
    assert sum(verdict["accepted"] for verdict in judge_dump(lake, rows).values()) == 1
    lenient = GateParams(checks=UNBOUNDED.checks | {"near_duplicate": Bounds()})
    lake.remove("gate_verdicts", CRAWL)
    assert sum(verdict["accepted"] for verdict in judge_dump(lake, rows, lenient).values()) == 3


def test_the_order_of_the_generations_does_not_matter(lake: Lake) -> None:
    texts = [changed(prose(number // 6), 20 + number % 6 * 15) for number in range(60)]
    rows = [row(number, text) for number, text in enumerate(texts)]
    found = judge_dump(lake, rows)
    lake.remove("gate_verdicts", CRAWL)
    random.Random(0).shuffle(rows)
    again = judge_dump(lake, rows)
    assert 10 <= sum(verdict["accepted"] for verdict in found.values()) < 60
    assert {key: (row["reason"], similarity(row)) for key, row in found.items()} == {
        key: (row["reason"], similarity(row)) for key, row in again.items()
    }


def test_similarity_is_estimated_well() -> None:
    texts = [prose(number, 400) for number in range(40)]
    pairs = [(text, changed(text, 12 + 4 * number)) for number, text in enumerate(texts)]
    columns = {
        name: pa.array(range(40)).cast(kind)
        for name, kind in zip(IDENTITY, ("string", "int32", "string", "int32"), strict=True)
    }
    signed = [
        sign(np.arange(40), pa.table(columns), pa.array([" ".join(pair[side]) for pair in pairs])) for side in (0, 1)
    ]
    minima = [np.frombuffer(b"".join(side["minima"].to_pylist()), np.uint16).reshape(40, -1) for side in signed]
    error = (minima[0] == minima[1]).mean(axis=1) - np.array([jaccard(*pair) for pair in pairs])
    assert abs(error.mean()) < 0.02
    assert np.abs(error).max() < 0.15  # three standard deviations of 96 hashes


def test_a_gate_killed_between_or_inside_its_passes_gives_the_same_bytes(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [row(number, prose(number // 2)) for number in range(8)] + [generation(9, output=SOURCE)]
    undisturbed = Lake(tmp_path / "undisturbed")
    judge_dump(undisturbed, rows)

    def killed(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    for step in ("sign", "find_copies", "_with_copies"):
        with monkeypatch.context() as patch:
            patch.setattr(passes, step, killed)
            with pytest.raises(KeyboardInterrupt):
                judge_dump(lake, rows)
        assert lake.manifest("verdicts", CRAWL) is None
    with monkeypatch.context() as patch:
        patch.setattr(passes, "verdicts_of", killed)  # the first pass is not made again
        judge_dump(lake, rows)
    for layer in LAYERS:
        assert lake.finished(layer, CRAWL).files == undisturbed.finished(layer, CRAWL).files
    passes.remove_steps(lake, CRAWL)
    assert [layer for layer in STEPS if (lake.root / layer / CRAWL).exists()] == []


def meanings(rows: list[dict[str, Any]]) -> pa.Table:
    given = ("generation_key", *IDENTITY)
    return pa.Table.from_pylist([{name: row[name] for name in given} | {"support": 0.5} for row in rows], SEMANTICS)


def test_semantics_reach_their_rows_and_must_be_in_the_order_of_the_generations(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [row(number, prose(number)) for number in range(5)]
    lake.write(table(rows), layer="generations", crawl=CRAWL, fingerprint="given")
    lake.write(meanings(rows), layer="semantics", crawl=CRAWL, fingerprint="given")
    seen: list[pa.Table] = []
    real = passes.Rows
    monkeypatch.setattr(passes, "Rows", lambda *of: (seen.append(of[3]), real(*of))[1])
    check_rows(lake, CRAWL, GateParams(), [], True, "key")
    assert pa.concat_tables(seen)["generation_key"].to_pylist() == [row["generation_key"] for row in rows]
    for wrong, why in (
        (rows[::-1], "not in the order"),
        (rows[:3], "too few rows"),
        ([*rows, rows[0]], "too many rows"),
    ):
        lake.write(meanings(wrong), layer="semantics", crawl=CRAWL, fingerprint="given")
        with pytest.raises(BadInput, match=why):
            check_rows(lake, CRAWL, GateParams(), [], True, "another key")
    assert not lake.is_current("another key", "gate_verdicts", CRAWL)


def test_tables_cut_at_different_places_are_read_in_step() -> None:
    whole = pa.table({"n": range(10)})
    lead = [whole.slice(0, 4), whole.slice(4, 1), whole.slice(5)]
    follower = [whole.slice(0, 1), whole.slice(1, 8), whole.slice(9)]
    for one, other in in_step(lead, follower):
        assert one["n"].to_pylist() == other["n"].to_pylist()
