"""The output gives an address (URL, domain, mailbox, account, file) that its source does not contain.

A language model writes addresses that look right and lead nowhere; none may reach a corpus. One that has lost its
subdomain or a letter is another address.
"""

import re
from functools import lru_cache

import numpy as np
import pyarrow.compute as pc

from include.validate.checks.check import NONE_AT_ALL, Check
from include.validate.facts.addresses import new_urls, signed_words
from include.validate.facts.words import SOURCES_KEPT
from include.validate.rows import Rows, Values

_MAY_BE_ONE = r"@\w|://|\bwww\.|[A-Za-z0-9]\.[A-Za-z]{2}|[\s(]~?\.{0,2}/\w|:\\"
_AROUND = "()[]<>\"'“”‘’*_,:;!?"

_NO_ADDRESS = re.compile(r"(?:[A-Za-z]|\d+)(?:[.,:](?:[A-Za-z]|\d+))*")
"""``p.m`` or ``1.5``: no domain or ending of a file has one letter."""


def measure(rows: Rows) -> Values:
    """How many different addresses of the output are not in the source."""
    new = np.zeros(len(rows))
    for row in np.flatnonzero(pc.match_substring_regex(rows.text, _MAY_BE_ONE).to_numpy(zero_copy_only=False)):
        text, source = rows.texts[row], rows.sources[row]
        if not _bare(text) <= _bare_of_source(source):
            new[row] = new_urls(text, source)
    return new


def _bare(text: str) -> set[str]:
    """Words that may hold an address, without what stands around them."""
    bare = {word.strip(_AROUND).rstrip(".").strip(_AROUND) for word in signed_words(text)}
    return {word for word in bare if not _NO_ADDRESS.fullmatch(word)}


@lru_cache(maxsize=SOURCES_KEPT)
def _bare_of_source(source: str) -> frozenset[str]:
    return frozenset(_bare(source))


CHECK = Check("new_urls", measure, NONE_AT_ALL)
