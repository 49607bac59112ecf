"""The sample dumps are what Common Crawl's are, and ingest does with each planted page what the manifest says."""

import gzip
import json
import subprocess
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import phonenumbers
import pyarrow.parquet as pq
import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType
from whole_ingest import ingest

from include.crawls import Crawl
from include.errors import BadInput
from include.lake import Lake
from include.ledger import StageReport
from include.params import load_params
from include.sample.build import FILES, RETURNING, build_sample
from include.sample.prose import find_texts

PROJECT = Path(__file__).resolve().parents[3]
OVERLAY = PROJECT / "include/sample/params.yaml"
Row = dict[str, Any]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sample")


@pytest.fixture(scope="session")
def crawls(folder: Path) -> list[Crawl]:
    return build_sample(folder)


@pytest.fixture(scope="session")
def manifest(folder: Path, crawls: list[Crawl]) -> list[Row]:
    entries: list[Row] = json.loads((folder / "manifest.json").read_text())
    return entries


@pytest.fixture(scope="session")
def ingested(
    folder: Path, crawls: list[Crawl], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, tuple[StageReport, list[Row]]]:
    """Per dump its report and the rows of all its pages, with the status that they ended with."""
    lake = Lake(tmp_path_factory.mktemp("lake"))
    params = load_params((OVERLAY,)).ingest
    ended = {}
    for crawl in crawls:
        earlier = [known.id for known in crawls if known < crawl]
        report = ingest(lake, crawl.source, params, crawl.id, earlier, workers=2)
        documents = pq.read_table(lake.files("documents", crawl.id)).to_pylist()
        others = pq.read_table(lake.files("rejected_pages", crawl.id)).to_pylist()
        ended[crawl.id] = (report, [row | {"status": "documents", "reason": None} for row in documents] + others)
    return ended


def listed(folder: Path, crawl: str) -> list[Path]:
    lines = gzip.decompress((folder / "crawl-data" / crawl / "warc.paths.gz").read_bytes()).decode().splitlines()
    return [folder / line for line in lines]


def main_texts(rows: list[Row]) -> dict[str, str]:
    return {row["url"]: row["content_hash"] for row in rows if row["status"] == "documents"}


def test_another_process_builds_the_same_bytes(folder: Path, crawls: list[Crawl], tmp_path: Path) -> None:
    code = "import sys, pathlib; from include.sample.build import build_sample; build_sample(pathlib.Path(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=PROJECT, check=True)
    names = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    assert names == sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file())
    assert [name for name in names if (folder / name).read_bytes() != (tmp_path / name).read_bytes()] == []


def test_a_finished_sample_is_left_alone_and_a_damaged_one_is_mended(folder: Path, crawls: list[Crawl]) -> None:
    first, second = listed(folder, crawls[0].id)[:2]
    whole, untouched = second.read_bytes(), first.stat().st_mtime_ns
    assert build_sample(folder) == crawls
    assert first.stat().st_mtime_ns == untouched
    second.write_bytes(whole[:1000])
    build_sample(folder)
    assert second.read_bytes() == whole


def test_the_layout_is_common_crawls(folder: Path, crawls: list[Crawl]) -> None:
    assert [crawl.id for crawl in crawls] == ["SAMPLE-2026-01", "SAMPLE-2026-02", "SAMPLE-2026-03"]
    for crawl in crawls:
        assert crawl.source == str(folder.resolve())
        files = listed(folder, crawl.id)
        assert len(files) == FILES
        on_disk = set((folder / "crawl-data" / crawl.id).rglob("*.warc.gz"))
        assert set(files) == on_disk
        for file in files:
            name = file.relative_to(folder).parts
            assert (name[:3], name[4]) == (("crawl-data", crawl.id, "segments"), "warc")
            assert name[5].startswith(f"{crawl.id}-")


