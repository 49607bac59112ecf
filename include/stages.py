"""Every stage by name: what Airflow's tasks call and what :mod:`include.cli` calls (DESIGN.md 7.7).

Stages import their parts when they run, so that a Dag file that names a stage parses fast.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from include.lake import Lake
from include.ledger import StageReport
from include.params import Params, load_params
from include.settings import Settings, settings

if TYPE_CHECKING:
    import pyarrow as pa

    from include.ingest.policy import FetchPolicy
    from include.rephrase.engines.base import Engine
    from include.rephrase.engines.params import EngineParams
    from include.rephrase.estimate import Estimate

Overrides = dict[str, Any]
"""Parameters that differ from the files in this run: ``{"rephrase": {"max_documents": 5}}``."""


@dataclass(frozen=True)
class Workspace:
    """All that a stage needs to know besides the dump's id."""

    settings: Settings
    params: Params
    overrides: Overrides

    @property
    def lake(self) -> Lake:
        return Lake(self.settings.lake, self.settings.query_memory)


def open_workspace(overrides: Overrides | None = None) -> Workspace:
    """The workspace of this process. Raises BadInput if a parameter is not usable."""
    current = settings()
    return Workspace(current, load_params(current.params_files, overrides), overrides or {})


def discover(work: Workspace) -> list[str]:
    """Add newly released dumps to your list; returns their ids."""
    from include.discover import discover_crawls

    current = work.settings
    watermark = current.home / "discovered.json"
    return [crawl.id for crawl in discover_crawls(current.collinfo, current.crawls_file, watermark, _policy(current))]


def plan_ingest(work: Workspace, crawl: str, source: str | None = None) -> list[str]:
    """List the dump's files and cut them into batches; returns the batches' names.

    ``source`` replaces the one that the list of dumps names; with it, the dump need not be in the list.
    """
    from include.crawls import find_crawl, validate_id
    from include.ingest.plan import plan_batches

    source = source or find_crawl(validate_id(crawl), work.settings.crawls_file).source
    return plan_batches(work.lake, crawl, source, work.params.ingest, _policy(work.settings))


def extract_pages(work: Workspace, crawl: str, batch: str) -> StageReport:
    """Read one batch of WARC files into pages, and decide over them."""
    from include.ingest.batch import extract_batch
    from include.ingest.read import Machine

    machine = Machine(work.settings.workers, _policy(work.settings))
    return extract_batch(work.lake, crawl, batch, work.params.ingest, machine)


def plan_bands(work: Workspace, crawl: str) -> list[list[int]]:
    """Find exact duplicates; returns the groups of bands in which near-duplicates are to be looked for."""
    from include.ingest import stage

    return stage.plan_bands(work.lake, crawl, _released_before(work.settings, crawl), work.params.ingest)


def find_near_duplicates(work: Workspace, crawl: str, bands: list[int]) -> None:
    """Look for near-duplicates in one group of bands, within the dump and in earlier ones."""
    from include.ingest import stage

    stage.find_near_duplicates(work.lake, crawl, bands, work.params.ingest)


def assemble_documents(work: Workspace, crawl: str) -> StageReport:
    """Turn the pages of all batches into documents."""
    from include.ingest import stage

    return stage.assemble_documents(work.lake, crawl, work.params.ingest)


def gate_documents(work: Workspace, crawl: str) -> StageReport:
    """Judge the dump's documents; raises GateFailed when a critical expectation fails."""
    from include.validate.documents_gate import run_documents_gate

    earlier = _released_before(work.settings, crawl)
    return run_documents_gate(work.lake, crawl, earlier, work.params.documents_gate)


def plan_rephrase(work: Workspace, crawl: str) -> "Estimate":
    """Decide what is to be generated, and what it would cost. The teacher's rights are looked up before all else.

    Raises:
        BadInput: the teacher may not teach, or cannot be had; a recipe or the routing does not fit.
        GateFailed: the documents' gate has failed.
    """
    from include.rephrase.cost import estimate
    from include.rephrase.engines.start import ready_teacher
    from include.rephrase.plan import plan_requests
    from include.rephrase.progress import clear_progress
    from include.rephrase.rights import refuse_forbidden_teacher, require_allowed_teacher
    from include.validate.outcome import refuse_failed_documents

    params = work.params.rephrase
    refuse_forbidden_teacher(params)
    refuse_failed_documents(work.lake, crawl)
    teacher = ready_teacher(work.settings, params)
    terms = require_allowed_teacher(params, teacher.license)
    plan_requests(work.lake, crawl, params, teacher, terms)
    clear_progress(work.lake, crawl)
    return estimate(work.lake, crawl, params)


