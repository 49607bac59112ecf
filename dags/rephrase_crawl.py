"""Rephrases a dump's documents with the recipes that suit them and lets only what passes the gate go on.

**Makes** the asset `accepted` for the dump; `publish_corpus` follows by itself. Where the gate warns and `approval.ask`
is set, `approve` first asks a person (*Required Actions* of the run).
**Reads** the documents that `ingest_crawl` made. Each generation is made once, ever: what another dump or an earlier
try made comes from the store, and a dump without anything new starts no engine.
**Costs** what the log of `plan` and the note of the run say. A budget stops `generate` when it is spent: raise it in
params.yaml and clear the task, or trigger a run with a larger one; either goes on with what is there.
**When it fails**: `plan` names the parameter or the teacher that cannot be used; `generate` goes on where it stopped,
by itself a few times, then when you clear it; `gate` names the expectation, what was observed and the Data Docs with
the evidence; `approve` says who rejected what. Nothing is published from a dump whose gate has not passed.
"""

import pendulum
from airflow.sdk import PartitionedAssetTimetable, chain, dag, task
from gates import APPROVAL, gate
from stage_tasks import DEFAULTS, announce_plan, optional, stage_run

from include import stages
from include.assets import ACCEPTED, DOCUMENTS, PLAN
from include.recipes.registry import known_recipes

BUDGET = "Stop, resumable, when the dump has cost this"


@dag(
    schedule=PartitionedAssetTimetable(assets=DOCUMENTS),
    start_date=pendulum.datetime(2008, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=2,
    dagrun_timeout=pendulum.duration(days=14),
    default_args=DEFAULTS,
    doc_md=__doc__,
    tags=["rewrap", "gpu"],
    params={
        "rephrase.routing": optional(
            "string",
            "Routing",
            "What decides on recipes: wrap, nemotron_cc, by_genre ...",
            minLength=1,
        ),
        "rephrase.recipes": optional(
            "array",
            "Recipes",
            "For every document, instead of a routing.",
            items={"type": "string", "enum": known_recipes()},
            examples=known_recipes(),
            minItems=1,
        ),
        "rephrase.max_documents": optional("integer", "Sample", "Rephrase this many documents.", minimum=1),
        "rephrase.teacher": optional("string", "Model", "Bundled model, Hugging Face id or folder.", minLength=1),
        "rephrase.allow_unlisted_teacher": optional(
            "boolean", "Unlisted model", "Take a model whose terms are not in the catalogue; recorded in every row."
        ),
        "rephrase.units": optional("integer", "Units", "Of equal work: one per engine.", minimum=1, maximum=1000),
        "rephrase.budget.money": optional("number", "Budget: money", f"{BUDGET}, at rephrase.rates.", minimum=0),
        "rephrase.budget.gpu_hours": optional("number", "Budget: GPU-hours", f"{BUDGET} many.", minimum=0),
        "rephrase.budget.tokens": optional("number", "Budget: tokens", f"{BUDGET} many, in and out.", minimum=0),
        "gate.min_accepted_share": optional(
            "number", "Least accepted share", "Below it the gate fails and nothing is published.", minimum=0, maximum=1
        ),
        **APPROVAL,
    },
)
def rephrase_crawl() -> None:
    @task(outlets=[PLAN])
    def plan() -> list[str]:
        with stage_run() as (work, crawl):
            announce_plan(PLAN, stages.plan_rephrase(work, crawl))
            return stages.units(work, crawl)

    @task(
        pool="gpu",
        map_index_template="chains {{ unit }}",
        execution_timeout=pendulum.duration(days=7),
        retries=5,
        retry_exponential_backoff=2,
        max_retry_delay=pendulum.duration(minutes=15),
    )
    def generate(unit: str) -> dict[str, object]:
        with stage_run() as (work, crawl):
            return stages.generate(work, crawl, unit)

    @task
    def collect() -> dict[str, object]:
        with stage_run() as (work, crawl):
            return stages.collect(work, crawl).summary()

    chain(generate.expand(unit=plan()), collect(), *gate("generations", stages.gate, [ACCEPTED]))


rephrase_crawl()