def test_each_record_is_a_gzip_member_with_its_digests_and_its_kin(folder: Path, crawls: list[Crawl]) -> None:
    file = listed(folder, crawls[0].id)[0]
    content = file.read_bytes()
    kinds, request = [], None
    for record in ArchiveIterator(str(file), parse_http=False):
        assert content[record.stream_pos : record.stream_pos + 3] == b"\x1f\x8b\x08"
        kinds.append(record.record_type)
        assert record.verify_block_digest(consume=False)
        if record.record_type == WarcRecordType.request:
            request = record.headers["WARC-Record-ID"]
        if record.record_type == WarcRecordType.response:
            assert record.headers["WARC-Concurrent-To"] == request
            assert crawls[0].start.isoformat() <= record.headers["WARC-Date"][:10] <= crawls[0].end.isoformat()
            record.parse_http()
            assert record.verify_payload_digest()
            assert record.http_headers["Content-Length"] == str(record.content_length)
    page = [WarcRecordType.request, WarcRecordType.response, WarcRecordType.metadata]
    assert kinds == [WarcRecordType.warcinfo] + page * (len(kinds) // 3)
    assert len(kinds) > 250


def test_every_case_is_planted_and_the_broken_file_only_twice(manifest: list[Row]) -> None:
    cases = Counter(entry["case"] for entry in manifest)
    assert cases.pop("truncated") == 2
    assert set(cases.values()) == {3}
    assert set(cases) == {
        *("original", "exact_duplicate", "near_duplicate", "near_duplicate_across_dumps", "french", "german"),
        *("spanish", "repeated_lines", "keyword_stuffing", "boilerplate_only", "contacts", "opt_out_meta"),
        *("opt_out_header", "addresses_a_model", "contaminated", "not_found", "pdf", "broken_html", "windows_1252"),
    }


@pytest.mark.parametrize("crawl", ["SAMPLE-2026-01", "SAMPLE-2026-02", "SAMPLE-2026-03"])
def test_every_planted_page_ends_where_the_manifest_says(
    crawl: str, manifest: list[Row], ingested: dict[str, tuple[StageReport, list[Row]]]
) -> None:
    ended = {row["url"]: (row["status"], row["reason"]) for row in ingested[crawl][1]}
    planted = [entry for entry in manifest if entry["crawl"] == crawl]
    wrong = {
        entry["case"]: ended.get(entry["url"])
        for entry in planted
        if ended.get(entry["url"]) != (entry["outcome"], entry["reason"])
    }
    assert wrong == {}


@pytest.mark.parametrize("crawl", ["SAMPLE-2026-01", "SAMPLE-2026-02", "SAMPLE-2026-03"])
def test_ordinary_pages_survive(
    crawl: str, manifest: list[Row], ingested: dict[str, tuple[StageReport, list[Row]]]
) -> None:
    planted = {entry["url"] for entry in manifest}
    ordinary = [row for row in ingested[crawl][1] if row["url"] not in planted]
    lost = {row["url"]: (row["reason"], row["detail"]) for row in ordinary if row["status"] != "documents"}
    assert len(ordinary) > 370
    # Documentation of programs says the same again and again: Gopher's rules for repetition take one in fifteen.
    assert len(lost) <= 0.08 * len(ordinary), lost
    assert len({row["host"] for row in ordinary}) >= 30


def test_a_third_of_the_pages_returns_unchanged(ingested: dict[str, tuple[StageReport, list[Row]]]) -> None:
    dumps = [main_texts(rows) for _, rows in ingested.values()]
    for earlier, later in pairwise(dumps):
        unchanged = [url for url in later if earlier.get(url) == later[url]]
        assert 0.9 * RETURNING <= len(unchanged) <= RETURNING + 20


def test_the_changing_page_is_another_text_in_each_dump(
    manifest: list[Row], ingested: dict[str, tuple[StageReport, list[Row]]]
) -> None:
    (url,) = {entry["url"] for entry in manifest if entry["case"] == "near_duplicate_across_dumps"}
    assert len({main_texts(rows)[url] for _, rows in ingested.values()}) == 3


def test_charsets_contacts_and_damage_come_out_right(
    manifest: list[Row], ingested: dict[str, tuple[StageReport, list[Row]]]
) -> None:
    urls = {entry["case"]: entry["url"] for entry in manifest}
    rows = {row["url"]: row for row in ingested["SAMPLE-2026-01"][1]}
    cafe = rows[urls["windows_1252"]]["text"]
    assert all(part in cafe for part in ("“blue boat”", "Zoë Lindström", "€4", "crème brûlée"))
    contacts = rows[urls["contacts"]]
    assert (contacts["emails"], contacts["phones"]) == (2, 2)
    assert "@" not in contacts["text"]
    assert "+44" not in contacts["text"]
    assert "a gate that is meant to be closed" in rows[urls["broken_html"]]["text"]


def test_the_planted_phone_numbers_are_fictitious_but_valid() -> None:
    text = (PROJECT / "include/sample/planted.yaml").read_text()
    numbers = [match.number for match in phonenumbers.PhoneNumberMatcher(text, None)]
    assert [number.country_code for number in numbers] == [44, 44]
    assert all(str(number.national_number).startswith("2079460") for number in numbers)  # Ofcom's numbers for drama


def test_texts_are_prose_and_no_two_share_a_paragraph() -> None:
    texts = find_texts()
    paragraphs = [block for text in texts for kind, block in text.blocks if kind != "h2" and len(block) > 60]
    assert max(Counter(paragraphs).values()) == 1
    assert not [block for block in paragraphs if ">>>" in block or "::=" in block]
    assert all(80 <= text.words <= 400 for text in texts)


def test_articles_have_their_length_and_benchmark_questions_theirs() -> None:
    import yaml

    articles = yaml.safe_load((PROJECT / "include/sample/articles.yaml").read_text())
    assert len(articles) == 30
    assert all(120 <= len(article["text"].split()) <= 250 for article in articles)
    questions = [json.loads(line)["text"] for line in (PROJECT / "include/sample/benchmark.jsonl").open()]
    assert len(questions) == 12
    assert all(len(question.split()) >= 25 for question in questions)


def test_a_python_without_its_library_is_refused_with_a_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("include.sample.prose.sysconfig.get_path", lambda name: str(tmp_path / "nothing"))
    with pytest.raises(BadInput, match=r"holds only \d+ texts for the sample dumps, \d+ are needed"):
        build_sample(tmp_path / "out")
    assert not (tmp_path / "out").exists()
