"""Settings tried on real vLLM with the default teacher, through the commands."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from include.lake import Lake, fingerprint
from include.params import load_params
from include.schemas import DOCUMENT

pytestmark = [pytest.mark.slow, pytest.mark.engine]

PROJECT = Path(__file__).resolve().parents[2]
CRAWL = "T-1"
TEXT = (
    "Tides follow the moon. Twice a day the sea climbs the beach and falls back, and on the coast of Brittany the "
    "difference can reach 13 metres. Fishermen plan their work by printed tables."
)
PARAMS = """\
# One setting beside the base, which vLLM refuses for this model.
rephrase:
  recipes: [easy, qa]
  engine: {max_model_len: 512, cpu_kv_cache_gib: 1}
  autotune:
    chains: 2
    trials: 4
    min_gain: 1.0  # no noise of a busy machine doubles the speed
    grid: {quantization: [awq]}
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Path:
    home = tmp_path_factory.mktemp("home")
    (home / "models").symlink_to(models)
    (home / "params.yaml").write_text(PARAMS)
    row = dict.fromkeys(DOCUMENT.names) | {"doc_id": f"{1:032x}", "crawl": CRAWL, "language": "en", "text": TEXT}
    table = pa.Table.from_pylist([row | {"content_hash": fingerprint(TEXT)}], schema=DOCUMENT)
    Lake(home / "lake").write(table, layer="documents", crawl=CRAWL, fingerprint="test")
    return home


def command(home: Path, name: str) -> str:
    """The log of a command that must succeed."""
    done = subprocess.run(
        [sys.executable, "-m", "include.cli", name, "--crawl", CRAWL],
        cwd=PROJECT, env=os.environ | {"REWRAP_HOME": str(home), "REWRAP_PARAMS": str(home / "params.yaml")},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stderr


@pytest.fixture(scope="module")
def report(home: Path) -> dict[str, Any]:
    command(home, "plan")
    command(home, "autotune")
    (file,) = (home / "lake" / "autotune").glob("*/report.json")
    content: dict[str, Any] = json.loads(file.read_bytes())
    return content


def test_a_trial_on_real_vllm_says_what_was_made_and_accepted(report: dict[str, Any]) -> None:
    first = report["trials"][0]
    assert first["engine"].startswith("vllm ")
    assert first["texts"] == 2
    assert 0 <= first["accepted"] <= 2
    assert first["tokens"] > 10
    assert first["tokens_per_second"] == pytest.approx(first["tokens"] / first["seconds"], abs=0.1)
    assert first["start_seconds"] > 1


def test_settings_that_vllm_refuses_are_a_failed_trial(report: dict[str, Any]) -> None:
    refused = report["trials"][1]
    assert refused["name"] == "quantization = awq"
    assert refused["why"].startswith("failed: vLLM cannot run teacher")
    assert report["best"] == {"quantization": None}


def test_a_finished_sweep_is_not_made_again(home: Path, report: dict[str, Any]) -> None:
    log = command(home, "autotune")
    assert "nothing was measured anew" in log
    assert "starting vLLM" not in log
    assert (home / "params.yaml").read_text() == PARAMS
    assert load_params((home / "params.yaml",)).rephrase.models == {}
    assert (home / "lake" / "autotune" / report["teacher"] / "sweep.png").read_bytes().startswith(b"\x89PNG")
