"""The output names a month, a weekday or a day of a month that its source does not.

``14 November`` for ``14 October`` shows here; ``1912`` for ``1902`` shows in ``new_numbers``. A date in digits may be
written out, in either order of day and month, and a day may lie between two that the source names ("Tue-Sun").
"""

import re

import numpy as np
import pyarrow.compute as pc

from include.validate.checks.check import NONE_AT_ALL, Check
from include.validate.facts.dates import AMBIGUOUS
from include.validate.facts.new_dates import new_dates, rough_days
from include.validate.rows import Rows, Values

_IN_DIGITS = r"\d[-./]\d{1,2}[-./]\d"


_AMBIGUOUS = re.compile(rf"\b(?:{'|'.join(form.capitalize() for form in AMBIGUOUS)})\b")


def measure(rows: Rows) -> Values:
    """How many months, weekdays and days of a month are in the output, but not in the source."""
    new = np.zeros(len(rows))
    in_digits, ambiguous = (
        pc.match_substring_regex(rows.text, pattern).to_numpy(zero_copy_only=False)
        for pattern in (_IN_DIGITS, _AMBIGUOUS.pattern)
    )
    sure = rows.found.dates | in_digits
    for row in np.flatnonzero(sure | ambiguous | rows.found.months):
        text, source = rows.texts[row], rows.sources[row]
        unlike = ambiguous[row] and any(form not in source for form in _AMBIGUOUS.findall(text))
        if sure[row] or unlike or not rough_days(text) <= rough_days(source):
            new[row] = new_dates(text, source)
    return new


CHECK = Check("new_dates", measure, NONE_AT_ALL)