def units(work: Workspace, crawl: str) -> list[str]:
    """The names of the pieces in which the plan's rest is generated, alike in predicted tokens; at least one."""
    from include.rephrase.units import cut_units

    return [str(unit) for unit in cut_units(work.lake, crawl, work.params.rephrase.units)]


def generate(work: Workspace, crawl: str, unit: str) -> dict[str, Any]:
    """Let an engine make what the store lacks of a unit; without anything to make, no engine starts.

    Raises:
        BudgetReached: what was made is kept; a larger budget goes on from there.
        EngineFailed: the engine died more often than it may; trying again goes on from there.
    """
    from include.rephrase.run import run_unit
    from include.validate.judge import count_accepted

    def accepted(texts: "pa.Table") -> int:
        return count_accepted(texts, work.params.gate, work.params.ingest.languages)

    return run_unit(work.settings, work.lake, crawl, unit, work.params.rephrase, accepted)


def autotune(work: Workspace, crawl: str, again: bool = False) -> dict[str, Any]:
    """Try engine settings on prompts of the dump's plan; the best go into the last parameter file. Returns the report.

    ``again`` measures anew what was measured before.
    """
    from include.rephrase.autotune import tune
    from include.rephrase.autotune.picture import draw_with
    from include.rephrase.engines.start import ready_teacher, start_engine
    from include.validate.judge import judge

    settings, params = work.settings, work.params.rephrase

    def start(engine: "EngineParams") -> "Engine":
        tried = params.model_copy(update={"engine": engine, "models": {}})
        return start_engine(settings, tried, ready_teacher(settings, params))

    def accepts(texts: "pa.Table") -> list[bool]:
        verdicts, _ = judge(texts, work.params.gate, work.params.ingest.languages)
        return [bool(verdict) for verdict in verdicts.column("accepted").to_pylist()]

    def draw(report: Path) -> None:
        draw_with(settings.engine_python, report)

    return tune.autotune(work.lake, crawl, params, start, accepts, draw, settings.params_files[-1], again)


def collect(work: Workspace, crawl: str) -> StageReport:
    """Put the dump's generations together."""
    from include.rephrase.collect import collect_generations

    return collect_generations(work.lake, crawl)


def gate(work: Workspace, crawl: str) -> StageReport:
    """Judge every generation; raises GateFailed when a critical expectation fails."""
    from include.validate.gate import run_gate

    return run_gate(work.lake, crawl, work.params.gate, work.params.ingest.languages)


def build_corpus(work: Workspace, crawl: str) -> StageReport:
    """Mix real and accepted synthetic text."""
    from include.publish import mix

    return mix.build_corpus(work.lake, crawl, work.params.mix)


def publish(work: Workspace, crawl: str) -> dict[str, Any]:
    """Version the corpus: DVC, commit, tag. Unchanged data makes no new version."""
    from include.publish.registry import publish_release

    release = publish_release(work.lake, crawl, work.settings.datasets, work.settings.remote)
    return {key: str(value) if isinstance(value, Path) else value for key, value in vars(release).items()}


def train(work: Workspace, crawl: str) -> StageReport:
    """Train one small model on real text and one on the mix, in the engine's environment."""
    from include.ledger import recall
    from include.rephrase.process import run_in_engine

    run_in_engine(work.settings, "engine", "train", crawl, *_set_options(work.overrides))
    report = recall(work.lake, crawl, "train")
    assert report is not None, "the training ended well but left no report"
    return report


def _policy(settings: Settings) -> "FetchPolicy":
    from include.ingest.policy import FetchPolicy

    return FetchPolicy(settings.contact, settings.requests_per_second, cache=settings.cache)


def _released_before(settings: Settings, crawl: str) -> list[str]:
    """Dumps in the list that were released before this one, oldest first; none if it is not in the list itself."""
    from include.crawls import load_crawls

    ids = [known.id for known in load_crawls(settings.crawls_file)]
    return ids[: ids.index(crawl)] if crawl in ids else []


def _set_options(overrides: Overrides, prefix: str = "") -> list[str]:
    """The overrides as ``--set section.name=value`` for a command line."""
    import json

    options: list[str] = []
    for key, value in overrides.items():
        if isinstance(value, dict):
            options += _set_options(value, f"{prefix}{key}.")
        else:
            options += ["--set", f"{prefix}{key}={json.dumps(value)}"]
    return options
