"""The suite on the corpus: each expectation fails by its own damage, and only by that."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest

from include.lake import Lake
from include.ledger import StageReport
from include.publish.mix import build_corpus
from include.publish.mix_params import MixParams
from include.schemas import CORPUS, JUDGED
from include.validate.corpus_params import CorpusGateParams
from include.validate.history import Comparison
from include.validate.suites.corpus import expectations, measure
from tests.unit.publish.small_dumps import Dump, fill
from tests.unit.validate.conftest import evaluated

PARAMS = CorpusGateParams()
CRAWL = "SAMPLE-2026-01"
Tables = dict[str, list[dict[str, Any]]]
FAR = {
    "volume_ratio": 9.0,
    "drifted_languages": "de from 0.100 to 0.310",
    "drifted_recipes": "qa from 0.100 to 0.310",
    "drifted_lengths": "qa 50 % from 80 to 200",
}
"""What a comparison with other dumps may have come to."""
ADDED = {"lost_rows", "lost_words", "lost_tokens"}
"""Fail wherever a table does not have the rows of its report."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Tables, StageReport]:
    """A sound corpus: in each table of rows of one kind, those of one kind after the other."""
    lake = Lake(tmp_path_factory.mktemp("built") / "lake")
    fill(lake, Dump())
    report = build_corpus(lake, CRAWL, MixParams())
    tables: Tables = {name: lake.read(name, CRAWL).to_pylist() for name in ("mix", "real", "heldout", "accepted")}
    tables["mix"].sort(key=lambda row: row["origin"], reverse=True)
    return tables, report


def nulls(tables: Tables) -> None:
    for number, column in enumerate(("row_id", "text", "doc_id", "copy", "url", "host", "words", "tokens")):
        tables["mix"][number][column] = None


def leak(tables: Tables) -> None:
    tables["real"].append(tables["heldout"][0])
    [made, *_] = [row for row in tables["accepted"] if row["doc_id"] == tables["heldout"][1]["doc_id"]]
    tables["mix"][0]["generation_key"] = made["generation_key"]


def confuse(tables: Tables) -> None:
    mix = tables["mix"]
    mix[-1]["recipe"] = "qa"
    mix[-2]["doc_id"] = "f" * 32
    mix[-3]["row_id"] = mix[-4]["row_id"]
    mix[-5]["text"] = " \n"
    mix[0]["generation_key"] = "never accepted"
    mix[1] |= {name: mix[2][name] for name in ("doc_id", "segment", "recipe", "variant")} | {"copy": 1}


def shift(tables: Tables) -> None:
    for row in tables["mix"]:
        row["tokens"] *= 3 if row["origin"] == "real" else 1


CASES: dict[str, tuple[set[str], dict[str, float | str], Callable[[Tables], object]]] = {
    "sound": (set(), {}, lambda tables: None),
    "nulls": (
        {
            *("without_row_id", "without_text", "without_doc_id", "without_copy", "without_url", "without_host"),
            *("without_words", "without_tokens", "lost_words", "lost_tokens"),
        },
        {},
        nulls,
    ),
    "leaks": (
        {
            *("heldout_documents_in_an_arm", "heldout_texts_in_an_arm", "heldout_hosts_in_an_arm"),
            *("made_of_heldout_in_an_arm", *ADDED),
        },
        {},
        leak,
    ),
    "confused rows": (
        {
            *("unclear_origin", "mix_rows_not_real", "repeated_row_id", "empty_texts"),
            *("mix_rows_not_accepted", "repeats"),
        },
        {},
        confuse,
    ),
    "empty tables": (
        {"mix_rows", "real_rows", "heldout_rows", *ADDED},
        {},
        lambda tables: [rows.clear() for rows in tables.values()],
    ),
    "settings": ({"shares", "lost_tokens", "wrong_columns", "budget", *FAR}, dict(FAR), shift),
}


@pytest.mark.parametrize("case", CASES)
def test_each_expectation_can_fail_and_only_by_its_own_damage(
    built: tuple[Tables, StageReport], lake: Lake, case: str
) -> None:
    names, compared, damage = CASES[case]
    broken, report = deepcopy(built[0]), built[1]
    damage(broken)
    if "budget" in names:
        params = report.detail["params"] | {"tokens": 1000}
        report = replace(report, detail=report.detail | {"params": params})
    for name, rows in broken.items():
        table = pa.Table.from_pylist(rows, schema=JUDGED if name == "accepted" else CORPUS)
        if "wrong_columns" in names and name == "heldout":
            table = table.drop_columns(["segment"])
        lake.write(table, layer=name, crawl=CRAWL, fingerprint="broken")
    figures = measure(lake, report, PARAMS, Comparison(compared, {}))
    expected = [item for item in expectations(PARAMS, "host") if item.name not in FAR or compared]
    found = evaluated(figures, expected)
    assert [finding.error for finding in found] == [None] * len(found)
    assert {finding.name for finding in found if not finding.passed} == names


def test_every_expectation_has_a_case_that_fails() -> None:
    assert {item.name for item in expectations(PARAMS, "host")} == set().union(*(case[0] for case in CASES.values()))
