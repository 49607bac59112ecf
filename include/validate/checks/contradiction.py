"""A word of the output is the opposite of what its source says: prices that fell have risen, what was closed is open.

A lexicon of opposites (``facts/opposites.txt``) tells, where neither the word nor another for the same stands in the
source; both must be said without a negation, of the same things (two words shared by their sentences). It sees what
words alone show, not a "not" too many or too few. Winner and loser that changed places count, too
(:mod:`include.validate.facts.roles`). Half of the contradictions among the calibration pairs are found. Reads English
only.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from include.validate.checks.check import NONE_AT_ALL, Check
from include.validate.facts.measures import MOVED, turned_measures
from include.validate.facts.polarity import contradictions
from include.validate.facts.roles import TOLD, turned_roles
from include.validate.rows import Rows, Values


def measure(rows: Rows) -> Values:
    """In how many pairs of opposites, and of winners and losers, the output contradicts its source."""
    found = np.zeros(len(rows))
    for row, candidates in rows.found.opposites.items():
        found[row] = contradictions(rows.texts[row], rows.sources[row], candidates)
    with_sign = np.flatnonzero(rows.found.roles)
    told = pc.match_substring_regex(rows.text.take(pa.array(with_sign)), TOLD).to_numpy(zero_copy_only=False)
    for row in with_sign[told].tolist():
        found[row] += turned_roles(rows.texts[row], rows.sources[row])
    moved = pc.match_substring_regex(rows.text, MOVED).to_numpy(zero_copy_only=False)
    for row in np.flatnonzero(moved).tolist():
        found[row] += turned_measures(rows.texts[row], rows.sources[row])
    return found


CHECK = Check("contradiction", measure, NONE_AT_ALL)
