"""A dump's plan and a teacher's tokenizer, small enough for units."""

from pathlib import Path

import pytest
from documents import CRAWL, SENTENCES, STYLES, write_documents
from tokenizers import Tokenizer, models, pre_tokenizers

from include.lake import Lake
from include.params import RephraseParams
from include.rephrase.plan import plan_requests
from include.rephrase.teacher import Teacher


@pytest.fixture(scope="session")
def teacher(tmp_path_factory: pytest.TempPathFactory) -> Teacher:
    """A teacher whose tokens are words and signs: real tokenizer files, no weights."""
    folder = tmp_path_factory.mktemp("teacher")
    tokenizer = Tokenizer(models.WordLevel({"?": 0}, unk_token="?"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    return Teacher(name="words", revision="r1", license="Apache-2.0", path=folder)


@pytest.fixture
def texts() -> list[str]:
    return [" ".join(SENTENCES[n:] + SENTENCES[:n]) + f" Note {n}." for n in range(4)]


@pytest.fixture
def planned(lake: Lake, teacher: Teacher, texts: list[str]) -> Lake:
    """A lake whose dump has documents and a plan."""
    write_documents(lake, texts)
    plan_requests(lake, CRAWL, RephraseParams(recipes=STYLES), teacher, "test: its outputs may train models")
    return lake


@pytest.fixture
def project() -> Path:
    return Path(__file__).resolve().parents[3]
