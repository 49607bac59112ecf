"""The command ``autotune`` over a real plan, the real worker and scripted engines."""

import dataclasses
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml
from documents import CRAWL, write_documents
from typer.testing import CliRunner

from include import settings as settings_module
from include.cli import app
from include.errors import BadInput, RewrapError
from include.lake import Lake
from include.rephrase.autotune.picture import draw_sweep, draw_with
from include.rephrase.autotune.sample import sample_plan
from include.rephrase.autotune.trial import run_trial
from include.rephrase.autotune.tune import autotune
from include.rephrase.engines.base import Engine, EngineDied, Request, Result
from include.rephrase.engines.params import EngineParams
from include.rephrase.engines.scripted import ScriptedEngine
from include.rephrase.params import RephraseParams
from include.rephrase.teacher import Teacher


class Telling(ScriptedEngine):
    """Counts its tokens a thousand times for eight sequences: faster than any noise of the clock."""

    def __init__(self, params: EngineParams) -> None:
        super().__init__(capacity=2 * params.max_num_seqs)
        self.times = 1000 if params.max_num_seqs == 8 else 1
        self.closed = False

    def answer(self, request: Request) -> Result:
        result = super().answer(request)
        return dataclasses.replace(result, completion_tokens=self.times * result.completion_tokens)

    def close(self) -> None:
        self.closed = True
        super().close()


def params(**over: Any) -> RephraseParams:
    tuning = {"chains": 16, "grid": {"max_num_seqs": [4, 8, 512], "gpu_memory_utilization": [0.95]}}
    return RephraseParams.model_validate({"teacher": "words", "autotune": tuning} | over)


def accept_easy(texts: pa.Table) -> list[bool]:
    return [recipe == "easy" for recipe in texts.column("recipe").to_pylist()]


@pytest.fixture
def params_file(tmp_path: Path) -> Path:
    file = tmp_path / "params.yaml"
    file.write_text("# Ours.\nrephrase:\n  seed: 0  # any\n")
    return file


def nothing_drawn(report: Path) -> None:
    """The picture has tests of its own."""


def start(engine: EngineParams) -> Engine:
    if engine.gpu_memory_utilization == 0.95:
        raise EngineDied("CUDA out of memory")
    return Telling(engine)


def test_the_best_settings_are_written_and_the_next_run_generates_with_them(planned: Lake, params_file: Path) -> None:
    report = autotune(planned, CRAWL, params(), start, accept_easy, nothing_drawn, params_file)
    assert report["best"] == {"max_num_seqs": 8, "gpu_memory_utilization": 0.9}
    assert report["gain"] > 1
    assert params_file.read_text() == (
        "# Ours.\nrephrase:\n  models:\n    words:\n      max_num_seqs: 8\n  seed: 0  # any\n"
    )
    tuned = RephraseParams.model_validate(yaml.safe_load(params_file.read_text())["rephrase"])
    assert tuned.engine_for("words").max_num_seqs == 8


def test_the_report_names_every_trial_with_what_was_accepted(planned: Lake, params_file: Path) -> None:
    report = autotune(planned, CRAWL, params(), start, accept_easy, nothing_drawn, params_file)
    assert json.loads((planned.path("autotune", "words") / "report.json").read_bytes()) == report
    names = [trial["name"] for trial in report["trials"]]
    assert names[:4] == ["as it is", "max_num_seqs = 4", "max_num_seqs = 8", "gpu_memory_utilization = 0.95"]
    assert report["not_tried"] == ["max_num_seqs = 512: the sample has 16 chains (rephrase.autotune.chains)"]
    first = report["trials"][0]
    assert (first["texts"], first["accepted"], first["accepted_share"]) == (16, 4, 0.25)
    assert 0 < first["accepted_tokens"] < first["tokens"]
    assert first["accepted_tokens_per_gpu_hour"] > 0
    assert report["trials"][3]["why"] == "failed: CUDA out of memory"
    assert report["chains_by_recipe"] == {"easy": 4, "hard": 4, "medium": 4, "qa": 4}


def test_asked_for_again_nothing_is_measured_and_nothing_changes(planned: Lake, params_file: Path) -> None:
    report = autotune(planned, CRAWL, params(), start, accept_easy, nothing_drawn, params_file)
    written = params_file.read_text()
    tuned = params(**yaml.safe_load(written)["rephrase"])

    def no_engine(engine: EngineParams) -> Engine:
        raise AssertionError("no engine may start")

    assert autotune(planned, CRAWL, tuned, no_engine, accept_easy, nothing_drawn, params_file) == report
    assert params_file.read_text() == written


def test_what_is_generated_in_trials_does_not_reach_the_store(planned: Lake, params_file: Path) -> None:
    autotune(planned, CRAWL, params(), start, accept_easy, nothing_drawn, params_file)
    assert sorted(folder.name for folder in planned.root.iterdir() if not folder.name.startswith(".")) == [
        "autotune", "documents", "planned", "reports", "requests",
    ]  # fmt: skip


