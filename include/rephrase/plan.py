"""Decides what is to be generated: one chain per segment and recipe, each under the key of its first generation."""

import logging
import time
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from include.lake import Lake, fingerprint
from include.ledger import StageReport, recall_if_current, record
from include.recipes.registry import load_recipe
from include.rephrase.chain import Teaching
from include.rephrase.chat import chat_counter
from include.rephrase.fit import fit
from include.rephrase.params import RephraseParams
from include.rephrase.planner import COLUMNS, Planner
from include.rephrase.route import Router
from include.rephrase.teacher import Teacher
from include.schemas import PLANNED, REQUEST

log = logging.getLogger("rewrap.plan")

VERSION = "2"
BATCH = 64
"""Documents in memory at a time; their sentences go to the tokenizer together."""
SAY_EVERY = 60.0
"""Seconds between two lines in the log."""


def plan_requests(lake: Lake, crawl: str, params: RephraseParams, teacher: Teacher, terms: str) -> StageReport:
    """Write the table ``requests`` of a dump: documents in their order, then segments, then recipes.

    So one text's recipes follow each other and share its cached prefix. With ``max_documents`` the documents with the
    lowest content hash are taken: the same pages in the next dump, so that a sample, too, meets its own earlier
    generations. Memory does not grow with the number of documents.

    Args:
        terms: why the teacher's outputs may train a model; stands in every row.

    Raises:
        BadInput: there are no documents, no such routing or recipe, or a recipe's prompts do not fit the context.
    """
    documents = lake.finished("documents", crawl)
    router = Router(params)
    recipes = [load_recipe(recipe) for recipe in router.recipes]
    context = params.engine_for(teacher.name).max_model_len
    made_from = fingerprint(
        VERSION,
        documents.origin,
        router.decided_by(),
        [recipe.generation_fingerprint for recipe in recipes],
        [params.max_documents, params.max_segment_tokens, params.seed, context],
        [teacher.name, teacher.revision, terms],
    )
    if lake.is_current(made_from, "requests", crawl) and (report := recall_if_current(lake, crawl, "plan", made_from)):
        log.info("the plan of %s is unchanged: %d requests", crawl, report.detail["requests"])
        return report
    count_tokens = teacher.count_tokens()
    count_chat = chat_counter(teacher, count_tokens)
    fitted = [
        fit(recipe, teacher.name, context, params.max_segment_tokens, count_tokens, count_chat) for recipe in recipes
    ]
    planner = Planner(crawl, fitted, Teaching(teacher.name, teacher.revision, params.seed), terms, count_tokens)
    said = time.monotonic()
    place = {"crawl": crawl, "fingerprint": made_from}
    # The inner one is finished first: no chain is ever planned whose page nobody knows.
    with (
        lake.stream(REQUEST, layer="requests", **place) as stream,
        lake.stream(PLANNED, layer="planned", shard=made_from, **place) as planned,
    ):
        sample_ends = _last_of_sample(lake, crawl, params.max_documents)
        for batch in _documents(lake, crawl, router.columns):
            sample = batch if sample_ends is None else batch.filter(_up_to(batch, *sample_ends))
            planner.documents["beyond_max_documents"] += batch.num_rows - sample.num_rows
            rows = pa.Table.from_pylist(planner.plan(sample, router), schema=REQUEST)
            stream.write(rows)
            planned.write(_pages_of(rows, sample))
            if time.monotonic() - said > SAY_EVERY:
                said = time.monotonic()
                log.info("%d of %d documents are planned", planner.documents.total(), documents.rows)
    return record(lake, planner.report(documents.rows, stream.rows, made_from, teacher))


def _documents(lake: Lake, crawl: str, columns: list[str]) -> Iterator[pa.RecordBatch]:
    for file in lake.files("documents", crawl):
        yield from pq.ParquetFile(file).iter_batches(
            batch_size=BATCH, columns=[*COLUMNS, "url", "content_hash", *columns]
        )


def _pages_of(requests: pa.Table, documents: pa.RecordBatch) -> pa.Table:
    """Which page each chain is made from (schema PLANNED)."""
    page = pc.index_in(requests["doc_id"].combine_chunks(), value_set=documents["doc_id"])
    return pa.table([requests["generation_key"], requests["doc_id"], documents["url"].take(page)], schema=PLANNED)


def _last_of_sample(lake: Lake, crawl: str, most: int | None) -> tuple[str, str] | None:
    """Content hash and id of the last document that belongs to the ``most`` with the lowest; None takes all."""
    if most is None:
        return None
    with lake.query() as query:
        order = "SELECT content_hash, doc_id FROM read_parquet(?) ORDER BY ALL LIMIT 1 OFFSET ?"
        files = [str(file) for file in lake.files("documents", crawl)]
        found: tuple[str, str] | None = query.execute(order, [files, most - 1]).fetchone()
    return found


def _up_to(batch: pa.RecordBatch, content_hash: str, doc_id: str) -> pa.BooleanArray:
    same = pc.and_(pc.equal(batch["content_hash"], content_hash), pc.less_equal(batch["doc_id"], doc_id))
    return pc.or_(pc.less(batch["content_hash"], content_hash), same)
