"""The signals of a column of texts: one pass in C over Arrow's buffers, or the same in Python without a compiler.

Signals are stored, and filters are settings over them (:mod:`include.ingest.quality.rules`): a threshold can change
without reading a dump again.
"""

import numpy as np
import pyarrow as pa

from include.ingest.quality import native
from include.ingest.quality.reference import DUPLICATE_NGRAMS, TOP_NGRAMS, measure

SIGNALS = pa.schema(
    [
        ("characters", pa.int32()),
        # Gopher, quality. Pieces are words and punctuation marks, words what is more than punctuation.
        ("words", pa.int32()),
        ("pieces", pa.int32()),
        ("lines", pa.int32()),  # as str.splitlines parts them
        ("mean_word_length", pa.float32()),
        ("symbol_word_ratio", pa.float32()),  # number signs or ellipses, whichever are more, per piece
        ("alphabetic_words", pa.float32()),  # share of the pieces with a letter
        ("bullet_lines", pa.float32()),  # share of the lines
        ("ellipsis_lines", pa.float32()),
        ("stop_words", pa.int32()),  # different ones of Gopher's eight English words
        # Gopher, repetition: share of repeats in number, and in characters of the text
        ("duplicate_lines", pa.float32()),
        ("duplicate_line_characters", pa.float32()),
        ("duplicate_paragraphs", pa.float32()),
        ("duplicate_paragraph_characters", pa.float32()),
        *((f"top_{size}_gram", pa.float32()) for size in TOP_NGRAMS),
        *((f"duplicate_{size}_gram", pa.float32()) for size in DUPLICATE_NGRAMS),
        # FineWeb: shares of the lines that are not blank, of the characters, and line feeds per piece
        ("line_punct_ratio", pa.float32()),
        ("short_line_ratio", pa.float32()),
        ("char_duplicates_ratio", pa.float32()),
        ("new_line_ratio", pa.float32()),
        # C4, in lines of at least three words: sentences in lines without a cue, lines with each cue
        ("sentences", pa.int32()),
        ("lorem_ipsum_lines", pa.int32()),
        ("curly_bracket_lines", pa.int32()),
        ("javascript_lines", pa.int32()),
        ("policy_lines", pa.int32()),
        ("unended_lines", pa.int32()),  # without terminal punctuation
        ("ended_sentences", pa.int32()),  # the first three in lines with terminal punctuation alone
        ("ended_lorem_ipsum_lines", pa.int32()),
        ("ended_curly_bracket_lines", pa.int32()),
    ]
)
"""One column per signal; all of them follow from the text alone."""


def signals(texts: pa.Array | pa.ChunkedArray) -> pa.Table:
    """A row of :data:`SIGNALS` per text (string or large_string); nulls for a null.

    Uses one core, without the GIL but for a moment. Memory beside the result: about 40 bytes per byte of the longest
    text if that is nothing but punctuation, a quarter of it in prose.

    Raises:
        BadInput: a text is longer than 128 MiB.
        MemoryError: there is no memory for the longest text.
    """
    chunks = texts.chunks if isinstance(texts, pa.ChunkedArray) else [texts]
    return pa.Table.from_batches([_measure(chunk) for chunk in chunks], SIGNALS).combine_chunks()


def _measure(texts: pa.Array) -> pa.RecordBatch:
    values = native.measure_all(texts, len(SIGNALS))
    if values is None:
        rows = [measure(text or "") for text in texts.to_pylist()]
        values = np.array(rows, np.float64).reshape(len(texts), len(SIGNALS))
    missing = texts.is_null().to_numpy(zero_copy_only=False) if texts.null_count else None
    columns = [
        pa.array(values[:, place].astype(field.type.to_pandas_dtype()), field.type, mask=missing)
        for place, field in enumerate(SIGNALS)
    ]
    return pa.RecordBatch.from_arrays(columns, schema=SIGNALS)
