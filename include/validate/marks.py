"""Wordings by which a check knows an output: counted in texts, but not where the source uses such words itself."""

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from include.recipes.contracts.tags import TagsContract
from include.validate.rows import Rows, Values

GAP = r"[^.!?\n]*"
"""How a pattern writes "somewhere behind in the same sentence"."""
_PIECE = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|.", re.DOTALL)


@dataclass(frozen=True)
class Marks:
    """Patterns in the syntax that RE2 and Python share; letters match in either case, ``\\A`` is the text's start."""

    patterns: tuple[str, ...]

    @cached_property
    def any_of(self) -> str:
        """One RE2 pattern for them all."""
        return f"(?i){'|'.join(f'(?:{pattern})' for pattern in self.patterns)}"

    @cached_property
    def _any_head(self) -> str:
        """The patterns up to where the rest of a sentence may follow: RE2 is slow with many such gaps at once."""
        return f"(?i){'|'.join(head(part) for pattern in self.patterns for part in alternatives(pattern))}"

    @cached_property
    def _compiled(self) -> list[re.Pattern[str]]:
        return [re.compile(pattern, re.IGNORECASE) for pattern in self.patterns]

    def count(self, texts: pa.Array, sources: pa.Array) -> Values:
        """Matches in each text of the patterns that do not match in its source."""
        counts = np.zeros(len(texts))
        begun = matching(texts, self._any_head)
        for row in begun[matching(texts.take(pa.array(begun)), self.any_of)]:
            text, source = texts[int(row)].as_py(), sources[int(row)].as_py()
            counts[row] = sum(
                len(found)
                for pattern in self._compiled
                if (found := pattern.findall(text)) and not pattern.search(source)
            )
        return counts


def alternatives(pattern: str) -> list[str]:
    """The parts between the outermost bars."""
    parts, depth = [""], 0
    for piece in _PIECE.findall(pattern):
        depth += (piece == "(") - (piece == ")")
        if piece == "|" and depth == 0:
            parts.append("")
        else:
            parts[-1] += piece
    return parts


def head(pattern: str) -> str:
    """What stands before the first gap, or before the group that holds it; all of it where that is nothing."""
    gap = pattern.find(GAP)
    if gap < 0:
        return pattern
    depth, start, opened = 0, 0, gap
    for piece in _PIECE.findall(pattern):
        if start >= gap:
            break
        if piece == "(" and depth == 0:
            opened = start
        depth += (piece == "(") - (piece == ")")
        start += len(piece)
    return pattern[: opened if depth else gap] or pattern


def matching(texts: pa.Array, pattern: str) -> NDArray[np.int64]:
    """Rows of ``texts`` in which an RE2 pattern matches."""
    return np.flatnonzero(pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False))


def said(rows: Rows) -> pa.Array:
    """All that the teacher says, also what a contract drops; only the text where it is asked to think aloud before."""
    thinks = [isinstance(recipe.steps[-1].contract, TagsContract) for recipe in rows.recipes]
    if not any(thinks):
        return rows.cleaned
    return pc.if_else(pa.array(np.array(thinks)[rows.recipe_of_row]), rows.text, rows.cleaned)
