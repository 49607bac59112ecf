"""Finds crawl dumps that were released since yesterday.

**Makes** entries in your list of dumps; `ingest_crawl` knows them at its next parse, within a minute and without a
restart, and runs for each, if unpaused.
**Reads** Common Crawl's list of dumps, `collinfo.json`, or the one that `REWRAP_COLLINFO` names. How far it has read
lies in `discovered.json` in Rewrap's folder and never goes backwards: a dump that you take out of your list stays out.
**Runs** once a day. Nothing new changes nothing.
**When it fails**, the log says which list could not be read, or which of its entries are no dumps; the good ones are
added all the same. A list that does not answer is asked again by the task's retries, and tomorrow.
"""

import pendulum
from airflow.sdk import dag, task
from stage_tasks import DEFAULTS, workspace_run

from include import stages


@dag(
    schedule="@daily",
    start_date=pendulum.datetime(2025, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=pendulum.duration(hours=2),
    default_args={
        **DEFAULTS,
        "retries": 3,
        "retry_delay": pendulum.duration(minutes=10),
        "execution_timeout": pendulum.duration(minutes=30),
    },
    doc_md=__doc__,
    tags=["rewrap", "ingest"],
)
def discover_crawls() -> None:
    @task
    def add_new_dumps() -> list[str]:
        with workspace_run() as work:
            return stages.discover(work)

    add_new_dumps()


discover_crawls()
