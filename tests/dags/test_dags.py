"""The Dags as Airflow reads them."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from airflow.dag_processing.dagbag import DagBag

PROJECT = Path(__file__).resolve().parents[2]
FILES = sorted((PROJECT / "dags").glob("*.py"))
POOLS = {"default_pool", "gpu", "dvc"}
HEAVY = ("torch", "vllm", "transformers", "great_expectations", "dvc", "pandas", "duckdb", "fastwarc", "resiliparse")


@pytest.fixture(scope="module")
def bag(airflow_home: Path) -> DagBag:
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(dag_folder=str(PROJECT / "dags"))


def test_every_file_loads_without_error(bag: DagBag) -> None:
    assert bag.import_errors == {}
    assert {file.stem for file in FILES} == set(bag.dags), "one Dag per file, named after it"


def test_parsing_imports_nothing_heavy(airflow_home: Path) -> None:
    script = (
        "import runpy, sys\nsys.path[:0] = ['.', 'plugins']\nimport airflow\nbefore = set(sys.modules)\n"
        f"for file in {[str(file) for file in FILES]!r}:\n    runpy.run_path(file)\n"
        f"print([name for name in {HEAVY!r} if name in set(sys.modules) - before])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT, env=os.environ, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip().splitlines()[-1] == "[]"


def test_files_are_wiring_of_readable_length() -> None:
    for file in FILES:
        assert 35 <= len(file.read_text().splitlines()) <= 100, file.name
        branches = [n for n in ast.walk(ast.parse(file.read_text())) if isinstance(n, ast.If | ast.For | ast.While)]
        assert branches == [], f"{file.name} decides something: that belongs into include/"


def test_every_dag_says_what_a_data_engineer_needs(bag: DagBag) -> None:
    for dag in bag.dags.values():
        for word in ("**Makes**", "**Reads**", "**When it fails**"):
            assert word in (dag.doc_md or ""), f"{dag.dag_id} does not say {word}"
        assert "rewrap" in dag.tags
        assert dag.max_active_runs <= 2
        assert dag.dagrun_timeout is not None
        assert not dag.catchup


def test_every_task_has_an_owner_a_timeout_retries_and_a_known_pool(bag: DagBag) -> None:
    tasks = [task for dag in bag.dags.values() for task in dag.tasks]
    assert tasks
    for task in tasks:
        assert task.owner == "data-platform"
        assert task.execution_timeout is not None
        assert task.pool in POOLS
        assert task.retries >= 1 or task.task_id == "gate", "a gate that failed must not pass by trying again"


def test_what_needs_a_gpu_waits_for_one_and_what_writes_versions_is_alone(bag: DagBag) -> None:
    pools = {f"{dag.dag_id}.{task.task_id}": task.pool for dag in bag.dags.values() for task in dag.tasks}
    assert {name for name, pool in pools.items() if pool == "gpu"} == {"rephrase_crawl.generate", "train_model.train"}
    assert {name for name, pool in pools.items() if pool == "dvc"} == {
        "publish_corpus.version",
        "take_down.rebuild",
    }


def test_dumps_travel_from_dag_to_dag_by_assets(bag: DagBag) -> None:
    made = {outlet.name: dag.dag_id for dag in bag.dags.values() for task in dag.tasks for outlet in task.outlets}
    assert made == {
        "documents": "ingest_crawl",
        "plan": "rephrase_crawl",
        "accepted": "rephrase_crawl",
        "release": "publish_corpus",
        "training": "train_model",
    }
    waits_for = {"rephrase_crawl": "documents", "publish_corpus": "accepted", "train_model": "release"}
    for dag_id, asset in waits_for.items():
        timetable = bag.dags[dag_id].timetable
        assert type(timetable).__name__ == "PartitionedAssetTimetable"
        assert timetable.asset_condition.name == asset


def test_every_gate_is_followed_by_the_approval_and_only_then_by_anything_else(bag: DagBag) -> None:
    after = {"ingest_crawl": "documents", "rephrase_crawl": "accepted", "publish_corpus": None}
    assert {dag.dag_id for dag in bag.dags.values() if dag.has_task("gate")} == set(after)
    for dag_id, asset in after.items():
        gate, approve = (bag.dags[dag_id].get_task(name) for name in ("gate", "approve"))
        assert gate.outlets == []
        assert gate.downstream_task_ids == {"approve"}
        assert approve.upstream_task_ids == {"gate"}
        assert [outlet.name for outlet in approve.outlets] == ([asset] if asset else [])
        assert [link.name for task in (gate, approve) for link in task.operator_extra_links] == ["Data Docs"] * 2
    assert bag.dags["publish_corpus"].get_task("approve").downstream_task_ids == {"version"}
    assert bag.dags["publish_corpus"].get_task("gate").upstream_task_ids == {"mix"}
    assert bag.dags["rephrase_crawl"].get_task("gate").upstream_task_ids == {"collect"}


def test_a_take_down_is_proven_whatever_it_had_to_rebuild_and_ends_early_as_a_dry_run(bag: DagBag) -> None:
    dag = bag.dags["take_down"]
    assert {task.task_id: task.upstream_task_ids for task in dag.tasks} == {
        "find": set(),
        "remove": {"find"},
        "rebuild": {"find", "remove"},
        "prove": {"find", "rebuild"},
    }
    assert dag.get_task("rebuild").is_mapped
    assert dag.get_task("prove").trigger_rule == "none_failed", "there may be no release to rebuild"
    assert dag.get_task("find").ignore_downstream_trigger_rules


def test_parameters_are_documented_and_validated(bag: DagBag) -> None:
    from airflow.sdk.exceptions import ParamValidationError

    for dag in bag.dags.values():
        for name in dag.params:
            param = dag.params.get_param(name)
            assert param.description, f"{dag.dag_id}.{name}"
            param.resolve()
    params = bag.dags["rephrase_crawl"].params
    for name, value in (
        ("rephrase.max_documents", 0),
        ("rephrase.recipes", ["poem"]),
        ("rephrase.recipes", []),
        ("rephrase.units", 0),
        ("rephrase.budget.money", -1),
        ("rephrase.budget.tokens", "many"),
    ):
        with pytest.raises(ParamValidationError):
            params.get_param(name).resolve(value)


def test_units_are_generated_side_by_side_under_readable_names_and_tried_again(bag: DagBag) -> None:
    generate = bag.dags["rephrase_crawl"].get_task("generate")
    assert generate.is_mapped
    assert generate.partial_kwargs["map_index_template"] == "chains {{ unit }}"
    assert generate.retries >= 3, "an engine that broke goes on where it stopped"
    assert generate.execution_timeout >= timedelta(days=1)


def test_a_parameter_of_the_form_reaches_the_stage(airflow_home: Path) -> None:
    from stage_tasks import _overrides

    form = {
        "source": None,
        "rephrase.max_documents": 3,
        "rephrase.teacher": None,
        "rephrase.budget.tokens": 5,
        "rephrase.budget.money": None,
        "ingest.languages": ["de"],
    }
    assert _overrides(form) == {
        "rephrase": {"max_documents": 3, "budget": {"tokens": 5}},
        "ingest": {"languages": ["de"]},
    }


@pytest.mark.parametrize(
    ("form", "named"),
    [
        ({"rephrase.routing": "nope"}, r"rephrase\.?.*nope"),
        ({"rephrase.recipes": ["poem"]}, "poem"),
        ({"rephrase.budget.money": -1}, r"rephrase\.budget\.money = -1"),
        ({"rephrase.max_documents": "all"}, r"rephrase\.max_documents = 'all'"),
    ],
)
def test_what_the_form_lets_through_is_refused_by_name_before_any_work(
    airflow_home: Path, form: dict[str, object], named: str
) -> None:
    from stage_tasks import _overrides

    from include.errors import BadInput
    from include.stages import open_workspace

    with pytest.raises(BadInput, match=named):
        open_workspace(_overrides(form))


def test_every_parameter_of_a_form_exists_in_params_yaml(bag: DagBag) -> None:
    from include.params import Params

    for dag in bag.dags.values():
        for name in (name for name in dag.params if "." in name):
            section: Any = Params
            for key in name.split("."):
                assert key in section.model_fields, f"{dag.dag_id}.{name}"
                section = section.model_fields[key].annotation
