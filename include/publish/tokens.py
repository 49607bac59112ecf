"""Counts the tokens of a dump's texts once: what was counted before comes from the lake, by the texts' hash."""

import hashlib
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from include.errors import BadInput
from include.lake import Lake
from include.rephrase.params import RephraseParams
from include.rephrase.teacher import Teacher, find_teacher, prepare_teacher
from include.settings import Settings

if TYPE_CHECKING:
    import duckdb
    from tokenizers import Tokenizer

log = logging.getLogger("rewrap.corpus")

LAYER = "token_counts"
COUNTED = pa.schema([("text_hash", pa.string()), ("tokens", pa.int32())])
"""``text_hash`` is MD5 of the UTF-8 text, in hex."""
BYTES_PER_TOKEN = 4
"""About what the byte-level BPE of today's models needs for English; used where no tokenizer is at hand."""
SAVE_EVERY = 300.0
"""Seconds of counting that a killed build may have to repeat."""
ESTIMATE = f"1 per {BYTES_PER_TOKEN} bytes of UTF-8, rounded up"


@dataclass(frozen=True)
class TokenCounter:
    """Counts by a tokenizer, without special tokens; on all cores."""

    name: str
    """Of the tokenizer, with a digest of its file: two that count alike on every machine have the same name."""
    count: Callable[[list[str]], list[int]]


def load_tokenizer(file: Path) -> "Tokenizer":
    """A tokenizer that takes any text as plain text, whatever its ``tokenizer.json`` was made for.

    Raises:
        BadInput: the file is not there or no tokenizer.
    """
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(file))
    except Exception as error:  # the library raises nothing narrower
        raise BadInput(f"{file} is no tokenizer of the tokenizers library: {error}. Name a tokenizer.json.") from None
    tokenizer.no_truncation()
    tokenizer.no_padding()
    # A page that spells a special token out is text like any other.
    tokenizer.encode_special_tokens = True
    return tokenizer


def token_counter(name: str, file: Path) -> TokenCounter:
    """Counts by ``tokenizer.json``; ``name`` is for people."""
    tokenizer = load_tokenizer(file)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()[:16]

    def count(texts: list[str]) -> list[int]:
        return [len(encoding) for encoding in tokenizer.encode_batch_fast(texts, add_special_tokens=False)]

    return TokenCounter(f"{name} (tokenizer {digest})", count)


def teacher_at_hand(settings: Settings, params: RephraseParams) -> Teacher | None:
    """The teacher of the parameters, if its tokenizer is on this machine."""
    teacher = find_teacher(settings, params.teacher, params.teacher_revision)
    if teacher is None and params.engine_for(params.teacher).kind == "endpoint":
        with suppress(BadInput):
            teacher = prepare_teacher(settings, params.teacher, params.teacher_revision, weights=False)
    return teacher


def teacher_counter(settings: Settings, params: RephraseParams) -> TokenCounter | None:
    """Counts by the teacher's tokenizer; None, and a warning, if it is not on this machine."""
    teacher = teacher_at_hand(settings, params)
    if teacher is None:
        log.warning("the tokenizer of %s is not on this machine: tokens are estimated, %s", params.teacher, ESTIMATE)
        return None
    return token_counter(teacher.name, teacher.path / "tokenizer.json")


def count_texts(
    db: "duckdb.DuckDBPyConnection", lake: Lake, crawl: str, counter: TokenCounter, layers: Sequence[str]
) -> None:
    """Make the table ``counted(text_hash, tokens)`` for the texts of ``layers``, and keep it in the lake for next time.

    Each layer has a table of its name with ``text_hash`` and ``position``, which numbers the rows of all layers on end.
    """
    every = " UNION ALL ".join(f"SELECT position, text_hash FROM {layer}" for layer in layers)
    db.execute("CREATE TABLE counted (text_hash VARCHAR, tokens INTEGER)")
    if known := lake.manifest(LAYER, crawl) if lake.is_current(counter.name, LAYER, crawl) else None:
        files = [str(file) for file in lake.files(LAYER, crawl)]
        # What no text has any more is forgotten: a page that was taken down leaves nothing here.
        query = f"SELECT text_hash, tokens FROM read_parquet($files) SEMI JOIN ({every}) USING (text_hash)"
        db.execute(f"INSERT INTO counted {query}", {"files": files})
    db.execute(
        f"CREATE TABLE uncounted AS SELECT min(position) AS position, text_hash FROM ({every}) "
        "ANTI JOIN counted USING (text_hash) GROUP BY text_hash ORDER BY position"
    )
    [(left, kept)] = db.sql("SELECT (SELECT count(*) FROM uncounted), (SELECT count(*) FROM counted)").fetchall()
    if left:
        log.info("%s: %d texts are to be counted by %s, %d were before", crawl, left, counter.name, kept)
        _count(db, lake, crawl, counter, layers)
    if left or known is None or known.rows != kept:
        _keep(db, lake, crawl, counter)
    db.execute("DROP TABLE uncounted")


def _count(
    db: "duckdb.DuckDBPyConnection", lake: Lake, crawl: str, counter: TokenCounter, layers: Sequence[str]
) -> None:
    first, saved = 0, time.monotonic()
    for layer in layers:
        for rows in lake.row_groups(layer, crawl, ["text"]):
            last = first + rows.num_rows - 1
            new = db.sql(f"FROM uncounted WHERE position BETWEEN {first} AND {last}").to_arrow_table()
            if new.num_rows:
                texts = rows["text"].combine_chunks().take(pc.subtract(new["position"], first).combine_chunks())
                tokens = pa.array(counter.count(texts.to_pylist()), pa.int32())
                db.register("fresh", new.select(["text_hash"]).append_column("tokens", tokens))
                db.execute("INSERT INTO counted FROM fresh")
                db.unregister("fresh")
            first = last + 1
            if time.monotonic() - saved > SAVE_EVERY:
                _keep(db, lake, crawl, counter)
                log.info("%s: the texts of %d rows are counted", crawl, first)
                saved = time.monotonic()


def _keep(db: "duckdb.DuckDBPyConnection", lake: Lake, crawl: str, counter: TokenCounter) -> None:
    query = "SELECT text_hash, tokens FROM counted ORDER BY text_hash"
    lake.write_query(db, query, COUNTED, layer=LAYER, crawl=crawl, fingerprint=counter.name)
