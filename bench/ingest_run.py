"""Ingests one folder of WARC files and says what it took: ``python -m bench.ingest_run FOLDER WORKERS`` prints JSON.

A process of its own for each measurement, so that peaks of memory and CPU times are its own. ``bench.ingest`` runs it.
"""

import json
import resource
import sys
import tempfile
import time
from pathlib import Path

from include.ingest.batch import extract_batch
from include.ingest.plan import plan_batches
from include.ingest.policy import FetchPolicy
from include.ingest.read import Machine
from include.ingest.stage import assemble_documents, find_near_duplicates, plan_bands
from include.lake import Lake
from include.params import IngestParams

CRAWL = "BENCH-1"


def main(source: Path, workers: int) -> None:
    params, policy = IngestParams(languages=["en"], max_failed_share=1.0), FetchPolicy("bench")
    with tempfile.TemporaryDirectory() as scratch:
        lake = Lake(Path(scratch))
        began, steps = time.perf_counter(), {}
        for batch in plan_batches(lake, CRAWL, str(source), params, policy):
            extract_batch(lake, CRAWL, batch, params, Machine(workers, policy))
        steps["extract"] = time.perf_counter() - began
        for bands in plan_bands(lake, CRAWL, [], params):
            find_near_duplicates(lake, CRAWL, bands, params)
        report = assemble_documents(lake, CRAWL, params)
        steps["deduplicate"] = time.perf_counter() - began - steps["extract"]
    own, workers_use = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    status = Path("/proc/self/status").read_text().splitlines()
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    print(
        json.dumps(
            {
                "pages": report.detail["pages"],
                "documents": report.rows_out,
                "wall_seconds": sum(steps.values()),
                "wall_seconds_by_step": steps,
                "cpu_seconds": own.ru_utime + own.ru_stime + workers_use.ru_utime + workers_use.ru_stime,
                "peak_mib": round(peak / 1024),
                "peak_mib_of_a_worker": round(workers_use.ru_maxrss / 1024),
            }
        )
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
