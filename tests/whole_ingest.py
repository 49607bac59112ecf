"""All stages of ingest, one after the other, as the command line runs them."""

from collections.abc import Sequence
from pathlib import Path

from include.ingest.batch import extract_batch
from include.ingest.plan import plan_batches
from include.ingest.policy import FetchPolicy
from include.ingest.read import Machine
from include.ingest.stage import assemble_documents, find_near_duplicates, plan_bands
from include.lake import Lake
from include.ledger import StageReport
from include.params import IngestParams

CRAWL = "TEST-2026-01"
PARAMS = IngestParams(max_failed_share=1.0)
POLICY = FetchPolicy("test")


def plan(
    lake: Lake, source: Path | str, params: IngestParams = PARAMS, crawl: str = CRAWL, policy: FetchPolicy = POLICY
) -> list[str]:
    return plan_batches(lake, crawl, str(source), params, policy)


def extract(
    lake: Lake,
    batch: str,
    params: IngestParams = PARAMS,
    crawl: str = CRAWL,
    policy: FetchPolicy = POLICY,
    workers: int = 1,
) -> StageReport:
    return extract_batch(lake, crawl, batch, params, Machine(workers, policy))


def deduplicate(
    lake: Lake, params: IngestParams = PARAMS, crawl: str = CRAWL, earlier: Sequence[str] = ()
) -> StageReport:
    for bands in plan_bands(lake, crawl, list(earlier), params):
        find_near_duplicates(lake, crawl, bands, params)
    return assemble_documents(lake, crawl, params)


def ingest(
    lake: Lake,
    source: Path | str,
    params: IngestParams = PARAMS,
    crawl: str = CRAWL,
    earlier: Sequence[str] = (),
    policy: FetchPolicy = POLICY,
    workers: int = 1,
) -> StageReport:
    for batch in plan(lake, source, params, crawl, policy):
        extract(lake, batch, params, crawl, policy, workers).check()
    return deduplicate(lake, params, crawl, earlier)
