"""A real training of both arms on a tiny release, in the engine's environment."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from train_corpus import rows, write_release

from include.lake import Lake
from include.ledger import StageReport, recall
from include.settings import PROJECT, settings

pytestmark = [pytest.mark.engine, pytest.mark.slow]

TOKENS = 20_000
SCRIPT = """
import json, logging, sys
from pathlib import Path
logging.basicConfig(level=logging.INFO)
from include.errors import BadInput
from include.lake import Lake
from include.params import TrainParams
from include.train.stage import train_release

lake = Lake(Path(sys.argv[1]))
params = TrainParams(
    vocab_size=400, layers=1, heads=2, width=32, context=64, batch_size=4, tokens=int(sys.argv[2]), learning_rate=1e-2
)
folder = lake.path("training", "TEST-1")
reports = {"first": train_release(lake, "TEST-1", params)}
stamps = [(folder / name).stat().st_mtime_ns for name in ("report.json", "curves.png")]
reports["second"] = train_release(lake, "TEST-1", params)
untouched = stamps == [(folder / name).stat().st_mtime_ns for name in ("report.json", "curves.png")]
train_release(lake, "TEST-1-AGAIN", params)
try:
    train_release(lake, "TEST-1", params.model_copy(update={"width": 30, "heads": 4}))
    refusal = None
except BadInput as error:
    refusal = str(error)
print(json.dumps({**{k: r.summary() for k, r in reports.items()}, "untouched": untouched, "refusal": refusal}))
"""


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the script printed and logged, and the lake it worked in; one training serves all tests."""
    python = settings().engine_python
    assert python.exists(), f"{python} is missing: run 'make setup', or set REWRAP_ENGINE_PYTHON"
    lake = Lake(tmp_path_factory.mktemp("train") / "lake")
    real = rows(60, seed=1)
    for crawl in ("TEST-1", "TEST-1-AGAIN"):
        mix = real[:30] + rows(30, seed=2, synthetic=True)
        write_release(lake, crawl, real=real, mix=mix, heldout=rows(12, seed=3, prefix="h"))
    done = subprocess.run(
        [str(python), "-c", SCRIPT, str(lake.root), str(TOKENS)],
        # One thread: with two, a model this small mostly waits for its threads to meet.
        cwd=PROJECT, env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    folder = lake.path("training", "TEST-1")
    again = json.loads((lake.path("training", "TEST-1-AGAIN") / "report.json").read_bytes())
    report = json.loads((folder / "report.json").read_bytes())
    printed = json.loads(done.stdout.splitlines()[-1])
    return {**printed, "log": done.stderr, "lake": lake, "folder": folder, "report": report, "again": again}


def test_both_arms_see_the_same_number_of_tokens(trained: dict[str, Any]) -> None:
    arms = trained["report"]["arms"]
    assert {arm: content["tokens"] for arm, content in arms.items()} == {"real": TOKENS, "mix": TOKENS}


def test_both_arms_begin_as_the_same_model_and_end_as_different_ones(trained: dict[str, Any]) -> None:
    real, mix = (trained["report"]["arms"][arm]["heldout_perplexity"] for arm in ("real", "mix"))
    assert real[0] == mix[0]
    assert real[-1] != mix[-1]


def test_the_models_learn_to_predict_heldout_text(trained: dict[str, Any]) -> None:
    for arm in trained["report"]["arms"].values():
        untrained = arm["heldout_perplexity"][0][1]
        # An untrained model guesses: its perplexity is about the number of tokens in the vocabulary.
        assert untrained == pytest.approx(trained["report"]["vocab_size"], rel=0.2)
        assert arm["heldout"]["perplexity"] < untrained / 10


def test_the_curves_have_about_ten_measurements_over_all_tokens(trained: dict[str, Any]) -> None:
    for arm in trained["report"]["arms"].values():
        seen = [tokens for tokens, _ in arm["heldout_perplexity"]]
        assert len(seen) == 11
        assert (seen[0], seen[-1]) == (0, TOKENS)
        assert arm["loss"][-1][0] == TOKENS
        assert arm["loss"][-1][1] < arm["loss"][0][1] / 2


def test_every_heldout_host_has_its_perplexity(trained: dict[str, Any]) -> None:
    heldout = trained["report"]["arms"]["mix"]["heldout"]
    assert list(heldout["hosts"]) == ["h0.example", "h1.example", "h2.example"]
    assert sum(host["tokens"] for host in heldout["hosts"].values()) == heldout["tokens"]


def test_training_twice_gives_the_same_models(trained: dict[str, Any]) -> None:
    for arm in ("real", "mix"):
        first, again = trained["report"]["arms"][arm], trained["again"]["arms"][arm]
        assert first["heldout"] == again["heldout"]
        assert first["loss"] == again["loss"]


def test_unchanged_data_and_settings_train_nothing(trained: dict[str, Any]) -> None:
    assert trained["untouched"]
    assert trained["first"]["detail"]["trained"] is True
    assert trained["second"]["detail"] == {**trained["first"]["detail"], "trained": False}
    assert recall(trained["lake"], "TEST-1", "train") == StageReport(**trained["first"])


def test_the_stage_reports_what_a_person_asks_for(trained: dict[str, Any]) -> None:
    first, report = trained["first"], trained["report"]
    assert (first["rows_in"], first["rows_out"]) == (2, 2)
    for arm in ("real", "mix"):
        assert first["detail"][f"perplexity_{arm}"] == report["arms"][arm]["heldout"]["perplexity"]
    assert first["detail"]["tokens"] == TOKENS
    assert first["detail"]["parameters"] == report["parameters"] > 0
    assert first["detail"]["tokens_per_second"] > 0


def test_a_width_that_the_heads_cannot_share_is_refused(trained: dict[str, Any]) -> None:
    assert "train.width = 30 cannot be shared by train.heads = 4" in trained["refusal"]
    assert "multiple of 8" in trained["refusal"]


def test_progress_is_logged_for_each_arm(trained: dict[str, Any]) -> None:
    for arm in ("real", "mix"):
        assert f"arm {arm}: step 79 of 79, loss " in trained["log"]


def test_the_picture_is_a_png_of_both_panels(trained: dict[str, Any]) -> None:
    image = Path(trained["folder"], "curves.png").read_bytes()
    assert image.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = (int.from_bytes(image[i : i + 4], "big") for i in (16, 20))
    assert (width, height) == (1100, 440)
