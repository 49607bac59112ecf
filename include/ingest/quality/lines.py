"""C4's other half: lines that are taken out of a text that stays.

Not part of the verdict and off unless asked for: a page whose text goes to a teacher keeps its headings, short items of
lists and code, which C4 removes as lines of fewer than three words. datatrove's filter always removes them.
"""

import pyarrow as pa

from include.ingest.quality.reference import clean_line, has_line_end, judge_line


def clean_lines(texts: pa.Array | pa.ChunkedArray, *, terminal_punctuation: bool = False) -> pa.Array:
    """The texts with only the lines that C4 keeps (joined by line feeds, without marks of citations); null for null.

    Removed are lines of fewer than three words or with one of over 1,000 characters, about JavaScript, policies or
    cookies, and with ``terminal_punctuation`` all that do not end in one of ``. ? ! " '``. Lines that make C4 reject
    the whole text (lorem ipsum, curly brackets) stay: that is for the rules.
    """
    cleaned = [None if text is None else _clean(text, terminal_punctuation) for text in texts.to_pylist()]
    return pa.array(cleaned, pa.string())


def _clean(text: str, terminal_punctuation: bool) -> str:
    lines = [kept for line in text.splitlines() if (kept := clean_line(line)) is not None]
    return "\n".join(
        line
        for line in lines
        if judge_line(line) not in ("javascript", "policy") and (has_line_end(line) or not terminal_punctuation)
    ).strip()
