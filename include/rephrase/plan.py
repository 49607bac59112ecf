"""Decides what is to be generated: one request per segment and recipe, each under its generation key."""

import json
import logging

import pyarrow as pa

from include.errors import BadInput
from include.lake import Lake, fingerprint
from include.ledger import StageReport, recall, record
from include.params import RephraseParams
from include.recipes.registry import Recipe, load_recipe
from include.rephrase.segment import Segment, segment
from include.rephrase.store import Store
from include.rephrase.teacher import Teacher
from include.schemas import REQUEST

log = logging.getLogger("rewrap.plan")

VERSION = "1"
CHAT_TOKENS = 32
"""Room for what the chat template puts around the messages."""


def plan_requests(lake: Lake, crawl: str, params: RephraseParams, teacher: Teacher) -> StageReport:
    """Write the table ``requests`` of a dump, ordered so that one document's recipes follow each other.

    With ``max_documents`` the documents with the lowest content hash are taken: the same pages in the next dump, so
    that a sample, too, meets its own earlier generations.
    """
    documents = lake.manifest("documents", crawl)
    recipes = [load_recipe(recipe) for recipe in params.recipes]
    made_from = fingerprint(
        VERSION,
        documents.files if documents else None,
        params.max_documents,
        params.max_segment_tokens,
        params.seed,
        params.engine.max_model_len,
        [recipe.fingerprint for recipe in recipes],
        [teacher.name, teacher.revision],
    )
    if lake.is_current(made_from, "requests", crawl) and (report := recall(lake, crawl, "plan")):
        log.info("the plan of %s is unchanged: %d requests", crawl, report.detail["requests"])
        return report

    columns = ["doc_id", "content_hash", "language", "text"]
    table = lake.read("documents", crawl, columns=columns).sort_by("content_hash")
    chosen = table.slice(0, params.max_documents)
    count_tokens = teacher.count_tokens()
    overhead = dict(zip(recipes, count_tokens([_frame(recipe) for recipe in recipes]), strict=True))
    rows: dict[str, list[object]] = {name: [] for name in REQUEST.names}
    segments = 0
    for document in chosen.to_pylist():
        pieces = segment(document["text"], document["language"], params.max_segment_tokens, count_tokens)
        segments += len(pieces)
        for number, piece in enumerate(pieces):
            for recipe in recipes:
                request = _request(recipe, piece, params.seed, teacher, overhead[recipe])
                _fits(request, params.engine.max_model_len)
                request |= {"doc_id": document["doc_id"], "crawl": crawl, "segment": number}
                for name in REQUEST.names:
                    rows[name].append(request[name])
    requests = pa.table(rows, schema=REQUEST)
    lake.write(requests, layer="requests", crawl=crawl, fingerprint=made_from)
    missing = Store(lake).missing(crawl)
    return record(
        lake,
        StageReport(
            stage="plan",
            crawl=crawl,
            rows_in=table.num_rows,
            rows_out=chosen.num_rows,
            rejected={"beyond_max_documents": table.num_rows - chosen.num_rows} if params.max_documents else {},
            detail={
                "segments": segments,
                "requests": requests.num_rows,
                "to_generate": missing.num_rows,
                "prompt_tokens": sum(rows["prompt_tokens"]),
                "teacher": teacher.name,
                "teacher_revision": teacher.revision,
                "teacher_license": teacher.license,
            },
        ),
    )


def _frame(recipe: Recipe) -> str:
    return "\n".join(message["content"] for message in recipe.messages(""))


def _request(recipe: Recipe, piece: Segment, seed: int, teacher: Teacher, overhead: int) -> dict[str, object]:
    messages = recipe.messages(piece.text)
    prompt_hash = fingerprint(messages)
    # What is longer than the recipe's contract allows is rejected by the gate, so it need not be generated.
    useful = int(piece.tokens * recipe.contract.max_length_ratio) + CHAT_TOKENS
    sampling = recipe.sampling.model_dump() | {"max_tokens": min(recipe.sampling.max_tokens, useful)}
    row_seed = int(fingerprint(prompt_hash, seed)[:8], 16)
    return {
        "generation_key": fingerprint(messages, teacher.name, teacher.revision, sampling, row_seed),
        "span_start": piece.start,
        "span_end": piece.end,
        "source": piece.text,
        "recipe": recipe.id,
        "recipe_version": recipe.version,
        "prompt_hash": prompt_hash,
        "messages": json.dumps(messages, ensure_ascii=False),
        "prompt_tokens": piece.tokens + overhead + CHAT_TOKENS,
        "teacher": teacher.name,
        "teacher_revision": teacher.revision,
        "seed": row_seed,
        **sampling,
    }


def _fits(request: dict[str, object], max_model_len: int) -> None:
    needed = int(str(request["prompt_tokens"])) + int(str(request["max_tokens"]))
    if needed > max_model_len:
        raise BadInput(
            f"Recipe {request['recipe']} needs {needed} tokens for a prompt and its answer but "
            f"rephrase.engine.max_model_len is {max_model_len}. Raise it, or lower rephrase.max_segment_tokens."
        )
