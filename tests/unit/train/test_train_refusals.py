"""What cannot be trained on is refused with a message, before anything slow is loaded."""

import pytest
from train_corpus import rows, write_release

from include.errors import BadInput
from include.lake import Lake
from include.params import TrainParams
from include.train.stage import train_release

PARAMS = TrainParams(vocab_size=300, context=32, tokens=1000)


@pytest.fixture
def release() -> dict[str, list[dict[str, object]]]:
    real = rows(20, seed=1)
    return {"real": real, "mix": real[:10] + rows(10, seed=2, synthetic=True), "heldout": rows(5, seed=3, prefix="h")}


@pytest.mark.parametrize("name", ["real", "mix", "heldout"])
def test_an_empty_table_is_named(lake: Lake, release: dict[str, list[dict[str, object]]], name: str) -> None:
    write_release(lake, "TEST-1", **{**release, name: []})
    with pytest.raises(BadInput, match=rf"The {name} table of TEST-1 is empty.*Ingest more pages"):
        train_release(lake, "TEST-1", PARAMS)


def test_a_table_that_was_never_made_is_named(lake: Lake, release: dict[str, list[dict[str, object]]]) -> None:
    write_release(lake, "TEST-1", real=release["real"], mix=release["mix"])
    with pytest.raises(BadInput, match="TEST-1 has no heldout yet"):
        train_release(lake, "TEST-1", PARAMS)


def test_text_too_small_for_one_block_is_refused(lake: Lake, release: dict[str, list[dict[str, object]]]) -> None:
    write_release(lake, "TEST-1", **{**release, "heldout": [{**release["heldout"][0], "text": "Too short."}]})
    with pytest.raises(BadInput, match=r"heldout text has \d+ tokens, fewer than one block of 32 .train\.context."):
        train_release(lake, "TEST-1", PARAMS)


@pytest.mark.parametrize("arm", ["real", "mix"])
@pytest.mark.parametrize("column", ["doc_id", "text"])
def test_heldout_text_in_an_arm_is_refused(
    lake: Lake, release: dict[str, list[dict[str, object]]], arm: str, column: str
) -> None:
    leaked = {**release[arm][-1], column: release["heldout"][0][column]}
    write_release(lake, "TEST-1", **{**release, arm: [*release[arm], leaked]})
    with pytest.raises(BadInput, match=f"held-out {column}.* also stand in the {arm} arm"):
        train_release(lake, "TEST-1", PARAMS)
    assert not (lake.path("training", "TEST-1") / "report.json").exists()