def test_the_engine_of_a_trial_is_ended_also_when_it_dies(planned: Lake) -> None:
    class Dying(Telling):
        def results(self, timeout: float) -> list[Result]:
            raise EngineDied("it was killed by signal 9")

    sample, engine = sample_plan(planned, CRAWL, 4), Dying(EngineParams())
    with pytest.raises(EngineDied):
        run_trial(sample, params(), EngineParams(), lambda _: engine, accept_easy)
    assert engine.closed


def test_settings_under_which_every_request_fails_are_a_failed_trial(planned: Lake) -> None:
    class Failing(Telling):
        def answer(self, request: Request) -> Result:
            return Result(request.generation_key, "", "error", "the context is too short", 0, 0)

    sample = sample_plan(planned, CRAWL, 4)
    with pytest.raises(RewrapError, match="every request failed, the first one so: the context is too short"):
        run_trial(sample, params(), EngineParams(), Failing, lambda texts: [False] * texts.num_rows)


def test_a_sample_holds_whole_segments_of_all_lengths_and_is_always_the_same(planned: Lake) -> None:
    sample = sample_plan(planned, CRAWL, 8)
    assert sample.equals(sample_plan(planned, CRAWL, 8))
    segments = Counter(zip(*(sample.column(name).to_pylist() for name in ("doc_id", "segment")), strict=True))
    assert set(segments.values()) == {4}
    assert len(segments) == 2
    plan = planned.read("requests", CRAWL)
    assert sample_plan(planned, CRAWL, 10_000).equals(plan)
    keys = plan.column("generation_key").to_pylist()
    places = [keys.index(key) for key in sample.column("generation_key").to_pylist()]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("over", "message"),
    [
        ({"engine": {"kind": "endpoint"}}, "its servers are started, and tuned, by whoever runs them"),
        ({"teacher": "another"}, "is for teacher words, but rephrase.teacher is another"),
    ],
)
def test_what_cannot_be_tuned_is_refused(planned: Lake, params_file: Path, over: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        autotune(planned, CRAWL, params(**over), start, accept_easy, nothing_drawn, params_file)


def test_a_dump_without_a_plan_is_named(lake: Lake, params_file: Path) -> None:
    with pytest.raises(BadInput, match="T-1 has no requests yet"):
        autotune(lake, CRAWL, params(), start, accept_easy, nothing_drawn, params_file)


def test_the_picture_shows_every_trial(planned: Lake, params_file: Path) -> None:
    def draw(report: Path) -> None:
        draw_with(Path(sys.executable), report)

    report = autotune(planned, CRAWL, params(), start, accept_easy, draw, params_file)
    picture = (planned.path("autotune", "words") / "sweep.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert picture == draw_sweep(report)
    without_the_last = draw_sweep(report | {"trials": report["trials"][:-1]})
    assert without_the_last != picture


@pytest.mark.parametrize("python", ["/bin/false", "/no/python"])
def test_a_picture_that_cannot_be_drawn_does_not_cost_the_report(
    planned: Lake, params_file: Path, caplog: pytest.LogCaptureFixture, python: str
) -> None:
    def draw(report: Path) -> None:
        draw_with(Path(python), report)

    assert autotune(planned, CRAWL, params(), start, accept_easy, draw, params_file)["best"]["max_num_seqs"] == 8
    assert "could not be drawn" in caplog.text


def test_the_command_tries_the_plan_of_a_dump_and_says_what_is_best(
    tmp_path: Path, teacher: Teacher, texts: list[str], params_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REWRAP_HOME", str(tmp_path))
    monkeypatch.setenv("REWRAP_PARAMS", str(params_file))
    monkeypatch.setenv("REWRAP_ENGINE_PYTHON", sys.executable)
    settings_module.settings.cache_clear()
    write_documents(Lake(tmp_path / "lake"), texts)
    options = [
        f"rephrase.teacher={teacher.path}", f"rephrase.teacher_revision={teacher.revision}",
        "rephrase.allow_unlisted_teacher=true","rephrase.engine.kind=scripted",
        "rephrase.recipes=[easy, qa]", "rephrase.autotune.grid={max_num_seqs: [2]}",
    ]  # fmt: skip
    for command in ("plan", "autotune"):
        sets = [option for value in options for option in ("--set", value)]
        result = CliRunner().invoke(app, [command, "--crawl", CRAWL, *sets])
        assert result.exit_code == 0, result.output
    assert f"best for {teacher.path}: {{'max_num_seqs': " in result.output
    (report,) = (tmp_path / "lake" / "autotune").glob("*/report.json")
    assert json.loads(report.read_bytes())["trials"][0]["engine"].startswith("scripted ")
    assert report.with_name("sweep.png").exists()
    settings_module.settings.cache_clear()
