"""Puts a dump's generations together from its plan and the store."""

import pyarrow as pa

from include.errors import RewrapError
from include.lake import Lake, fingerprint
from include.ledger import StageReport, recall, record
from include.rephrase.store import Store
from include.schemas import GENERATION

VERSION = "1"


def collect_generations(lake: Lake, crawl: str) -> StageReport:
    """Write the table ``generations``: one row per request of the plan.

    Raises:
        RewrapError: a request has no result yet.
    """
    plan = lake.manifest("requests", crawl)
    made_from = fingerprint(VERSION, plan.files if plan else None)
    if lake.is_current(made_from, "generations", crawl) and (report := recall(lake, crawl, "rephrase")):
        return report
    answers = Store(lake).answers(crawl)
    open_requests = answers.column("finish_reason").null_count
    if open_requests:
        raise RewrapError(
            f"{open_requests} of {answers.num_rows} requests of {crawl} have no generation yet. Run the generate step "
            "again: it makes only these."
        )
    answers = answers.drop_columns(["prompt_tokens"]).rename_columns({"answer_prompt_tokens": "prompt_tokens"})
    depth = pa.array([1] * answers.num_rows, pa.int32())
    generations = answers.append_column("depth", depth).select(GENERATION.names).cast(GENERATION)
    lake.write(generations, layer="generations", crawl=crawl, fingerprint=made_from)
    errors = sum(reason == "error" for reason in generations.column("finish_reason").to_pylist())
    return record(
        lake,
        StageReport(
            stage="rephrase",
            crawl=crawl,
            rows_in=answers.num_rows,
            rows_out=generations.num_rows - errors,
            failed={"engine_error": errors} if errors else {},
            detail={
                "prompt_tokens": sum(generations.column("prompt_tokens").to_pylist()),
                "tokens": sum(generations.column("completion_tokens").to_pylist()),
                "engines": sorted({f"{e} {v}" for e, v in zip(*_engine(generations), strict=True)}),
            },
        ),
    )


def _engine(generations: pa.Table) -> tuple[list[str], list[str]]:
    return generations.column("engine").to_pylist(), generations.column("engine_version").to_pylist()
