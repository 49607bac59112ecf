"""The output ends in the middle of a sentence although the teacher stopped by itself.

A table's cell, an item, a title, a verse, a line of code and an address need no full stop. So a missing one counts only
where the text ends its other sentences with one, and what stands last is as long as a sentence; an ending that goes on
by its nature ("such as", a comma, an open bracket) always counts.
"""

import re

import numpy as np
import pyarrow.compute as pc

from include.recipes.contracts.bullets import BulletsContract
from include.validate.checks.check import NONE_AT_ALL, Check
from include.validate.marks import matching
from include.validate.rows import Rows, Values

TAIL = 48
"""Characters at the end that tell whether a text has to be looked at."""
LONG = 4
"""Words of a last line that count as a sentence where the other lines end like sentences."""
ALONE = 8
"""Words of a last line that count as one where there is no other."""

LONGEST_WORD = 14
"""Characters in which every word of ``_GOES_ON`` has room."""

_OPEN_END = r"[\p{Ll}\p{Lu}\p{Nd}%°€$£,;:=+(\[{/&–—-][\s*_\"”’')\]]*$|(?:^|\n)[#>*\s-]*$"
_CLOSERS = " \t\n*_\"”’'»)]`"
_SENTENCE_END = re.compile(r"[.!?…。！？।؟][*_\"”’'»)\]]*(?:\s|$)")
_GOES_ON = re.compile(
    r"(?:[,;:=+&(\[{–—-]|\b(?:a|an|the|and|or|but|nor|of|to|in|on|at|by|for|from|with|without|into|onto|than|as|"
    r"such as|"
    r"that|which|who|whose|whom|because|since|while|whereas|although|if|when|where|is|are|was|were|be|been|has|"
    r"have|had|"
    r"will|would|can|could|should|must|may|might|its|their|his|her|our|your|my|this|these|those|between|under|about|"
    r"during|including|like|also|not|very|more|most|per|via|e\.g\.|i\.e\.))$",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"(?:https?://|www\.)\S+$|\S+@\S+$|\b[\w-]+\.(?:com|org|net|edu|gov|io|example)(?:/\S*)?$", re.IGNORECASE
)
_LINE_MARK = re.compile(r"^(?:[-*+•>#]+\s+|\d{1,3}[.)]\s+|(?:Question|Answer|Problem|Solution|Q|A):\s*)")
_CODE_END = (";", "{", "}", "```")


def measure(rows: Rows) -> Values:
    """1 where the text breaks off."""
    found = np.zeros(len(rows))
    tails = pc.utf8_slice_codeunits(rows.text, start=-TAIL)
    for row in matching(tails, _OPEN_END):
        items = isinstance(rows.recipes[rows.recipe_of_row[row]].steps[-1].contract, BulletsContract)
        found[row] = breaks_off(rows.text[int(row)].as_py(), items)
    return found


def breaks_off(text: str, items: bool = False) -> bool:
    """Whether ``text`` ends in the middle of a sentence. With ``items``, each line is an item by itself."""
    lines = [line.rstrip() for line in text.rstrip().splitlines() if line.strip()]
    if not lines or lines[-1].startswith(("|", " |", "    ", "\t", "```")) or lines[-1].endswith(_CODE_END):
        return False
    if re.match(r"#{1,6}\s", lines[-1]) and len(lines) > 1:
        return True  # a heading with nothing under it
    last = _LINE_MARK.sub("", lines[-1].strip())
    bare = last.rstrip(_CLOSERS)
    # An address holds no space: with more than the last word the pattern takes far longer.
    if not bare or _ADDRESS.search(bare.split()[-1]):
        return False
    if _GOES_ON.search(bare[-LONGEST_WORD:]) and not _SENTENCE_END.search(last[len(bare) - 1 :]):
        return True
    if not (bare[-1].isalnum() or bare[-1] in "%°€$£/") or (
        bare[-1].isalpha() and bare[-1].lower() == bare[-1].upper()
    ):
        return False
    words = len(last.split())
    others = [line for line in lines[:-1] if not line.lstrip().startswith(("|", "#", "Question:", "Problem:"))]
    ended = sum(_SENTENCE_END.search(line[-6:]) is not None for line in others)
    if last.count("(") > last.count(")") or last.count("“") > last.count("”") or last.count('"') % 2:
        return words >= LONG
    if items or others:
        return words >= LONG and ended > len(others) / 2 if others else words >= ALONE
    # One line: whole sentences before it, or one that is as long as a sentence.
    return words >= ALONE


CHECK = Check("unfinished", measure, NONE_AT_ALL)
