"""Masks personal data with typed placeholders and counts it.

Every kind is a module with a function ``find(text)`` that yields (start, end) in characters. Each begins with a search
for something rare that every match contains (an ``@``, a ``+``, a dot between digits): clean text passes that at up to
2,500 MB/s, where a pattern that may begin anywhere runs at 40 to 100. From there each looks a bounded way to both
sides, so no text makes it slow.

Precision comes first: what has no tell-tale form needs its check digit, its country's length, or its name before it.
"""

from collections.abc import Callable, Collection, Iterator
from functools import partial
from typing import NamedTuple

from include.ingest.privacy import card, email, iban, ids, ip, phone

Finder = Callable[[str], Iterator[tuple[int, int]]]

KINDS: dict[str, tuple[str, Finder]] = {
    "email": ("email", email.find),
    "iban": ("iban", iban.find),
    "card": ("card", card.find),
    **{f"id_{country}": ("id", partial(ids.find, country=country)) for country in ids.COUNTRIES},
    "ip": ("ip", ip.find),
    "phone": ("phone", phone.find),
}
"""Counter and finder of each kind; where two begin at the same place, the one named first wins. The placeholder is the
counter in capitals between ``<`` and ``>``."""
COUNTERS = ("email", "phone", "ip", "iban", "card", "id")
DEFAULT = ("email", "phone", "ip", "iban", "card")
"""Identity numbers mean something in their country only, so they are chosen by country."""


class Masked(NamedTuple):
    text: str
    counts: dict[str, int]
    """How often each of ``COUNTERS`` was masked."""


def mask(text: str, kinds: Collection[str] = DEFAULT) -> Masked:
    """The text with everything of these ``kinds`` (names in ``KINDS``) replaced, and how much there was of each."""
    found = []
    for rank, (kind, (counter, find)) in enumerate(KINDS.items()):
        if kind in kinds:
            found += [(start, rank, end, counter) for start, end in find(text)]
    counts = dict.fromkeys(COUNTERS, 0)
    if not found:
        return Masked(text, counts)
    pieces, done = [], 0
    for start, _, end, counter in sorted(found):
        if start >= done:
            pieces += [text[done:start], f"<{counter.upper()}>"]
            counts[counter] += 1
            done = end
    return Masked("".join([*pieces, text[done:]]), counts)
