"""Reads benchmark files: JSONL or Parquet with a text per item, or plain text with an item per line."""

import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from include import settings
from include.errors import BadInput
from include.ingest.ngrams import fold_words


@dataclass(frozen=True)
class Item:
    benchmark: str
    """Name of its file."""
    number: int
    """Its line, or its row in a Parquet file; from 1."""
    words: str
    """Folded, with one space between two."""
    count: int


def read_items(files: list[Path], min_words: int) -> tuple[list[Item], str]:
    """All items, and a hash of the files' bytes; relative paths start at the project's folder.

    Raises:
        BadInput: a file is missing, is not of its kind, or has no item of at least ``min_words`` words.
    """
    digest = hashlib.sha256()
    items: list[Item] = []
    for file in files:
        path = settings.PROJECT / file
        try:
            content = path.read_bytes()
        except OSError as error:
            reason = error.strerror or error
            raise BadInput(f"Benchmark file {path} cannot be read ({reason}). Mend ingest.benchmarks.") from None
        found = [_item(path.name, number, text) for number, text in _texts(path, content)]
        if all(item.count < min_words for item in found):
            raise BadInput(
                f"Benchmark file {path} has no item of {min_words} words, so nothing could ever match it. "
                "Lower ingest.contamination_words or ingest.contamination_overlap_words, or remove the file from "
                "ingest.benchmarks."
            )
        items += found
        digest.update(hashlib.sha256(content).digest())
    return items, digest.hexdigest()


def _item(benchmark: str, number: int, text: str) -> Item:
    words = fold_words(text)
    return Item(benchmark, number, " ".join(words), len(words))


def _texts(path: Path, content: bytes) -> Iterator[tuple[int, str]]:
    """Number and text of each item of a file."""
    try:
        if path.suffix == ".parquet":
            column = pq.read_table(io.BytesIO(content), columns=["text"])["text"].cast(pa.large_string())
            yield from ((number, text or "") for number, text in enumerate(column.to_pylist(), 1))
            return
        for number, line in enumerate(content.decode("utf-8-sig").split("\n"), 1):
            if line.strip():
                yield number, line if path.suffix == ".txt" else _text_of(line)
    except (ValueError, KeyError, TypeError, pa.ArrowException) as error:
        raise BadInput(
            f"Benchmark file {path} is not JSONL with a text per line ({error!r}). A line looks like "
            '{"text": "..."}; files named .parquet need a column "text", and in files named .txt each line is an item.'
        ) from None


def _text_of(line: str) -> str:
    text = json.loads(line)["text"]
    if not isinstance(text, str):
        raise TypeError(f"text is {text!r}")
    return text
