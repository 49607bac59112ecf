"""Takes pages out of all that was made of them: their owner asked for it, by mail or by a list.

**Makes** new versions of the releases that held them, without an engine; earlier ones are listed as withdrawn and their
data is gone. The rules go to the standing list: no later ingest takes these pages in again.
**Reads** a list (a file or an https:// address) or rules that you paste: hosts, URLs, patterns, WARC-Record-IDs
(docs/how-to/opt-outs-and-take-down.md). A dry run shows in the log of `find` what would go.
**When it fails**, clear the task: each step goes on where it was killed. `remove` waits for stages that run. A failed
`prove` says what is left and where. The report of each take-down lies in the lake, in `take_down/<id>.json`.
"""

from typing import Any

import pendulum
from airflow.sdk import Param, chain, dag, task
from stage_tasks import DEFAULTS, parameter, workspace_run

from include import stages

ASKED = ("lists", "rules", "crawls", "dry_run", "everything")
TEXT = {"type": "string"}


@dag(
    schedule=None,
    start_date=pendulum.datetime(2008, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=pendulum.duration(days=7),
    default_args=DEFAULTS,
    doc_md=__doc__,
    tags=["rewrap", "rights"],
    params={
        "lists": Param(
            [], type="array", items=TEXT, title="Lists", description="Files or https:// addresses, one a line."
        ),
        "rules": Param(
            [], type="array", items=TEXT, title="Rules", description="Hosts, URLs, patterns or record ids, one a line."
        ),
        "crawls": Param(
            [], type="array", items=TEXT, title="Dumps", description="Take down from these only. Empty: from all."
        ),
        "dry_run": Param(False, type="boolean", title="Dry run", description="Only show what would go."),
        "everything": Param(False, type="boolean", title="Everything", description="Rules may name all documents."),
    },
)
def take_down() -> None:
    @task.short_circuit
    def find() -> str:
        with workspace_run() as work:
            case = stages.find_pages(work, *map(parameter, ASKED))
            return "" if parameter("dry_run") else case.id

    @task(execution_timeout=pendulum.duration(days=2))
    def remove(case: Any) -> list[str]:
        with workspace_run() as work:
            return stages.remove_pages(work, case).published

    @task(pool="dvc", map_index_template="{{ crawl }}")
    def rebuild(case: Any, crawl: str) -> None:
        with workspace_run() as work:
            stages.rebuild_release(work, case, crawl)

    @task(trigger_rule="none_failed")
    def prove(case: Any) -> dict[str, object]:
        with workspace_run() as work:
            return vars(stages.prove_take_down(work, case))

    case = find()
    chain(rebuild.partial(case=case).expand(crawl=remove(case)), prove(case))


take_down()
