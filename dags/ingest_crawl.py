"""Turns one crawl dump into clean, deduplicated documents.

**Makes** the asset `documents` for the dump; `rephrase_crawl` follows by itself.
**Reads** the dump's WARC files from the source that the list of dumps names (or from the parameter `source`).
**Runs** once per dump: unpaused, for every new one; older ones by *Trigger > Backfill*. Running a dump again changes
nothing unless its files or the parameters changed.
**When it fails**, the task's log names the file or the value and what to do. Batches that are done stay done: clear the
failed task. Counts of every stage lie in `lake/reports/<dump>/`.
"""

import pendulum
from airflow.sdk import Param, dag, task
from crawl_timetable import CrawlTimetable
from stage_tasks import DEFAULTS, parameter, stage_run

from include import stages
from include.assets import DOCUMENTS
from include.crawls import load_crawls
from include.settings import settings


@dag(
    schedule=CrawlTimetable.of(load_crawls(settings().crawls_file)),
    start_date=pendulum.datetime(2008, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=2,
    dagrun_timeout=pendulum.duration(days=2),
    default_args=DEFAULTS,
    doc_md=__doc__,
    tags=["rewrap", "ingest"],
    params={
        "source": Param(
            None,
            type=["null", "string"],
            title="Source",
            description="Folder, http(s):// or s3:// address to read instead of the listed one.",
        ),
        "ingest.languages": Param(
            None,
            type=["null", "array"],
            items={"type": "string", "pattern": "^[a-z]{2,3}$"},
            title="Languages",
            description="ISO codes to keep, such as en; empty leaves params.yaml's.",
        ),
    },
)
def ingest_crawl() -> None:
    @task
    def list_files() -> list[str]:
        with stage_run() as (work, crawl):
            return stages.plan_ingest(work, crawl, parameter("source"))

    @task(map_index_template="{{ batch }}")
    def extract_pages(batch: str) -> dict[str, object]:
        with stage_run() as (work, crawl):
            return stages.extract_pages(work, crawl, batch).summary()

    @task(outlets=[DOCUMENTS])
    def deduplicate() -> dict[str, object]:
        with stage_run() as (work, crawl):
            return stages.deduplicate(work, crawl).summary()

    extract_pages.expand(batch=list_files()) >> deduplicate()


ingest_crawl()
