"""Mixes real and accepted synthetic text of a dump and publishes the corpus as a version.

**Makes** the asset `release`: a commit and a tag `crawl/<dump>/v<N>` in the dataset repository, the data in its DVC
remote; `train_model` follows by itself. Unchanged data makes no new version.
**Reads** documents and accepted generations of the dump.
**When it fails**, either the old version is visible or the new one, never half of one: mend what the log names (a
remote that cannot be reached, a full disk) and clear the task.
"""

import pendulum
from airflow.sdk import PartitionedAssetTimetable, chain, dag, task
from stage_tasks import DEFAULTS, optional, stage_run

from include import stages
from include.assets import ACCEPTED, RELEASE


@dag(
    schedule=PartitionedAssetTimetable(assets=ACCEPTED),
    start_date=pendulum.datetime(2008, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=2,
    dagrun_timeout=pendulum.duration(days=1),
    default_args=DEFAULTS,
    doc_md=__doc__,
    tags=["rewrap", "publish"],
    params={
        "mix.synthetic_share": optional(
            "number", "Synthetic share", "Of the mix's words; WRAP's is 0.5.", minimum=0, maximum=1
        ),
    },
)
def publish_corpus() -> None:
    @task
    def mix() -> dict[str, object]:
        with stage_run() as (work, crawl):
            return stages.build_corpus(work, crawl).summary()

    @task(pool="dvc", outlets=[RELEASE])
    def version() -> dict[str, object]:
        with stage_run() as (work, crawl):
            return stages.publish(work, crawl)

    chain(mix(), version())


publish_corpus()
