"""Documents for the benchmarks of rephrasing: real pages where a folder of them is named, else the sample dump's."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa

from bench import gold
from include import stages
from include.lake import Lake, fingerprint
from include.params import load_params
from include.sample.build import build_sample
from include.schemas import DOCUMENT
from include.settings import PROJECT, Settings

CRAWL = "BENCH-1"
CHARACTERS = 1100
"""Of each document, as in the trial that the goal for the placement comes from."""


def load_texts(pages: Path | None, characters: int = CHARACTERS) -> list[str]:
    """Texts of so many characters, cut at a word: gold texts of ``html_gold``, or what ingest makes of the sample."""
    whole = [page.text for page in gold.load(pages)] if pages else _sample_texts()
    cut = [text[: text.rfind(" ", 0, characters)] for text in whole if len(text) >= characters]
    return list(dict.fromkeys(cut))


def write_documents(lake: Lake, texts: list[str]) -> None:
    rows = [
        dict.fromkeys(DOCUMENT.names)
        | {
            "doc_id": f"{number:032x}",
            "crawl": CRAWL,
            "url": f"https://site{number}.example/",
            "host": f"site{number}.example",
            "language": "en",
            "text": text,
            "content_hash": fingerprint(text),
            "words": len(text.split()),
        }
        for number, text in enumerate(texts)
    ]
    table = pa.Table.from_pylist(rows, schema=DOCUMENT)
    lake.write(table, layer="documents", crawl=CRAWL, fingerprint=fingerprint(texts))


def _sample_texts() -> list[str]:
    texts: list[str] = []
    with TemporaryDirectory() as scratch:
        settings = Settings.from_environment({"REWRAP_HOME": scratch})
        files = (PROJECT / "params.yaml", PROJECT / "include/sample/params.yaml")
        work = stages.Workspace(settings, load_params(files), {})
        for crawl in build_sample(Path(scratch, "sample")):
            for batch in stages.plan_ingest(work, crawl.id, crawl.source):
                stages.extract_pages(work, crawl.id, batch)
            for bands in stages.plan_bands(work, crawl.id):
                stages.find_near_duplicates(work, crawl.id, bands)
            stages.assemble_documents(work, crawl.id)
            texts += work.lake.read("documents", crawl.id, columns=["text"]).column("text").to_pylist()
    return texts
