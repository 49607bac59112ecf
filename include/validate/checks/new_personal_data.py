"""The output has personal data that its source has not: made up, or brought back where ingest had masked it.

The recognisers are those of ingest (:mod:`include.ingest.privacy`), and one for telephone numbers as they are written
within a country, which only the word before them tells: a teacher makes those up most often.
"""

import re
from collections.abc import Iterator

import numpy as np
import pyarrow.compute as pc

from include.ingest.privacy import KINDS
from include.validate.checks.check import NONE_AT_ALL, Check
from include.validate.rows import Rows, Values

_MAY_BE_SOME = r"@\w|\d[\d ().\-/\x{00a0}]{5,}\d|[A-Z]{5}\d|::|[0-9a-f]:[0-9a-f]{1,4}:|[A-Z]{2}\d\d"
_CALLED = re.compile(
    r"(?:\b(?:calls?|calling|phones?|telephone|tel|mobile|fax|hotline|helpline|whatsapp|dial)\b|☎|📞)"
    r"[^\n!?]{0,60}?(?<![\w.,/-])(\(?\d(?:(?:[ ()/\-\u00a0\u2011]{1,2}|\.)?\d){6,14})(?![\d,])",
    re.IGNORECASE,
)


def measure(rows: Rows) -> Values:
    """How many different personal data of the output are not in the source."""
    new = np.zeros(len(rows))
    for row in np.flatnonzero(pc.match_substring_regex(rows.text, _MAY_BE_SOME).to_numpy(zero_copy_only=False)):
        new[row] = new_personal_data(rows.texts[row], rows.sources[row])
    return new


def new_personal_data(text: str, source: str) -> int:
    """Whatever the punctuation between its digits or letters is."""
    found = {_bare(datum) for datum in _find(text)}
    bare = _bare(source) if found else ""
    return sum(datum not in bare for datum in found)


def _find(text: str) -> Iterator[str]:
    for _, find in KINDS.values():
        yield from (text[start:end] for start, end in find(text))
    yield from _CALLED.findall(text)


def _bare(text: str) -> str:
    return re.sub(r"[^\w@]", "", text).lower()


CHECK = Check("new_personal_data", measure, NONE_AT_ALL)
