"""Phone numbers in international form, by the plans of all countries in libphonenumber's data."""

import re
from collections.abc import Iterator

# The plus comes first in the pattern: a literal is searched for 40 times faster than what may stand before it.
_CANDIDATE = re.compile(r"\+(?<![\w+]\+)\d[\d ().\-/\u00a0\u2011]{5,30}")


def find(text: str) -> Iterator[tuple[int, int]]:
    """Numbers written with "+" and of a length that their country uses."""
    for candidate in _CANDIDATE.finditer(text):
        from phonenumbers import Leniency, PhoneNumberMatcher

        for match in PhoneNumberMatcher(candidate[0], None, Leniency.POSSIBLE):
            yield candidate.start() + match.start, candidate.start() + match.end
