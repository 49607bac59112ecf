"""Rephrases a dump's documents with the recipes of WRAP and lets only what passes the gate go on.

**Makes** the asset `accepted` for the dump; `publish_corpus` follows by itself.
**Reads** the documents that `ingest_crawl` made. Each generation is made once, ever: what another dump or an earlier
try made comes from the store, and a dump without anything new starts no engine.
**When it fails**: `generate` goes on where it stopped (clear it); `gate` names the expectation, what was observed and
the Data Docs with the evidence. Nothing is published from a dump whose gate has not passed.
"""

import pendulum
from airflow.sdk import PartitionedAssetTimetable, chain, dag, task
from stage_tasks import DEFAULTS, optional, stage_run

from include import stages
from include.assets import ACCEPTED, DOCUMENTS
from include.recipes.registry import known_recipes


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
        "rephrase.recipes": optional(
            "array",
            "Recipes",
            "What to ask the teacher for.",
            items={"type": "string", "enum": known_recipes()},
            examples=known_recipes(),
        ),
        "rephrase.max_documents": optional("integer", "Sample", "Rephrase this many documents.", minimum=1),
        "rephrase.teacher": optional("string", "Teacher", "Bundled model, Hugging Face id or folder."),
        "gate.min_accepted_share": optional(
            "number", "Least accepted share", "Below it the gate fails and nothing is published.", minimum=0, maximum=1
        ),
    },
)
def rephrase_crawl() -> None:
    @task
    def plan() -> dict[str, object]:
        with stage_run() as (work, crawl):
            return stages.plan_rephrase(work, crawl).summary()

    @task(pool="gpu", execution_timeout=pendulum.duration(days=7))
    def generate() -> dict[str, object]:
        with stage_run() as (work, crawl):
            return stages.generate(work, crawl)

    @task
    def collect() -> dict[str, object]:
        with stage_run() as (work, crawl):
            return stages.collect(work, crawl).summary()

    @task(outlets=[ACCEPTED], retries=0)
    def gate() -> dict[str, object]:
        with stage_run() as (work, crawl):
            return stages.gate(work, crawl).summary()

    chain(plan(), generate(), collect(), gate())


rephrase_crawl()
