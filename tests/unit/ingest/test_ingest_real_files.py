"""WARC files that nobody here made: crawlers' samples and crafted attacks."""

from pathlib import Path

import pytest
import whole_ingest

from include.errors import BadInput
from include.ingest.quality.params import QualityParams
from include.ingest.source import open_file
from include.ingest.warc import read_records
from include.lake import Lake
from include.params import IngestParams

PARAMS = IngestParams()
CRAWL = "REAL-1"
pytestmark = pytest.mark.timeout(60)


def ingest(lake: Lake, source: Path, params: IngestParams) -> int:
    report = whole_ingest.ingest(lake, source, params, CRAWL)
    pages = sum(lake.read("pages", CRAWL, shard, columns=["doc_id"]).num_rows for shard in lake.shards("pages", CRAWL))
    parted = lake.manifest("documents", CRAWL), lake.manifest("rejected_pages", CRAWL)
    assert pages == sum(manifest.rows for manifest in parted if manifest)
    return report.rows_out


def test_every_file_alone_ends_in_rows_or_in_damage(shared_data: Path) -> None:
    files = [path for folder in ("warc", "hostile_warc") for path in sorted((shared_data / folder).rglob("*"))]
    files = [path for path in files if path.is_file() and not path.name.startswith("LICENSE")]
    assert len(files) > 70
    for file in files:
        found = list(read_records(open_file(str(file.parent), file.name, "test"), PARAMS.max_record_bytes))
        assert found, file
        assert all(len(one.payload) <= PARAMS.max_record_bytes for one in found), file


def test_real_crawls_become_documents(lake: Lake, shared_data: Path) -> None:
    assert ingest(lake, shared_data / "warc", PARAMS) >= 6
    texts = " ".join(lake.read("documents", CRAWL)["text"].to_pylist())
    assert "ensuring the stable and secure operation" in texts or "Internet Assigned Numbers Authority" in texts


def test_hostile_files_stop_the_dump_with_one_message_and_pass_when_allowed(lake: Lake, shared_data: Path) -> None:
    hostile = shared_data / "hostile_warc"
    with pytest.raises(BadInput, match=r"pages failed .*39_empty_file\.warc\.gz.*01_truncated_last_member"):
        ingest(lake, hostile, PARAMS)
    lenient = IngestParams(max_failed_share=1, languages=[], quality=QualityParams(rules=()))
    assert ingest(lake, hostile, lenient) >= 3
    # They differ in their number only, so that two of them go as near-duplicates.
    read = [lake.read(layer, CRAWL, columns=["text"])["text"] for layer in ("documents", "rejected_pages")]
    beginnings = {text[:18] for column in read for text in column.to_pylist() if text}
    assert {"Good page number 0", "Good page number 1", "Good page number 2"} <= beginnings


def test_common_crawl_s_own_page_comes_out_with_its_text(lake: Lake, shared_data: Path) -> None:
    # The page is in Aragonese; the folder holds it twice (plain and gzipped).
    # It is short, and half of it is a table of figures: no rule of quality takes it.
    params = IngestParams(languages=[], quality=QualityParams(rules=()))
    assert ingest(lake, shared_data / "warc" / "whirlwind", params) == 1
    [row] = lake.read("documents", CRAWL).to_pylist()
    assert row["url"].startswith("https://an.wikipedia.org/wiki/")
    assert row["words"] > 100
    assert "Escopete" in row["text"]
    assert "Enciclopedia libre" not in row["text"].splitlines()[0]
