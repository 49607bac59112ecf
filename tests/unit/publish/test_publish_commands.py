"""The commands 'corpus' and 'export', as they are typed."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from include.cli import app
from include.crawls import Crawl, add_crawl
from include.errors import BadInput
from include.lake import Lake
from include.publish.mix import build_corpus
from include.publish.mix_params import MixParams
from include.settings import settings
from include.validate.corpus_gate import run_corpus_gate
from include.validate.corpus_params import CorpusGateParams
from include.validate.drift_params import DriftParams

CRAWL = "SAMPLE-2026-01"


@pytest.fixture
def run(lake: Lake, make_dump: Callable, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Result]]:
    """Runs a command over a home with a dump that has passed the gate."""
    make_dump()
    monkeypatch.setenv("REWRAP_HOME", str(lake.root.parent))
    settings.cache_clear()
    yield lambda command, *options: CliRunner().invoke(app, [command, "--crawl", CRAWL, *options])
    settings.cache_clear()


def test_a_ready_mix_is_chosen_by_name_and_told_by_source(run: Callable[..., Result], lake: Lake) -> None:
    done = run("corpus", "--set", "mix.use=beyondweb")
    assert done.exit_code == 0, done.output
    report = json.loads((lake.path("reports", CRAWL) / "corpus.json").read_bytes())["detail"]
    assert f"mix beyondweb: {report['tokens']['mix']} tokens" in done.output
    assert f"bounded by {report['bounded_by']}" in done.output
    assert f"synthetic: {report['sources']['synthetic']['share']:.1%} (wanted 40.0%)" in done.output
    assert "1 per 4 bytes" in done.output, "no teacher is in this home"


def test_the_corpus_is_held_beside_earlier_dumps_and_warnings_are_told(
    run: Callable[..., Result], lake: Lake, make_dump: Callable
) -> None:
    earlier, drift = "SAMPLE-2025-12", DriftParams(min_rows=20)
    for crawl, day in ((earlier, date(2025, 12, 1)), (CRAWL, date(2026, 1, 1))):
        add_crawl(lake.root.parent / "crawls.yaml", Crawl(day, crawl, day, "/nowhere"))
    make_dump(crawl=earlier, documents=180, rephrased=180)
    build_corpus(lake, earlier, MixParams())
    run_corpus_gate(lake, earlier, [], CorpusGateParams(drift=drift))
    done = run("corpus", "--set", "corpus_gate.drift.min_rows=20")
    assert done.exit_code == 0, done.output
    [warning] = [line for line in done.output.splitlines() if line.startswith("warning: ")]
    assert warning.startswith("warning: volume_ratio: observed 0.3")
    assert "allowed 0.5 to 2.0 (corpus_gate.drift.min_volume_ratio" in warning


def test_an_unknown_mix_is_refused_with_the_known_ones(run: Callable[..., Result], lake: Lake) -> None:
    refused = run("corpus", "--set", "mix.use=half")
    assert isinstance(refused.exception, BadInput)
    assert "no mix half; known: beyondweb, finephrase" in str(refused.exception)
    assert lake.manifest("mix", CRAWL) is None


def test_the_corpus_is_exported_as_token_ids(
    run: Callable[..., Result], lake: Lake, tokenizer_folder: Path, tmp_path: Path
) -> None:
    run("corpus")
    done = run("export", "--out", str(tmp_path / "tokens"), "--tokenizer", str(tokenizer_folder))
    assert done.exit_code == 0, done.output
    listed = json.loads((tmp_path / "tokens/mix-tokens.json").read_text())
    [(name, shard)] = listed["shards"].items()
    assert f"{name}.bin, .idx: {lake.finished('mix', CRAWL).rows} documents, {shard['tokens']} tokens" in done.output


def test_an_export_without_any_tokenizer_says_how_to_name_one(run: Callable[..., Result], tmp_path: Path) -> None:
    run("corpus")
    refused = run("export", "--out", str(tmp_path / "tokens"))
    assert isinstance(refused.exception, BadInput)
    assert "--tokenizer FOLDER" in str(refused.exception)
