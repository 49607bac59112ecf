"""Columns of every table in the lake (DESIGN.md 6)."""

import pyarrow as pa

from include.ingest.privacy import COUNTERS
from include.ingest.quality.compute import SIGNALS

PAGE = pa.schema(
    [
        ("doc_id", pa.string()),  # WARC-Record-ID, 128-bit hex
        ("crawl", pa.string()),
        ("url", pa.string()),
        ("host", pa.string()),
        ("fetched_at", pa.timestamp("ms", tz="UTC")),
        ("warc_path", pa.string()),
        ("warc_offset", pa.int64()),
        ("language", pa.string()),  # ISO 639-1, 639-3 where there is none
        ("language_score", pa.float32()),
        ("language_share", pa.float32()),  # of the text, in its main language
        ("text", pa.string()),  # Markdown, personal data masked
        ("extractor", pa.string()),  # what took the text out of the page
        ("extraction_confidence", pa.float32()),  # the F1 that it expects of the text; 0 without the C part
        ("content_hash", pa.string()),  # 128-bit hex of the normalised text
        *SIGNALS,
        ("quality_score", pa.float32()),  # 0 to 1
        ("quality_bucket", pa.string()),
        ("robots", pa.string()),  # directives found, comma-separated
        ("tdm_reservation", pa.bool_()),  # null: the page does not say
        ("tdm_policy", pa.string()),
        ("license", pa.string()),  # SPDX id of a Creative Commons licence
        *((f"{kind}s", pa.int32()) for kind in COUNTERS),  # masked in the text
        ("orders", pa.string()),  # words that give a language model orders
        ("contaminated_by", pa.string()),  # benchmark, item and shared words
        ("status", pa.string()),  # kept | rejected | failed
        ("reason", pa.string()),  # null when kept
        ("detail", pa.string()),  # what was measured or what went wrong, for a person
    ]
)
"""One row per page record of a WARC file, whatever became of it.

In the table ``pages`` the status says only whether there is a text: what settings decide over the stored signals
(:mod:`include.ingest.decide`) is in ``documents`` and ``rejected_pages``.
"""

DOCUMENT = pa.schema(
    [field for field in PAGE if field.name not in ("orders", "contaminated_by", "status", "reason", "detail")]
)

WARC_FILE = pa.schema(
    [
        ("path", pa.string()),
        ("complete", pa.bool_()),  # read to its end
        ("bytes", pa.int64()),
        ("records", pa.int64()),
        ("pages", pa.int64()),
        ("skipped", pa.map_(pa.string(), pa.int64())),  # records of other types, by type
        ("failed", pa.int64()),  # records that are damaged
        ("lost_bytes", pa.int64()),  # of the file, that could not be decompressed or belong to no member
        ("damage", pa.string()),  # causes with their counts
    ]
)
"""One row per file of a dump: the proof that it was read, or what is missing."""

PIECE = pa.struct([("end", pa.int32()), ("tokens", pa.int32())])

REQUEST = pa.schema(
    [
        ("generation_key", pa.string()),  # of the chain's first generation
        ("doc_id", pa.string()),
        ("crawl", pa.string()),
        ("segment", pa.int32()),
        ("span_start", pa.int32()),  # characters into documents.text
        ("span_end", pa.int32()),
        ("source", pa.string()),
        ("source_tokens", pa.int32()),
        ("sentences", pa.int32()),  # that begin in this segment
        ("document_sentences", pa.int32()),
        ("pieces", pa.list_(PIECE)),  # for recipes that go along pieces: ends in characters of the source
        ("recipe", pa.string()),
        ("recipe_version", pa.string()),
        ("recipe_hash", pa.string()),
        ("prompt_hash", pa.string()),
        ("prompt_tokens", pa.int32()),  # of the first prompt
        ("predicted_prompt_tokens", pa.int64()),  # of the whole chain
        ("predicted_tokens", pa.int64()),  # output of the whole chain
        ("teacher", pa.string()),
        ("teacher_revision", pa.string()),
        ("teacher_terms", pa.string()),  # why its outputs may train a model: the catalogue's entry, or the override
        ("temperature", pa.float32()),
        ("top_p", pa.float32()),
        ("top_k", pa.int32()),
        ("max_tokens", pa.int32()),
        ("seed", pa.int64()),
    ]
)
"""One row per chain: a segment under a recipe. What the later generations of the chain ask for follows from the row,
the recipe and the results before (:mod:`include.rephrase.chain`)."""

PLANNED = pa.schema([REQUEST.field("generation_key"), REQUEST.field("doc_id"), PAGE.field("url")])
"""The page of every chain that was ever planned, a shard per plan: what in the store was made from it."""

RESULT = pa.schema(
    [
        ("generation_key", pa.string()),
        ("root", pa.string()),  # key of the first generation of its chain
        ("step", pa.string()),
        ("engine", pa.string()),
        ("engine_version", pa.string()),
        ("output", pa.string()),
        ("finish_reason", pa.string()),  # stop | length | error
        ("error", pa.string()),
        ("prompt_tokens", pa.int32()),
        ("completion_tokens", pa.int32()),
    ]
)
"""One row of the store of generations."""

