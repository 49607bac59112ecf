"""The gate of one dump: judge every generation, quarantine what fails, and decide whether the rest may be published."""

from collections.abc import Sequence

from include.lake import Lake, fingerprint
from include.ledger import StageReport
from include.recipes.registry import load_recipe
from include.validate.checks.benchmark_overlap import benchmarks
from include.validate.coverage import write_coverage
from include.validate.deciding import broken_counts_as_failed
from include.validate.gate_params import GateParams
from include.validate.generations_gate import STAGE, conclude
from include.validate.history import compared_with, recall_profiles
from include.validate.outcome import current_outcome, raise_if_failed, require_passed, table_digest
from include.validate.passes import LAYERS, MeasureSemantics, check_rows, remove_steps, write_tables

__all__ = ["require_passed", "run_gate"]

VERSION = "6"


def run_gate(
    lake: Lake,
    crawl: str,
    params: GateParams,
    languages: list[str],
    earlier: Sequence[str] = (),
    measure_semantics: MeasureSemantics | None = None,
) -> StageReport:
    """Judge the table ``generations``; write ``verdicts``, ``accepted``, ``quarantined``, ``coverage``, Data Docs and
    the outcome. Rows keep the order of ``generations``.

    Row checks decide first, with what embeddings tell, then copies among the rows that passed
    (:mod:`include.validate.passes`). Great Expectations gets figures alone.

    Args:
        languages: ISO 639-1 codes that outputs may be in; empty allows every language.
        earlier: dumps to compare with. Those that were not judged here or did not pass are passed over.
        measure_semantics: writes the table ``semantics``; None leaves out the checks that need it.

    Raises:
        BadInput: the dump has no generations yet, or one of an unknown recipe.
        GateFailed: a critical expectation failed or could not be evaluated. Tables and pages are written all the same.
    """
    contracts = {name: load_recipe(name).fingerprint for name in _recipes(lake, crawl)}
    with broken_counts_as_failed(lake, crawl, "generations"):
        others = recall_profiles(lake, crawl, earlier, "generations", STAGE)
        digest = table_digest(lake, crawl, "generations")
        if measure_semantics is not None:
            measure_semantics(lake, crawl)
        semantics = None if measure_semantics is None else lake.finished("semantics", crawl).identity
        items = benchmarks(params.contamination).digest
        key = fingerprint(VERSION, digest, params.of_rows(), sorted(languages), contracts, semantics, items)
        whole = all(lake.is_current(key, layer, crawl) for layer in (*LAYERS, "coverage"))
        current = current_outcome(lake, crawl, "generations", STAGE, key, compared_with(others, params))
        if current is not None and whole:
            remove_steps(lake, crawl)
            raise_if_failed(lake, current[0])
            return current[1]
        if not whole:
            check_rows(lake, crawl, params, languages, measure_semantics is not None, key)
            write_tables(lake, crawl, params, key)
            write_coverage(lake, crawl, key)
        remove_steps(lake, crawl)
        return conclude(lake, crawl, key, params, others)


def _recipes(lake: Lake, crawl: str) -> list[str]:
    files = [str(file) for file in lake.files("generations", crawl)]
    with lake.query() as db:
        return [recipe for (recipe,) in db.read_parquet(files).select("recipe").distinct().order("recipe").fetchall()]
