"""The output states a number that its source does not contain: the surest trace of an invented fact.

Numbers are compared by value: ``1,000`` is ``1000``, ``3.50 %`` is ``3.5``, ``5 million`` is ``5,000,000``,
``thirteen`` is ``13``, ``half`` is ``50 %``, ``5.40 m`` is ``540 cm``. Where a form has several readings (``1.000``),
one that stands in the source is enough. A figure that stands elsewhere in the source passes: what is new is seen here.
"""

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from include.validate.checks.check import NONE_AT_ALL, Check
from include.validate.facts.figures import TURNED, are_known, stated_anew, turned_figures
from include.validate.facts.number_words import LIGHT, NUMBER_WORDS
from include.validate.pairs import NUMERAL
from include.validate.rows import Rows, Values

_TOKEN = re.compile(r"\d[\d.,]*")
_PARTED = r"\d[.,]\d"


def measure(rows: Rows) -> Values:
    """How many different numbers of the output are not in the source."""
    new = np.zeros(len(rows))
    # What may be wrong without a new figure.
    turned = _has(rows.text, TURNED)
    for row in np.flatnonzero(turned).tolist():
        new[row] = turned_figures(rows.texts[row], rows.sources[row])
    worth = rows.found.number_words | (rows.pairs.new.count(NUMERAL) > 0)
    # "50" is no new word where the source has "50,000", nor is "4.3" beside "3.4".
    for row in np.flatnonzero(worth | _has(rows.text, _PARTED) | _has(rows.source, _PARTED)).tolist():
        text, source = rows.texts[row], rows.sources[row]
        if not worth[row] and _tokens(text) <= _tokens(source):
            continue
        said, given = (_words_of(marks[row]) for marks in rows.found.numbers)
        only = [word for word in said if word not in given and word not in LIGHT]
        if rows.found.times[row] or not are_known(text, source, only, given):
            new[row] = max(new[row], stated_anew(text, source, (said, given)))
    return new


def _has(texts: pa.Array, pattern: str) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False)
    return found


def _words_of(marks: NDArray[np.bool_]) -> list[str]:
    return [NUMBER_WORDS[number] for number in np.flatnonzero(marks).tolist()]


def _tokens(text: str) -> set[str]:
    return {token.rstrip(".,") for token in _TOKEN.findall(text)}


CHECK = Check("new_numbers", measure, NONE_AT_ALL)
