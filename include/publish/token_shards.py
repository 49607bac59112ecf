"""Writes a table of a corpus as token ids in the form that trainers read: Megatron-Core's indexed dataset.

``<table>-00000-of-00003.bin`` holds the ids of one shard, documents one after the other, each closed by the end token;
``.idx`` beside it says where each begins (:mod:`include.publish.indexed_dataset`). ``<table>-tokens.json`` lists the
finished shards and what they were made of: an export that was killed goes on behind the last of them, and equal
corpora and tokenizers give equal bytes.
"""

import hashlib
import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.parquet as pq

from include.errors import BadInput
from include.lake import DataFile, Lake, write_atomically
from include.publish.export import finished_corpus
from include.publish.gather import TABLES
from include.publish.indexed_dataset import IndexedWriter, smallest_dtype
from include.publish.tokens import load_tokenizer

if TYPE_CHECKING:
    from tokenizers import Tokenizer

log = logging.getLogger("rewrap.export")


@dataclass(frozen=True)
class Vocabulary:
    """A tokenizer, and the token that ends a document."""

    tokenizer: "Tokenizer"
    digest: str
    """SHA-256 of its file."""
    end: str
    end_id: int

    @property
    def dtype(self) -> type[np.generic]:
        return smallest_dtype(self.tokenizer.get_vocab_size(with_added_tokens=True))


def load_vocabulary(path: Path, end: str | None) -> Vocabulary:
    """Read ``tokenizer.json``, or a folder with one; without ``end``, ``tokenizer_config.json`` beside it names the
    token.

    Raises:
        BadInput: there is no such file, or no such token.
    """
    file = path / "tokenizer.json" if path.is_dir() else path
    tokenizer = load_tokenizer(file)
    if end is None:
        config = file.with_name("tokenizer_config.json")
        named = json.loads(config.read_bytes()).get("eos_token") if config.exists() else None
        end = named["content"] if isinstance(named, dict) else named
    if end is None:
        raise BadInput(f"Nothing beside {file} says which token ends a document. Name it: --end '<|endoftext|>'.")
    end_id = tokenizer.token_to_id(end)
    if end_id is None:
        raise BadInput(f"{file} has no token {end!r} to end documents with. Name one that it has: --end TOKEN.")
    return Vocabulary(tokenizer, hashlib.sha256(file.read_bytes()).hexdigest(), end, end_id)


def export_tokens(lake: Lake, crawl: str, table: str, vocabulary: Vocabulary, out: Path) -> dict[str, Any]:
    """Write the shards of ``table`` into the folder ``out``; returns what ``<table>-tokens.json`` says then.

    Raises:
        BadInput: there is no such table, or no finished corpus.
    """
    if table not in TABLES:
        raise BadInput(f"A corpus has no table {table!r}. Export one of {', '.join(sorted(TABLES))}.")
    finished_corpus(lake, crawl)
    files = lake.finished(table, crawl).files
    out.mkdir(parents=True, exist_ok=True)
    listing = out / f"{table}-tokens.json"
    made_by = {
        "crawl": crawl,
        "table": table,
        "tokenizer_sha256": vocabulary.digest,
        "end": vocabulary.end,
        "end_id": vocabulary.end_id,
        "dtype": np.dtype(vocabulary.dtype).name,
    }
    before = json.loads(listing.read_bytes()) if listing.exists() else {}
    known = before.pop("shards", {})
    known = known if before == made_by else {}
    shards: dict[str, dict[str, Any]] = {}
    for number, file in enumerate(files):
        name = f"{table}-{number:05d}-of-{len(files):05d}"
        done = known.get(name)
        if done is None or done["parquet_sha256"] != file.sha256 or not _is_there(out, name, done):
            done = _write_shard(lake.path(table, crawl), file, out / name, vocabulary)
            log.info("%s: %d documents, %d tokens", name, done["documents"], done["tokens"])
        shards[name] = done
        # What is still to be checked stays listed until its turn comes.
        content = {**made_by, "shards": known | shards}
        write_atomically(listing, json.dumps(content, indent=1).encode())
    content = {**made_by, "shards": shards}
    write_atomically(listing, json.dumps(content, indent=1).encode())
    killed = list(out.glob(f".{table}-*.tmp"))
    for stale in [*killed, *(file for file in out.glob(f"{table}-*-of-*.*") if file.stem not in shards)]:
        stale.unlink()
    return content


def _is_there(out: Path, name: str, done: dict[str, Any]) -> bool:
    binary, index = out / f"{name}.bin", out / f"{name}.idx"
    return binary.exists() and index.exists() and binary.stat().st_size == done["bytes"]


def _write_shard(folder: Path, file: DataFile, prefix: Path, vocabulary: Vocabulary) -> dict[str, Any]:
    with IndexedWriter(prefix, vocabulary.dtype) as writer, pq.ParquetFile(folder / file.name) as parquet:
        for group in range(parquet.num_row_groups):
            texts = parquet.read_row_group(group, ["text"])["text"].to_pylist()
            for encoding in vocabulary.tokenizer.encode_batch_fast(texts, add_special_tokens=False):
                writer.add([*encoding.ids, vocabulary.end_id])
    return {
        "documents": writer.documents,
        "tokens": writer.tokens,
        "bytes": prefix.with_suffix(".bin").stat().st_size,
        "parquet_sha256": file.sha256,
    }
