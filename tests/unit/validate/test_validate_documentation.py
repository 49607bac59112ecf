"""The how-to's check works, and its table names every check as it is."""

import re
from pathlib import Path
from typing import Any

import pytest

from include.validate.checks import CHECKS
from include.validate.gate_params import GateParams
from include.validate.rows import Rows
from tests.unit.validate.conftest import GOOD, generation, table

PAGE = (Path(__file__).resolve().parents[3] / "docs/how-to/add-a-check.md").read_text()


def test_the_check_of_the_how_to_rejects_a_text_that_shouts() -> None:
    names: dict[str, Any] = {}
    [block] = re.findall(r"^```python\n(.*?)^```$", PAGE, flags=re.M | re.S)
    exec(compile(block, "how-to", "exec"), names)
    rows = Rows(table([generation(0), generation(1, output=GOOD.upper()), generation(2, output="")]), GateParams(), [])
    values, passed = names["CHECK"](rows)
    assert passed.tolist() == [True, False, True]
    assert values[1:].tolist() == [pytest.approx(1), 0]


def test_the_table_names_every_check_in_its_order_and_says_which_are_fixed() -> None:
    rows = re.findall(r"^\| `(\w+)` \| .+ \| .+ \| (yes)? ?\|$", PAGE, flags=re.M)
    assert rows == [(check.name, "yes" if check.fixed else "") for check in CHECKS]
