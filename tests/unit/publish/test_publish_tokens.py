"""Tokens of a corpus: counted once per text, by the tokenizer that the report names."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from small_dumps import shares
from tokenizers import Tokenizer

from include.errors import BadInput
from include.lake import Lake
from include.publish.mix import build_corpus
from include.publish.tokens import ESTIMATE, TokenCounter, teacher_counter, token_counter
from include.rephrase.params import RephraseParams
from include.settings import Settings

CRAWL = "SAMPLE-2026-01"


class Noting:
    """A counter that keeps what it was asked for."""

    def __init__(self, folder: Path) -> None:
        real = token_counter("small", folder / "tokenizer.json")
        self.texts: list[str] = []

        def count(texts: list[str]) -> list[int]:
            self.texts += texts
            return real.count(texts)

        self.counter = TokenCounter(real.name, count)


def test_tokens_are_the_tokenizers_own(lake: Lake, make_dump: Callable, tokenizer_folder: Path) -> None:
    make_dump()
    report = build_corpus(lake, CRAWL, shares(), token_counter("small", tokenizer_folder / "tokenizer.json"))
    tokenizer = Tokenizer.from_file(str(tokenizer_folder / "tokenizer.json"))
    tokenizer.no_truncation()
    for layer in ("mix", "real", "heldout"):
        rows = lake.read(layer, CRAWL).to_pylist()
        assert [row["tokens"] for row in rows] == [len(tokenizer.encode(row["text"]).ids) for row in rows]
        assert report.detail["tokens"][layer] == sum(row["tokens"] for row in rows)
    assert report.detail["tokens_by"].startswith("small (tokenizer ")


def test_a_second_mix_counts_nothing_again(lake: Lake, make_dump: Callable, tokenizer_folder: Path) -> None:
    make_dump()
    first, second = Noting(tokenizer_folder), Noting(tokenizer_folder)
    build_corpus(lake, CRAWL, shares(), first.counter)
    assert len(first.texts) == len(set(first.texts)) > 0
    build_corpus(lake, CRAWL, shares(0.7, seed=3), second.counter)
    assert second.texts == []


def test_only_new_texts_are_counted_and_old_ones_forgotten(
    lake: Lake, make_dump: Callable, tokenizer_folder: Path
) -> None:
    make_dump(rephrased=10)
    build_corpus(lake, CRAWL, shares(), Noting(tokenizer_folder).counter)
    make_dump(rephrased=20)
    more = Noting(tokenizer_folder)
    build_corpus(lake, CRAWL, shares(), more.counter)
    assert len(more.texts) == 20
    make_dump(rephrased=10)
    build_corpus(lake, CRAWL, shares(), Noting(tokenizer_folder).counter)
    assert lake.finished("token_counts", CRAWL).rows == 60 + 20


def test_a_build_that_dies_while_counting_keeps_what_it_counted(
    lake: Lake, make_dump: Callable, tokenizer_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_dump()
    monkeypatch.setattr("include.publish.tokens.SAVE_EVERY", 0.0)
    real = Noting(tokenizer_folder)

    def dying(texts: list[str]) -> list[int]:
        if real.texts:
            raise KeyboardInterrupt
        return real.counter.count(texts)

    with pytest.raises(KeyboardInterrupt):
        build_corpus(lake, CRAWL, shares(), replace(real.counter, count=dying))
    rest = Noting(tokenizer_folder)
    build_corpus(lake, CRAWL, shares(), rest.counter)
    assert len(real.texts) == 60, "the documents, which come first"
    assert rest.texts
    assert not set(rest.texts) & set(real.texts)


def test_another_tokenizer_counts_anew_and_makes_another_corpus(
    lake: Lake, make_dump: Callable, tokenizer_folder: Path
) -> None:
    make_dump()
    one = Noting(tokenizer_folder)
    first = build_corpus(lake, CRAWL, shares(), one.counter)
    other = Noting(tokenizer_folder)
    second = build_corpus(lake, CRAWL, shares(), replace(other.counter, name="other"))
    assert sorted(other.texts) == sorted(one.texts)
    assert first.detail["fingerprint"] != second.detail["fingerprint"]


def test_without_a_tokenizer_the_estimate_is_named(lake: Lake, make_dump: Callable, tmp_path: Path) -> None:
    make_dump()
    nowhere = Settings.from_environment({"REWRAP_HOME": str(tmp_path / "empty")})
    assert teacher_counter(nowhere, RephraseParams()) is None
    report = build_corpus(lake, CRAWL, shares(), None)
    assert report.detail["tokens_by"] == ESTIMATE
    for row in lake.read("mix", CRAWL).to_pylist():
        assert row["tokens"] == -(-len(row["text"].encode()) // 4)


def test_a_special_token_in_a_page_is_text(tokenizer_folder: Path) -> None:
    counter = token_counter("small", tokenizer_folder / "tokenizer.json")
    assert counter.count(["<|endoftext|>"])[0] > 3


def test_what_is_no_tokenizer_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"nothing\.json is no tokenizer.*tokenizer\.json"):
        token_counter("x", tmp_path / "nothing.json")
