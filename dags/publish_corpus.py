"""Mixes real and accepted synthetic text of a dump and publishes the corpus as a version.

**Makes** the asset `release`: a commit and a tag `<dump>@vMAJOR.MINOR.PATCH` in the dataset repository, the data in its
DVC remote; `train_model` follows by itself. Unchanged data makes no new version. Nothing is published unless `gate`
passes; where it warns and `approval.ask` is set, `approve` first asks a person (*Required Actions* of the run).
**Reads** documents and accepted generations of the dump.
**When it fails**, either the old version is visible or the new one, never half of one: mend what the log names (a
remote that cannot be reached, a full disk) and clear the task.
"""

import pendulum
from airflow.sdk import PartitionedAssetTimetable, chain, dag, task
from gates import APPROVAL, gate
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
        "mix.use": optional(
            "string", "Mix", "One of mix.mixes: wrap, scaling_study, beyondweb, finephrase ...", minLength=1
        ),
        "mix.tokens": optional("integer", "Tokens", "Of the mix, at most.", minimum=1),
        **APPROVAL,
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

    chain(mix(), *gate("corpus", stages.gate_corpus), version())


publish_corpus()
