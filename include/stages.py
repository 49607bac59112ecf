"""Every stage by name: what Airflow's tasks call and what :mod:`include.cli` calls (DESIGN.md 7.7).

Stages import their parts when they run, so that a Dag file that names a stage parses fast.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from include.errors import BadInput
from include.lake import Lake
from include.ledger import StageReport
from include.params import Params, load_params
from include.settings import Settings, settings

if TYPE_CHECKING:
    import pyarrow as pa

    from include.ingest.policy import FetchPolicy
    from include.publish.lineage import Lineage
    from include.rephrase.engines.base import Engine
    from include.rephrase.engines.params import EngineParams
    from include.rephrase.estimate import Estimate
    from include.take_down.case import Case

P = ParamSpec("P")
R = TypeVar("R")
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


def beside_others(stage: "Callable[Concatenate[Workspace, P], R]") -> "Callable[Concatenate[Workspace, P], R]":
    """A stage that may run beside all others, but not while a take-down removes pages."""

    @wraps(stage)
    def run(work: Workspace, /, *args: P.args, **kwargs: P.kwargs) -> R:
        from include.locks import stage_at_work

        with stage_at_work(work.lake):
            return stage(work, *args, **kwargs)

    return run


def discover(work: Workspace) -> list[str]:
    """Add newly released dumps to your list; returns their ids."""
    from include.discover import discover_crawls

    current = work.settings
    watermark = current.home / "discovered.json"
    return [crawl.id for crawl in discover_crawls(current.collinfo, current.crawls_file, watermark, _policy(current))]


@beside_others
def plan_ingest(work: Workspace, crawl: str, source: str | None = None) -> list[str]:
    """List the dump's files and cut them into batches; returns the batches' names.

    ``source`` replaces the one that the list of dumps names; with it, the dump need not be in the list.
    """
    from include.crawls import find_crawl, validate_id
    from include.ingest.plan import plan_batches

    source = source or find_crawl(validate_id(crawl), work.settings.crawls_file).source
    return plan_batches(work.lake, crawl, source, work.params.ingest, _policy(work.settings))


@beside_others
def extract_pages(work: Workspace, crawl: str, batch: str) -> StageReport:
    """Read one batch of WARC files into pages, and decide over them."""
    from include.ingest.batch import extract_batch
    from include.ingest.read import Machine

    machine = Machine(work.settings.workers, _policy(work.settings))
    return extract_batch(work.lake, crawl, batch, work.params.ingest, machine)


@beside_others
def plan_bands(work: Workspace, crawl: str) -> list[list[int]]:
    """Find exact duplicates; returns the groups of bands in which near-duplicates are to be looked for."""
    from include.ingest import stage

    return stage.plan_bands(work.lake, crawl, _released_before(work.settings, crawl), work.params.ingest)


@beside_others
def find_near_duplicates(work: Workspace, crawl: str, bands: list[int]) -> None:
    """Look for near-duplicates in one group of bands, within the dump and in earlier ones."""
    from include.ingest import stage

    stage.find_near_duplicates(work.lake, crawl, bands, work.params.ingest)


@beside_others
def assemble_documents(work: Workspace, crawl: str) -> StageReport:
    """Turn the pages of all batches into documents."""
    from include.ingest import stage

    return stage.assemble_documents(work.lake, crawl, work.params.ingest)


@beside_others
def gate_documents(work: Workspace, crawl: str) -> StageReport:
    """Judge the dump's documents; raises GateFailed when a critical expectation fails."""
    from include.validate.documents_gate import run_documents_gate

    earlier = _released_before(work.settings, crawl)
    return run_documents_gate(work.lake, crawl, earlier, work.params.documents_gate)


@beside_others
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


@beside_others
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


@beside_others
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


@beside_others
def collect(work: Workspace, crawl: str) -> StageReport:
    """Put the dump's generations together."""
    from include.rephrase.collect import collect_generations

    return collect_generations(work.lake, crawl)


@beside_others
def gate(work: Workspace, crawl: str) -> StageReport:
    """Judge every generation; raises GateFailed when a critical expectation fails."""
    from include.validate.gate import run_gate

    def measure(lake: Lake, crawl: str) -> None:
        from include.validate.semantics.request import request_semantics

        options = _set_options(work.overrides)
        request_semantics(work.settings, lake, crawl, params, work.params.ingest.languages, options)

    params = work.params.gate
    earlier = _released_before(work.settings, crawl)
    measure_semantics = measure if params.semantics.enabled else None
    return run_gate(work.lake, crawl, params, work.params.ingest.languages, earlier, measure_semantics)


