"""The suite on generations: each expectation fails by its own damage, and only by that."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pyarrow as pa
import pytest

from include.lake import Lake
from include.schemas import GENERATION, JUDGED, VERDICT
from include.validate.gate import run_gate
from include.validate.gate_params import GateParams
from include.validate.history import Comparison
from include.validate.suites.generations import expectations, measure
from tests.unit.validate.conftest import CRAWL, SOURCE, evaluated, generation, table

PARAMS = GateParams(max_failed_share=0.5)
SCHEMAS = {"generations": GENERATION, "verdicts": VERDICT, "accepted": JUDGED, "quarantined": JUDGED}
Tables = dict[str, list[dict[str, Any]]]
Damage = Callable[[Tables], object]
FAR = {
    "volume_ratio": 0.2,
    "drifted_languages": "de from 0.100 to 0.310",
    "drifted_reasons": "near_copy from 0.100 to 0.310",
    "drifted_accepted": "qa from 0.900 to 0.310",
    "drifted_lengths": "qa 50 % from 80 to 200",
    "drifted_collapse": "qa opening_5 from 0.010 to 0.500",
    "same_openings": "qa 0.620 (sources 0.003)",
    "same_phrases": "qa 0.510 (sources 0.003)",
    "little_variety": "qa 0.510 (sources 0.990)",
    "same_lengths": "qa 0.001 (sources 0.300)",
}
"""What a comparison with other dumps may have come to."""


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """What a gate wrote that all is well with: rows 0 and 1 are accepted, 2 and 3 are copies of their source."""
    lake = Lake(tmp_path_factory.mktemp("judged") / "lake")
    rows = [generation(0), generation(1, recipe="qa"), generation(2, output=SOURCE), generation(3, output=SOURCE)]
    lake.write(table(rows), layer="generations", crawl=CRAWL, fingerprint="rows")
    assert run_gate(lake, CRAWL, PARAMS, ["en"]).rows_out == 2
    return {name: lake.read(name, CRAWL).to_pylist() for name in SCHEMAS}


def reject(tables: Tables, number: int, reason: str) -> None:
    """As if a check had rejected an accepted row."""
    tables["verdicts"][number] |= {"accepted": False, "reason": reason}
    doc_id = tables["verdicts"][number]["doc_id"]
    [row] = [row for row in tables["accepted"] if row["doc_id"] == doc_id]
    tables["accepted"].remove(row)
    tables["quarantined"].append(row)


CASES: list[tuple[set[str], dict[str, float | str], Damage]] = [
    (set(), {}, lambda tables: None),
    (
        {"generation_key_not_null", "recipe_not_null", "accepted_have_text", "accepted_pass_every_check", *FAR},
        FAR,
        lambda tables: (
            tables["verdicts"][0].update(generation_key=None),
            tables["verdicts"][0]["checks"][3].update(passed=False),
            tables["verdicts"][2].update(recipe=None),
            tables["accepted"][1].update(text=" \n"),
        ),
    ),
    (
        {"doc_id_not_null", "one_verdict_per_generation", "failed_share", "lost_accepted", "no_segment_lost"},
        {},
        lambda tables: (
            tables["verdicts"][2].update(doc_id=None, reason="engine_error"),
            tables["verdicts"][3].update(doc_id=tables["verdicts"][0]["doc_id"], reason="engine_error"),
            tables["verdicts"][1].update(reason="engine_error"),
            tables["accepted"].pop(),
            tables["generations"][0].update(sentences=2),
        ),
    ),
    (
        {"segment_not_null", "variant_not_null", "accepted_not_null", "lost_quarantined", "lost_verdicts"},
        {},
        lambda tables: (
            tables["verdicts"][0].update(segment=None),
            tables["verdicts"][1].update(variant=None),
            tables["verdicts"][2].update(accepted=None),
            tables["verdicts"].pop(),
        ),
    ),
    (
        {"accepted_share", "accepted_share_is_good", "every_recipe_is_accepted"},
        {},
        lambda tables: (reject(tables, 0, "near_copy"), reject(tables, 1, "repetition")),
    ),
    (
        {"generations", "accepted_share", "accepted_share_is_good"},
        {},
        lambda tables: [rows.clear() for rows in tables.values()],
    ),
]


@pytest.mark.parametrize("number", range(len(CASES)))
def test_each_expectation_can_fail_and_only_by_its_own_damage(tables: Tables, lake: Lake, number: int) -> None:
    names, compared, damage = CASES[number]
    broken = deepcopy(tables)
    damage(broken)
    for name, schema in SCHEMAS.items():
        lake.write(pa.Table.from_pylist(broken[name], schema=schema), layer=name, crawl=CRAWL, fingerprint="broken")
    figures = measure(lake, CRAWL, Comparison(compared, {}))
    expected = [item for item in expectations(PARAMS) if item.name not in FAR or compared]
    found = evaluated(figures, expected)
    assert {finding.name for finding in found if not finding.passed} == names
    assert [finding.error for finding in found] == [None] * len(found)


def test_every_expectation_has_a_case_that_fails() -> None:
    assert {item.name for item in expectations(PARAMS)} == set().union(*(names for names, _, _ in CASES))
