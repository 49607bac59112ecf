"""The bounds of the checks on words, beside the pairs of the audit set that they were set by."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from bench import gate_audit
from include.lake import Lake
from include.recipes.recipe import Bounds
from include.schemas import IDENTITY, SEMANTICS
from include.validate.audit import FOLDER, generations_of, load_pairs
from include.validate.checks import CHECKS
from include.validate.gate_params import GateParams
from include.validate.rows import Rows

ON_FACTS = ("new_personal_data", "new_urls", "new_numbers", "new_dates", "new_names", "contradiction")
ON_WORDS = ("language", "length_ratio", "near_copy", "new_passage", "repetition", "unrelated")
FOUND_BY: dict[str, tuple[str, ...]] = {
    "copied": ("near_copy",),
    "off_topic": ("unrelated", "new_passage"),
    "repetition": ("repetition",),
    "wrong_language": ("language",),
    "personal_data": ("new_personal_data",),
    "wrong_url": ("new_urls",),
    "wrong_number": ("new_numbers",),
    "wrong_name": ("new_names",),
}  # fmt: skip
"""Labels of which these checks alone find every pair."""
PAIRS = load_pairs(FOLDER / "calibration")


@pytest.fixture(scope="module")
def passed() -> dict[str, np.ndarray]:
    rows = Rows(generations_of(PAIRS), GateParams(), ["en"])
    return {check.name: check(rows)[1] for check in CHECKS if check.name in ON_WORDS + ON_FACTS}


@pytest.mark.parametrize("name", ON_WORDS + ON_FACTS)
def test_no_faithful_pair_is_rejected(passed: dict[str, np.ndarray], name: str) -> None:
    assert [
        f"{pair.recipe}/{pair.id}" for pair, ok in zip(PAIRS, passed[name], strict=True) if pair.good and not ok
    ] == []


@pytest.mark.parametrize("label", FOUND_BY)
def test_every_pair_with_this_label_is_found_by_its_checks(passed: dict[str, np.ndarray], label: str) -> None:
    accepted = np.all([passed[name] for name in FOUND_BY[label]], axis=0)
    its = [ok for pair, ok in zip(PAIRS, accepted, strict=True) if pair.label == label]
    assert len(its) >= 5
    assert not any(its)


def test_the_audit_names_what_is_missed_and_what_is_wrongly_rejected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "calibration").mkdir()
    shutil.copy(FOLDER / "calibration" / "easy.yaml", tmp_path / "calibration")
    monkeypatch.setattr(gate_audit, "FOLDER", tmp_path)
    monkeypatch.setattr(gate_audit, "RESULT", tmp_path / "found.json")
    asked: list[int] = []

    def measure_semantics(lake: Lake, crawl: str) -> None:
        rows = lake.read("generations", crawl, columns=["generation_key", *IDENTITY]).to_pylist()
        lake.write(pa.Table.from_pylist(rows, SEMANTICS), layer="semantics", crawl=crawl, fingerprint="pairs")
        asked.append(len(rows))

    gate_audit.main(measure_semantics)
    found: dict[str, Any] = json.loads((tmp_path / "found.json").read_text())
    assert json.loads(capsys.readouterr().out) == found
    assert found["heldout"] == "no pairs in this folder"
    part = found["calibration"]
    easy = [pair for pair in PAIRS if pair.recipe == "easy"]
    bad = {f"easy/{pair.id}": pair.label for pair in easy if not pair.good}
    assert (part["pairs"], part["with_semantics"], asked) == (len(easy), True, [len(easy)])
    assert part["missed"].items() <= bad.items()
    assert not part["wrongly_rejected"].keys() & bad.keys()
    hits = len(bad) - len(part["missed"])
    assert part["recall"] == round(hits / len(bad), 3)
    assert part["precision"] == round(hits / (hits + len(part["wrongly_rejected"])), 3)
    assert part["recall_by_label"]["copied"] == {"pairs": 1, "recall": 1.0}
    assert part["by_check"]["near_copy"]["bad_ones_that_only_it_rejects"] == 1


def test_the_audit_does_not_name_held_out_pairs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "heldout").mkdir()
    shutil.copy(FOLDER / "calibration" / "easy.yaml", tmp_path / "heldout")
    monkeypatch.setattr(gate_audit, "FOLDER", tmp_path)
    monkeypatch.setattr(gate_audit, "RESULT", tmp_path / "found.json")
    gate_audit.main(None)
    written = (tmp_path / "found.json").read_text()
    assert '"recall_by_label"' in written
    assert not any(f"easy/{pair.id}" in written for pair in PAIRS)


def test_the_check_of_the_how_to_finds_a_shout() -> None:
    page = (FOLDER.parents[2] / "docs/how-to/add-a-check.md").read_text()
    names: dict[str, Any] = {}
    exec(compile(re.findall(r"```python\n(.*?)```", page, flags=re.S)[0], "how-to", "exec"), names)
    shouted = [*generations_of(PAIRS[:2]).to_pylist()]
    shouted[0]["output"] = shouted[0]["output"].upper()
    rows = Rows(pa.Table.from_pylist(shouted, generations_of(PAIRS[:2]).schema), GateParams(), ["en"])
    values, passes = names["CHECK"](rows)
    assert passes.tolist() == [False, True]
    assert values[1] < 0.1
    assert names["CHECK"].bounds(GateParams(), rows.recipes[0]) == Bounds(max=0.3)