@beside_others
def build_corpus(work: Workspace, crawl: str) -> StageReport:
    """Mix real and accepted synthetic text, counted in the teacher's tokens where its tokenizer is at hand."""
    from include.take_down.case import refuse_while_unfinished

    refuse_while_unfinished(work.lake)
    return _mix(work, crawl)


@beside_others
def gate_corpus(work: Workspace, crawl: str) -> StageReport:
    """Judge the corpus; raises GateFailed when a critical expectation fails."""
    return _judge_corpus(work, crawl)


@beside_others
def export(
    work: Workspace, crawl: str, table: str, tokenizer: Path | None, end: str | None, out: Path
) -> dict[str, Any]:
    """Write a table of the corpus as token ids, by a tokenizer of your own or the teacher's.

    Raises:
        BadInput: there is no such corpus, table, tokenizer or end token.
    """
    from include.publish.token_shards import export_tokens, load_vocabulary
    from include.publish.tokens import teacher_at_hand

    if tokenizer is None:
        teacher = teacher_at_hand(work.settings, work.params.rephrase)
        if teacher is None:
            raise BadInput(
                f"The tokenizer of {work.params.rephrase.teacher} is not on this machine. Name one: --tokenizer FOLDER."
            )
        tokenizer = teacher.path
    return export_tokens(work.lake, crawl, table, load_vocabulary(tokenizer, end), out)


@beside_others
def publish(work: Workspace, crawl: str) -> dict[str, Any]:
    """Version the corpus: DVC, commit, tag. Unchanged data makes no new version."""
    from include.publish.registry import publish_release
    from include.take_down.case import refuse_while_unfinished

    refuse_while_unfinished(work.lake)
    release = publish_release(work.lake, crawl, work.settings.datasets, work.settings.remote)
    return {key: str(value) if isinstance(value, Path) else value for key, value in vars(release).items()}


def lineage(work: Workspace, row_id: str, crawl: str | None = None) -> "Lineage":
    """Where a row of a corpus comes from."""
    from include.publish.lineage import trace

    return trace(work.lake, row_id, work.params.gate, crawl)


@beside_others
def train(work: Workspace, crawl: str) -> StageReport:
    """Train one small model on real text and one on the mix, in the engine's environment."""
    from include.ledger import recall
    from include.publish.registry import note_training
    from include.rephrase.process import run_in_engine

    corpus = recall(work.lake, crawl, "corpus")
    run_in_engine(work.settings, "engine", "train", crawl, *_set_options(work.overrides))
    report = recall(work.lake, crawl, "train")
    assert report is not None, "the training ended well but left no report"
    if corpus is not None:
        note_training(work.settings.datasets, crawl, corpus.detail["fingerprint"], report.detail)
    return report


def find_pages(
    work: Workspace, lists: list[str], rules: list[str], crawls: list[str], dry_run: bool, everything: bool
) -> "Case":
    """What a take-down would remove. Unless it is a dry run, the case is opened, and the next steps take its id.

    Args:
        lists: files or addresses; ``rules`` are lines of such a list.
        crawls: dumps to take down from; none: all.
        everything: allow rules that name every document.
    """
    from include.take_down import run

    wanted = run.read_request(lists, rules, _policy(work.settings))
    if dry_run:
        return run.preview(work.lake, wanted, crawls)[0]
    return run.begin(work.lake, wanted, crawls, everything)


def remove_pages(work: Workspace, take_down: str) -> "Case":
    """Remove rows, results of the store and quotes, alone on the lake; ``published`` names the dumps to rebuild."""
    from include.take_down import run

    return run.remove(work.lake, take_down, work.settings.cache, work.params.gate.drift.min_rows)


@beside_others
def rebuild_release(work: Workspace, take_down: str, crawl: str) -> "Case":
    """Publish what is left of a dump, and withdraw the versions that held the pages."""
    from include.take_down import run

    def remake() -> None:
        _mix(work, crawl)
        _judge_corpus(work, crawl)

    return run.rebuild(work.lake, take_down, crawl, remake, work.settings.datasets, work.settings.remote)


def prove_take_down(work: Workspace, take_down: str) -> "Case":
    """Search everything for what is left; fails if anything is."""
    from include.take_down import run

    return run.prove(work.lake, take_down, work.settings.datasets, work.settings.remote)


def _mix(work: Workspace, crawl: str) -> StageReport:
    from include.publish import mix
    from include.publish.tokens import teacher_counter

    counter = teacher_counter(work.settings, work.params.rephrase)
    return mix.build_corpus(work.lake, crawl, work.params.mix, counter)


def _judge_corpus(work: Workspace, crawl: str) -> StageReport:
    from include.validate.corpus_gate import run_corpus_gate

    earlier = _released_before(work.settings, crawl)
    return run_corpus_gate(work.lake, crawl, earlier, work.params.corpus_gate)


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
