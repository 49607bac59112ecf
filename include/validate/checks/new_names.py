"""The output names a person, place, organisation or product that its source does not.

Only the way a word is written tells (:mod:`include.validate.facts.names`): a name without a capital is not seen, and
one that stands elsewhere in the source passes, unless it is joined there to no such neighbour ("Coldwater Lane" of a
Coldwater footbridge and a Mill Lane). Reads English only: other languages get 0.
"""

import numpy as np
import pyarrow.compute as pc

from include.validate.checks.check import NONE_AT_ALL, Check
from include.validate.facts.dates import FORMS
from include.validate.facts.lexicon import common_words, is_english
from include.validate.facts.names import may_join_anew, new_names
from include.validate.pairs import CAPITAL
from include.validate.rows import Rows, Values


def measure(rows: Rows) -> Values:
    """How many different names of the output are not in the source."""
    new = np.zeros(len(rows))
    for row in _candidates(rows):
        if is_english(rows.texts[row]):
            new[row] = new_names(rows.texts[row], rows.sources[row])
    return new


def _candidates(rows: Rows) -> set[int]:
    """Rows with a new word that may be a name, or with two words with capitals that the source does not have so."""
    common, words = common_words(), rows.pairs.new
    capital = (words.kinds & CAPITAL) != 0
    # A word after a letter or a comma is inside a sentence, where an English word with a capital may be a name.
    before, two_before = words.data[words.start[capital] - 1], words.data[words.start[capital] - 2]
    inside = (before == ord(" ")) & ((two_before >= ord("a")) & (two_before <= ord("z")) | (two_before == ord(",")))
    found = {
        row
        for (row, word), is_inside in zip(words.words(CAPITAL), inside.tolist(), strict=True)
        if len(word) > 1 and (is_inside or word.lower() not in common) and word.lower() not in FORMS
    }
    sources = pc.replace_substring(rows.source, "\n", " ").to_pylist()
    found |= {
        row for row, text in enumerate(rows.texts) if row not in found and may_join_anew(text, sources[row] or "")
    }
    return found


CHECK = Check("new_names", measure, NONE_AT_ALL)
