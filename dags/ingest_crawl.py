"""Turns the WARC files of a crawl dump into clean documents without duplicates: one run per dump, its partition.

**Makes** the asset `documents` for the dump, once its gate has passed; `rephrase_crawl` follows by itself. Where the
gate warns and `approval.ask` is set, `approve` first asks a person (*Required Actions* of the run).
**Reads** the dump's source: Common Crawl's layout in a folder or at an http(s):// or s3:// address, a folder of WARC
files, or a list of paths. Which dumps there are stands in the list of dumps (`python -m include.cli crawls`).
**When it fails**, the log of the failed task says what is wrong and what to do: a source that cannot be read, too many
damaged files, a dump that is empty or unlike earlier ones. Clear the task when that is mended; finished work is kept.

A backfill (Trigger > Backfill) takes the dumps between two dates; a finished dump that is ingested again with the same
settings changes nothing. Other thresholds decide over what was read before, without reading the dump again.
"""

import pendulum
from airflow.sdk import chain, dag, task
from crawl_timetable import CrawlTimetable
from gates import APPROVAL, gate
from stage_tasks import DEFAULTS, optional, parameter, stage_run

from include import stages
from include.assets import DOCUMENTS
from include.crawls import load_crawls
from include.settings import settings

LANGUAGE = {"type": "string", "pattern": "^[a-z]{2,3}$"}


@dag(
    schedule=CrawlTimetable.of(load_crawls(settings().crawls_file)),
    start_date=pendulum.datetime(2008, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=2,
    dagrun_timeout=pendulum.duration(days=14),
    default_args=DEFAULTS,
    doc_md=__doc__,
    tags=["rewrap", "ingest"],
    params={
        "source": optional("string", "Source", "Folder, http(s):// or s3:// address instead of the listed one."),
        "ingest.sample_files": optional("integer", "Sample", "Read the first so many files only.", minimum=1),
        "ingest.languages": optional("array", "Languages", "ISO codes to keep, such as en.", items=LANGUAGE),
        "ingest.hosts": optional(
            "array", "Hosts", "Take only pages of these hosts, through the dump's index.", items={"type": "string"}
        ),
        **APPROVAL,
    },
)
def ingest_crawl() -> None:
    @task
    def list_files() -> list[str]:
        with stage_run() as (work, crawl):
            return stages.plan_ingest(work, crawl, parameter("source"))

    @task(map_index_template="{{ batch }}", execution_timeout=pendulum.duration(days=2))
    def extract_pages(batch: str) -> dict[str, object]:
        with stage_run() as (work, crawl):
            return stages.extract_pages(work, crawl, batch).summary()

    @task
    def plan_bands() -> list[list[int]]:
        with stage_run() as (work, crawl):
            return stages.plan_bands(work, crawl)

    @task(map_index_template="bands {{ bands }}")
    def find_near_duplicates(bands: list[int]) -> None:
        with stage_run() as (work, crawl):
            stages.find_near_duplicates(work, crawl, bands)

    @task
    def assemble_documents() -> dict[str, object]:
        with stage_run() as (work, crawl):
            return stages.assemble_documents(work, crawl).summary()

    bands, judged = plan_bands(), gate("documents", stages.gate_documents, [DOCUMENTS])
    chain(extract_pages.expand(batch=list_files()), bands)
    chain(find_near_duplicates.expand(bands=bands), assemble_documents(), *judged)


ingest_crawl()
