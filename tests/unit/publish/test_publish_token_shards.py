"""The corpus as token ids: Megatron-Core's format, read back by its description alone."""

import signal
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from small_dumps import let_pass, shares
from tokenizers import Tokenizer

from include.errors import BadInput
from include.lake import Lake
from include.publish.indexed_dataset import IndexedWriter, smallest_dtype
from include.publish.mix import build_corpus
from include.publish.token_shards import export_tokens, load_vocabulary

CRAWL = "SAMPLE-2026-01"


def read(prefix: Path) -> list[np.ndarray]:
    """The documents of an indexed dataset."""
    index = Path(f"{prefix}.idx").read_bytes()
    assert index[:9] == b"MMIDIDX\x00\x00"
    version, code, sequences, boundaries = struct.unpack_from("<QBQQ", index, 9)
    assert version == 1
    dtype = {4: "<i4", 8: "<u2"}[code]
    lengths = np.frombuffer(index, "<i4", sequences, offset=34)
    places = np.frombuffer(index, "<i8", sequences, offset=34 + lengths.nbytes)
    documents = np.frombuffer(index, "<i8", boundaries, offset=34 + lengths.nbytes + places.nbytes)
    assert len(index) == 34 + lengths.nbytes + places.nbytes + documents.nbytes
    assert documents.tolist() == list(range(sequences + 1))
    data = Path(f"{prefix}.bin").read_bytes()
    ids = [np.frombuffer(data, dtype, n, offset=at) for n, at in zip(lengths, places, strict=True)]
    assert sum(part.nbytes for part in ids) == len(data)
    return ids


@pytest.fixture
def corpus(lake: Lake, make_dump: Callable) -> Lake:
    """A lake with a corpus in several shards."""
    make_dump()
    build_corpus(lake, CRAWL, shares(shard_bytes=20_000))
    let_pass(lake, CRAWL)
    return lake


def files_in(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_every_text_comes_back_from_its_ids(corpus: Lake, tokenizer_folder: Path, tmp_path: Path) -> None:
    content = export_tokens(corpus, CRAWL, "mix", load_vocabulary(tokenizer_folder, None), tmp_path)
    tokenizer = Tokenizer.from_file(str(tokenizer_folder / "tokenizer.json"))
    parts = corpus.files("mix", CRAWL)
    assert len(parts) == len(content["shards"]) > 2
    for part, (name, shard) in zip(parts, content["shards"].items(), strict=True):
        documents = read(tmp_path / name)
        texts = pq.read_table(part)["text"].to_pylist()
        assert [tokenizer.decode(ids[:-1]) for ids in documents] == texts
        assert {int(ids[-1]) for ids in documents} == {content["end_id"]}
        assert (shard["documents"], shard["tokens"]) == (len(texts), sum(map(len, documents)))
    assert content["dtype"] == "uint16"


def test_the_same_corpus_gives_the_same_bytes(corpus: Lake, tokenizer_folder: Path, tmp_path: Path) -> None:
    vocabulary = load_vocabulary(tokenizer_folder, None)
    for name in ("one", "two"):
        export_tokens(corpus, CRAWL, "mix", vocabulary, tmp_path / name)
    assert files_in(tmp_path / "one") == files_in(tmp_path / "two")


def test_a_killed_export_goes_on_where_it_stopped(corpus: Lake, tokenizer_folder: Path, tmp_path: Path) -> None:
    """SIGKILL in the middle of the second shard."""
    script = (
        "import os, signal, sys; from pathlib import Path; from include.lake import Lake\n"
        "from include.publish import indexed_dataset, token_shards\n"
        "add, seen = indexed_dataset.IndexedWriter.add, []\n"
        "def dying(writer, ids):\n"
        "    add(writer, ids)\n"
        "    seen.append(writer)\n"
        "    if len({id(one) for one in seen}) == 2 and writer.documents == 3: os.kill(os.getpid(), signal.SIGKILL)\n"
        "indexed_dataset.IndexedWriter.add = dying\n"
        "vocabulary = token_shards.load_vocabulary(Path(sys.argv[2]), None)\n"
        f"token_shards.export_tokens(Lake(Path(sys.argv[1])), {CRAWL!r}, 'mix', vocabulary, Path(sys.argv[3]))\n"
    )
    out = tmp_path / "killed"
    command = [sys.executable, "-c", script, str(corpus.root), str(tokenizer_folder), str(out)]
    assert subprocess.run(command).returncode == -signal.SIGKILL
    [first] = out.glob("mix-00000-of-*.bin")
    assert not list(out.glob("mix-00001-of-*.bin"))
    made = first.stat().st_mtime_ns
    vocabulary = load_vocabulary(tokenizer_folder, None)
    export_tokens(corpus, CRAWL, "mix", vocabulary, out)
    assert first.stat().st_mtime_ns == made
    export_tokens(corpus, CRAWL, "mix", vocabulary, tmp_path / "whole")
    assert files_in(out) == files_in(tmp_path / "whole")


def test_another_corpus_replaces_the_files_of_the_old_one(corpus: Lake, tokenizer_folder: Path, tmp_path: Path) -> None:
    vocabulary = load_vocabulary(tokenizer_folder, None)
    export_tokens(corpus, CRAWL, "mix", vocabulary, tmp_path)
    export_tokens(corpus, CRAWL, "heldout", vocabulary, tmp_path)
    build_corpus(corpus, CRAWL, shares(seed=5))
    let_pass(corpus, CRAWL)
    content = export_tokens(corpus, CRAWL, "mix", vocabulary, tmp_path)
    assert list(content["shards"]) == ["mix-00000-of-00001"]
    assert {file.name for file in tmp_path.glob("mix-*")} == {
        "mix-00000-of-00001.bin",
        "mix-00000-of-00001.idx",
        "mix-tokens.json",
    }
    assert list(tmp_path.glob("heldout-*.bin"))


def test_large_vocabularies_take_32_bits(tmp_path: Path) -> None:
    assert (smallest_dtype(65_499), smallest_dtype(65_500)) == (np.uint16, np.int32)
    with IndexedWriter(tmp_path / "x", np.int32) as writer:
        writer.add([70_000, 1])
        writer.add([2])
    assert [ids.tolist() for ids in read(tmp_path / "x")] == [[70_000, 1], [2]]


def test_what_cannot_be_exported_says_what_to_do(corpus: Lake, tokenizer_folder: Path, tmp_path: Path) -> None:
    vocabulary = load_vocabulary(tokenizer_folder, None)
    with pytest.raises(BadInput, match=r"no table 'mixed'.*heldout, mix, real"):
        export_tokens(corpus, CRAWL, "mixed", vocabulary, tmp_path)
    with pytest.raises(BadInput, match=r"has no token '</s>'.*--end TOKEN"):
        load_vocabulary(tokenizer_folder, "</s>")
    bare = tmp_path / "tokenizer.json"
    bare.write_bytes((tokenizer_folder / "tokenizer.json").read_bytes())
    with pytest.raises(BadInput, match=r"which token ends a document.*--end"):
        load_vocabulary(bare, None)
    assert load_vocabulary(bare, "<|endoftext|>").end_id == vocabulary.end_id