_OF_REQUEST = (
    "generation_key", "doc_id", "crawl", "segment", "span_start", "span_end", "source", "source_tokens", "sentences",
    "document_sentences", "recipe", "recipe_version", "recipe_hash", "prompt_hash", "teacher", "teacher_revision",
    "teacher_terms", "temperature", "top_p", "top_k", "max_tokens", "seed",
)  # fmt: skip

GENERATION = pa.schema(
    [REQUEST.field(name) for name in _OF_REQUEST]
    + [
        pa.field("variant", pa.int32()),  # number of the item that it was made for; 0 where there are none
        pa.field("made_of", pa.list_(pa.string())),  # keys in the store of all generations that it follows from
        pa.field("stopped_at", pa.string()),  # step after which the chain could not go on; null where it is whole
    ]
    + [field for field in RESULT if field.name not in ("generation_key", "root", "step")]
    + [pa.field("depth", pa.int32())]  # 1: made from real text
)
"""One row per text that a chain gave (several where a step repeats for each item), or per chain that gave none.

``generation_key``, prompt hash, sampling and seed are the last generation's; for a text put together from pieces the
key is a hash of theirs. Token counts are sums over the generations that belong to this row alone (a first step is
counted in variant 0).
"""

IDENTITY = ("doc_id", "segment", "recipe", "variant")
"""What names one generation of a dump, and its verdict. Recipes cut a document into segments of their own."""

CHECK = pa.struct([("name", pa.string()), ("value", pa.float64()), ("passed", pa.bool_())])

VERDICT = pa.schema(
    [
        ("generation_key", pa.string()),
        ("doc_id", pa.string()),
        ("segment", pa.int32()),
        ("recipe", pa.string()),
        ("variant", pa.int32()),
        ("accepted", pa.bool_()),
        ("reason", pa.string()),  # the check that decided; null when accepted
        ("checks", pa.list_(CHECK)),
    ]
)
"""One row per generation: every check with its measured value."""

SEMANTICS = pa.schema(
    [
        *((name, GENERATION.field(name).type) for name in ("generation_key", *IDENTITY)),
        ("similarity", pa.float32()),  # of the text's words with the source's words that come closest, on average
        ("support", pa.float32()),  # the same over the run of words where it is lowest, as a share of it
        ("least_supported", pa.string()),  # those words
        ("benchmark_similarity", pa.float32()),  # highest with any benchmark item; 0 where there are none
        ("benchmark_item", pa.string()),  # that item: file and number
    ]
)
"""What a sentence encoder tells of each generation, in the order of ``generations``; null where it could not measure:
no text, or a language that it does not know."""

COVERAGE = pa.schema(
    [
        ("doc_id", pa.string()),
        ("recipe", pa.string()),  # null: by any recipe
        ("sentences", pa.int32()),  # of the document
        ("accepted_sentences", pa.int32()),  # that begin in a segment with an accepted text
        ("coverage", pa.float32()),
    ]
)
"""What share of a document's sentences ended in accepted text."""

JUDGED = pa.schema([*GENERATION, pa.field("text", pa.string()), pa.field("reason", pa.string())])
"""Accepted and quarantined generations; ``text`` is what may be published: the output as its contract reads it."""

CORPUS = pa.schema(
    [
        ("row_id", pa.string()),
        ("text", pa.string()),
        ("origin", pa.string()),  # real | synthetic
        ("recipe", pa.string()),  # null when real
        ("doc_id", pa.string()),  # the page it is or was made from
        ("segment", pa.int32()),  # null when real, as is the variant
        ("variant", pa.int32()),
        ("copy", pa.int32()),  # 0 but where a scarce source is repeated: then 0, 1, 2 ... for the same text
        ("generation_key", pa.string()),  # null when real
        ("teacher", pa.string()),  # null when real
        ("crawl", pa.string()),
        ("url", pa.string()),
        ("host", pa.string()),
        ("words", pa.int32()),
        ("tokens", pa.int32()),  # as include.publish.tokens counts; the corpus' report says by which tokenizer
    ]
)
"""One row of a published corpus; says where it comes from. ``row_id`` is a hash of doc_id, segment, recipe, variant
and copy."""

JUDGEMENT = pa.struct([("score", pa.float32()), ("output", pa.string())])
"""One answer of the judge; the score is null where none could be read in it, which is not a low one."""

PREFERENCE_PAIR = pa.schema(
    [
        ("pair_id", pa.string()),  # hash of prompt, chosen and rejected
        ("round", pa.int32()),  # of the loop; the first model's is 1
        ("crawl", pa.string()),
        ("doc_id", pa.string()),  # the page that the prompt was made from; null where it is of no page
        ("prompt", pa.string()),
        ("chosen", pa.string()),
        ("rejected", pa.string()),
        ("chosen_score", pa.float32()),  # mean of the judgements that have one
        ("rejected_score", pa.float32()),
        ("chosen_judgements", pa.list_(JUDGEMENT)),
        ("rejected_judgements", pa.list_(JUDGEMENT)),
        ("candidates", pa.int32()),  # that the two were chosen from
        ("model", pa.string()),  # that wrote them
        ("model_revision", pa.string()),
        ("judge", pa.string()),
        ("judge_revision", pa.string()),
        ("contaminated_by", pa.string()),  # benchmark, item and shared words, as of a page; null: none found
    ]
)
"""One row per prompt of a round of self-rewarding that two candidates were chosen for."""
