"""The score that routes: by signals, by a fastText model, by anything with the same method."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from pydantic import ValidationError
from warc_files import PROSE

from include.errors import BadInput
from include.ingest.quality import signals
from include.ingest.quality.score import BUCKETS, FastTextScorer, ScoreParams, Scorer, buckets, load_scorer

MODEL = Path(__file__).parent / "quality_model" / "quality.bin"
MENU = "Home\nLogin\nCart (0)\nContact\nShare\nTweet\n" * 12
LIST = "\n".join(f"Mill wheel {number}, {number}0 cm, $ {number}9.99" for number in range(40))


def scores_of(scorer: Scorer, texts: list[str | None]) -> npt.NDArray[np.float32]:
    column = pa.chunked_array([pa.array(texts, pa.string())])
    return scorer.score(column, signals(column))


def test_prose_scores_above_lists_and_lists_above_menus() -> None:
    prose, lines, menu, nothing = scores_of(load_scorer(ScoreParams()), [PROSE * 3, LIST, MENU, None])
    assert 1 >= prose > lines > menu >= 0
    assert nothing < 0.5


def test_a_fasttext_model_takes_the_place_of_the_signals() -> None:
    scorer = load_scorer(ScoreParams(model=MODEL))
    prose, menu = scores_of(scorer, [PROSE, MENU])
    assert isinstance(scorer, FastTextScorer)
    assert prose > 0.8
    assert menu < 0.2
    assert np.isfinite(scores_of(scorer, ["", None, "\n", "\0"])).all()


def test_the_other_label_is_the_rest() -> None:
    high, low = (FastTextScorer(MODEL, label) for label in ("__label__hq", "__label__lq"))
    assert scores_of(high, [PROSE])[0] + scores_of(low, [PROSE])[0] == pytest.approx(1, abs=1e-3)


def test_five_buckets_begin_at_their_edges() -> None:
    params = ScoreParams(edges=(0.2, 0.4, 0.6, 0.8))
    found = buckets(np.array([0, 0.1999, 0.2, 0.5, 0.6, 0.7999, 0.8, 1], np.float32), params)
    assert found.to_pylist() == [
        *("low", "low", "medium-low", "medium", "medium-high", "medium-high", "high", "high"),
    ]
    assert set(found.to_pylist()) == set(BUCKETS)


@pytest.mark.parametrize("edges", [(0.4, 0.2, 0.6, 0.8), (0.2, 0.2, 0.6, 0.8), (0.2, 0.4, 0.6), (0.2, 0.4, 0.6, 1.8)])
def test_edges_that_do_not_ascend_are_refused(edges: tuple[float, ...]) -> None:
    with pytest.raises(ValidationError):
        ScoreParams.model_validate({"edges": edges})


def test_an_unusable_model_is_refused_with_what_to_do(tmp_path: Path) -> None:
    broken = tmp_path / "broken.bin"
    broken.write_bytes(b"no model at all")
    for file, label, message in (
        (tmp_path / "missing.bin", "__label__hq", "is not a file"),
        (broken, "__label__hq", "is no fastText model"),
        (MODEL, "__label__good", "has no label '__label__good'; it has __label__hq, __label__lq"),
    ):
        with pytest.raises(BadInput, match=message):
            load_scorer(ScoreParams(model=file, label=label))
