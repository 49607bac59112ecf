"""What the checks sort out before they read a row closely has nothing new."""

from collections.abc import Callable

import numpy as np
import pytest

from include.validate.audit import FOLDER, generations_of, load_pairs
from include.validate.checks import new_dates, new_names, new_numbers, new_urls
from include.validate.facts import addresses, figures, names
from include.validate.facts import new_dates as dates
from include.validate.facts.lexicon import is_english
from include.validate.gate_params import GateParams
from include.validate.rows import Rows, Values

Measure = Callable[[Rows], Values]
Count = Callable[[str, str], int]


@pytest.fixture(scope="module")
def rows() -> Rows:
    """Calibration pairs, and their texts beside the source of another pair."""
    pairs = [pair for pair in load_pairs(FOLDER / "calibration") if pair.recipe != "table"]
    generations = generations_of([*pairs, *pairs])
    sources = [pair.source for pair in (*pairs, *pairs[7:], *pairs[:7])]
    place = generations.schema.get_field_index("source")
    return Rows(generations.set_column(place, "source", [sources]), GateParams(), ["en"])


@pytest.mark.parametrize(
    ("measure", "count"),
    [
        (new_numbers.measure, figures.new_numbers),
        (new_dates.measure, dates.new_dates),
        (new_names.measure, names.new_names),
        (new_urls.measure, addresses.new_urls),
    ],
)
def test_a_fast_look_leaves_out_only_rows_without_anything_new(rows: Rows, measure: Measure, count: Count) -> None:
    english = np.array([is_english(text) for text in rows.texts])
    counted = np.array([count(text, source) for text, source in zip(rows.texts, rows.sources, strict=True)])
    assert (counted[english] > 0).sum() > 10
    assert (measure(rows)[english] > 0).tolist() == (counted[english] > 0).tolist()


def test_texts_in_other_languages_have_no_names_for_the_gate(rows: Rows) -> None:
    other = [not is_english(text) for text in rows.texts]
    assert sum(other) > 4
    assert not new_names.measure(rows)[other].any()
