"""Parameters of decontamination; apart from ``include/params.py`` because the gate takes them, too."""

from pathlib import Path
from typing import Literal

from include.sections import Count, Section, Share


class ContaminationParams(Section):
    """Benchmark items that stand in documents (:mod:`include.ingest.contamination`)."""

    files: list[Path] = []
    """JSONL or Parquet with a ``text`` per item, or plain text with an item per line (``.txt``)."""
    words: Count = 13
    """An item with so many words in a row in common is found; GPT-3 (arXiv 2005.14165, C)."""
    overlap_words: Count = 10
    """So many in a row count towards the share below; Phi-1 (arXiv 2306.11644), Cosmopedia."""
    overlap: Share = 0.5
    """An item of which a larger share of words stands in such stretches is found, too; Cosmopedia."""
    action: Literal["reject", "cut"] = "reject"
    """``reject`` the document, or ``cut`` out what it shares with 200 characters around it (GPT-3, C)."""
