"""``make demo``: the whole way for two sample dumps, under Airflow's own scheduler."""

import threading
import time

from rich.console import Console

from include.crawls import Crawl, add_crawl
from include.embedded import services
from include.embedded.backfill import backfill
from include.embedded.follow import DAGS, follow, known_runs
from include.embedded.rest import Airflow
from include.embedded.services import Running
from include.embedded.summary import print_summary, release_of
from include.errors import RewrapError
from include.lake import Lake
from include.rephrase.process import run_in_engine
from include.sample.build import build_sample
from include.settings import Settings

DAGS_DEADLINE = 180.0
"""Seconds until Airflow must know our Dags."""


def run_demo(settings: Settings) -> None:
    """Build the sample dumps, start Airflow, backfill two dumps, follow them, print the summary.

    Raises:
        RewrapError: a part failed; the message names it, its log and what to do.
    """
    from include.publish.registry import releases

    console, began = Console(highlight=False), time.monotonic()
    dumps = build_sample(settings.home / "sample")[:2]
    for dump in dumps:
        add_crawl(settings.crawls_file, dump)
    console.print(
        f"Sample dumps {', '.join(dump.id for dump in dumps)} are built. Starting Airflow and preparing the model ..."
    )
    running = _start(settings)
    console.print(f"Airflow runs at {running.url} (user {running.user}, password {running.password}).")

    lake, ids = Lake(settings.lake, settings.query_memory), [dump.id for dump in dumps]
    tags = {release.tag for release in releases(settings.datasets)}
    with running.connect() as airflow:
        _backfill_and_follow(airflow, lake, dumps, console)

    print_summary(lake, ids, {crawl: release_of(settings.datasets, crawl, tags) for crawl in ids}, console)
    console.rule()
    console.print(
        f"Done in {time.monotonic() - began:.0f} s. Airflow: {running.url} (user {running.user}, password "
        f"{running.password}).\nStop it with 'make down'. Let it find a third dump with:\n"
        "  .venv/bin/python -m include.cli next-sample"
    )


def _start(settings: Settings) -> Running:
    """Start Airflow while the model is prepared: one waits for the disk while the other one computes."""
    errors: list[BaseException] = []

    def prepare() -> None:
        try:
            run_in_engine(settings, "engine", "prepare")
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=prepare)
    thread.start()
    try:
        running = services.start(settings)
    finally:
        thread.join()
    if errors:
        raise errors[0]
    return running


def _backfill_and_follow(airflow: Airflow, lake: Lake, dumps: list[Crawl], console: Console) -> None:
    ids = [dump.id for dump in dumps]
    airflow.wait_for_dags(DAGS, DAGS_DEADLINE)
    if broken := airflow.import_errors():
        raise RewrapError("Airflow cannot read these Dag files:\n" + "\n".join(str(error) for error in broken))
    before = known_runs(airflow, ids)
    for dag in DAGS[1:]:
        airflow.unpause(dag)
    backfill(airflow, DAGS[0], dumps, reprocess=True)
    console.print(f"Asked Airflow for a backfill of {DAGS[0]} over {', '.join(ids)}; the other Dags follow by assets.")
    follow(airflow, lake, ids, before, console)
