"""Columns of every table in the lake (DESIGN.md 6)."""

import pyarrow as pa

PAGE = pa.schema(
    [
        ("doc_id", pa.string()),  # WARC-Record-ID, 128-bit hex
        ("crawl", pa.string()),
        ("url", pa.string()),
        ("host", pa.string()),
        ("fetched_at", pa.timestamp("ms", tz="UTC")),
        ("warc_path", pa.string()),
        ("warc_offset", pa.int64()),
        ("language", pa.string()),
        ("language_score", pa.float32()),
        ("text", pa.string()),
        ("content_hash", pa.string()),  # 128-bit hex of the normalised text
        ("words", pa.int32()),
        ("mean_word_length", pa.float32()),
        ("symbol_word_ratio", pa.float32()),
        ("alphabetic_words", pa.float32()),
        ("duplicate_line_share", pa.float32()),
        ("robots", pa.string()),  # directives found, comma-separated
        ("emails", pa.int32()),  # masked in the text
        ("phones", pa.int32()),  # masked in the text
        ("status", pa.string()),  # kept | rejected | failed
        ("reason", pa.string()),  # null when kept
        ("detail", pa.string()),  # what was measured or what went wrong, for a person
    ]
)
"""One row per page record of a WARC file, whatever became of it."""

DOCUMENT = pa.schema([field for field in PAGE if field.name not in ("status", "reason", "detail")])

REQUEST = pa.schema(
    [
        ("generation_key", pa.string()),
        ("doc_id", pa.string()),
        ("crawl", pa.string()),
        ("segment", pa.int32()),
        ("span_start", pa.int32()),  # characters into documents.text
        ("span_end", pa.int32()),
        ("source", pa.string()),
        ("recipe", pa.string()),
        ("recipe_version", pa.string()),
        ("prompt_hash", pa.string()),
        ("messages", pa.string()),  # JSON list of {role, content}
        ("prompt_tokens", pa.int32()),
        ("teacher", pa.string()),
        ("teacher_revision", pa.string()),
        ("temperature", pa.float32()),
        ("top_p", pa.float32()),
        ("max_tokens", pa.int32()),
        ("seed", pa.int64()),
    ]
)
"""One row per segment and recipe; the key alone decides whether something must be generated."""

RESULT = pa.schema(
    [
        ("generation_key", pa.string()),
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

GENERATION = pa.schema(
    [field for field in REQUEST if field.name not in ("messages", "prompt_tokens")]
    + [field for field in RESULT if field.name != "generation_key"]
    + [pa.field("depth", pa.int32())]  # 1: made from real text
)

CHECK = pa.struct([("name", pa.string()), ("value", pa.float64()), ("passed", pa.bool_())])

VERDICT = pa.schema(
    [
        ("generation_key", pa.string()),
        ("doc_id", pa.string()),
        ("segment", pa.int32()),
        ("recipe", pa.string()),
        ("accepted", pa.bool_()),
        ("reason", pa.string()),  # the check that decided; null when accepted
        ("checks", pa.list_(CHECK)),
    ]
)
"""One row per generation: every check with its measured value."""

JUDGED = pa.schema([*GENERATION, pa.field("text", pa.string()), pa.field("reason", pa.string())])
"""Accepted and quarantined generations; ``text`` is the cleaned output."""

CORPUS = pa.schema(
    [
        ("row_id", pa.string()),
        ("text", pa.string()),
        ("origin", pa.string()),  # real | synthetic
        ("recipe", pa.string()),  # null when real
        ("doc_id", pa.string()),  # the page it is or was made from
        ("generation_key", pa.string()),  # null when real
        ("teacher", pa.string()),  # null when real
        ("crawl", pa.string()),
        ("url", pa.string()),
        ("host", pa.string()),
        ("words", pa.int32()),
    ]
)
"""One row of a published corpus; says where it comes from."""
