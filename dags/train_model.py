"""Shows whether a release is worth training on: two small models, same budget, real text alone against the mix.

**Makes** the asset `training`: perplexities on held-out real text and a picture of the loss curves in
`lake/training/<dump>/`.
**Reads** the corpus that `publish_corpus` released. A release that was trained on with the same settings is not trained
on again.
**When it fails**, the log names the arm and the step; clear the task to train again.
"""

import pendulum
from airflow.sdk import PartitionedAssetTimetable, dag, task
from stage_tasks import DEFAULTS, optional, stage_run

from include import stages
from include.assets import RELEASE, TRAINING


@dag(
    schedule=PartitionedAssetTimetable(assets=RELEASE),
    start_date=pendulum.datetime(2008, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=2,
    dagrun_timeout=pendulum.duration(days=7),
    default_args=DEFAULTS,
    doc_md=__doc__,
    tags=["rewrap", "gpu", "train"],
    params={"train.tokens": optional("integer", "Tokens", "Training tokens of each arm.", minimum=1000)},
)
def train_model() -> None:
    @task(pool="gpu", outlets=[TRAINING], execution_timeout=pendulum.duration(days=5))
    def train() -> dict[str, object]:
        with stage_run() as (work, crawl):
            return stages.train(work, crawl).summary()

    train()


train_model()
